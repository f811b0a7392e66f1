/**
 * The place where downloaded files stay in this browser: blobs by name. It is the origin's private file
 * system where pages may write there, else the Cache API. There is none in a private window, after a refusal,
 * or in an old browser.
 *
 * @typedef {object} Shelf
 * @property {(name: string) => Promise<Blob | null>} read null where there is no such file; the blob stays on
 *   the disk until it is read
 * @property {(name: string, blob: Blob) => Promise<void>} write rejects when the disk is full or the browser
 *   refuses
 * @property {(name: string) => Promise<void>} remove
 * @property {() => Promise<string[]>} names
 */

const FOLDER = 'headscope-models';

/** The cache wants addresses; no server has this one. */
const ADDRESS = 'https://kept.headscope.invalid/';

/** @returns {Promise<Shelf | null>} */
export async function openShelf() {
  for (const open of [openFiles, openCache]) {
    try {
      const shelf = await open();
      // A browser may offer a place and refuse to write there.
      await shelf.write('.asked', new Blob(['.']));
      await shelf.remove('.asked');
      return shelf;
    } catch {
      // The next place, or none: the page tells what that means when a model is downloaded.
    }
  }
  return null;
}

/** @returns {Promise<Shelf>} */
async function openFiles() {
  const root = await navigator.storage.getDirectory();
  // The browser may delete the folder while the page is open: each use makes it where it is gone.
  const opened = () => root.getDirectoryHandle(FOLDER, { create: true });
  await opened();
  return {
    async read(name) {
      try {
        return await (await (await opened()).getFileHandle(name)).getFile();
      } catch (error) {
        if (/** @type {Error} */ (error).name === 'NotFoundError') return null;
        throw error;
      }
    },
    async write(name, blob) {
      const folder = await opened();
      const file = await (await folder.getFileHandle(name, { create: true })).createWritable();
      try {
        await file.write(blob);
        await file.close();
      } catch (error) {
        await file.abort().catch(() => {}); // the failure may have closed it
        await folder.removeEntry(name).catch(() => {});
        throw error;
      }
    },
    async remove(name) {
      try {
        await (await opened()).removeEntry(name);
      } catch (error) {
        if (/** @type {Error} */ (error).name !== 'NotFoundError') throw error;
      }
    },
    async names() {
      /** @type {string[]} */ const found = [];
      for await (const name of /** @type {any} */ (await opened()).keys()) found.push(name);
      return found;
    },
  };
}

/** @returns {Promise<Shelf>} */
async function openCache() {
  const cache = await caches.open(FOLDER);
  const address = (/** @type {string} */ name) => ADDRESS + encodeURIComponent(name);
  return {
    read: async (name) => (await (await cache.match(address(name)))?.blob()) ?? null,
    write: (name, blob) => cache.put(address(name), new Response(blob)),
    remove: async (name) => void (await cache.delete(address(name))),
    names: async () => (await cache.keys()).map(({ url }) => decodeURIComponent(url.slice(ADDRESS.length))),
  };
}
