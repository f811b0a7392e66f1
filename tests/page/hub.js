// A model hub of local files. Its front redirects every file to its storage on another origin.
// A test can make the storage break off, refuse or lie.
import { createReadStream, statSync } from 'node:fs';
import { createServer } from 'node:http';
import { fileURLToPath } from 'node:url';

const FIXTURES = fileURLToPath(new URL('../fixtures/', import.meta.url));

/** @param {string} name */
export const fixture = (name) => FIXTURES + name;

/** A catalogue entry for a model of this hub, which is one of the fixtures. */
export const ENTRY = {
  id: 'planted',
  name: 'Planted circuits',
  weights: {
    repo: 'someone/planted',
    file: 'model.safetensors',
    bytes: statSync(fixture('planted_f32.weights.safetensors')).size,
  },
  config: { repo: 'someone/planted', file: 'config.json' },
  published: { source: 'https://huggingface.co/someone/planted', induction: ['1.0'] },
};

/** @type {Record<string, string>} */
const FILES = {
  'someone/planted/model.safetensors': fixture('planted_f32.weights.safetensors'),
  'someone/planted/config.json': fixture('planted_f32.config.json'),
};

/**
 * @typedef {object} Answer how an answer differs from the file
 * @property {number} [status]
 * @property {Record<string, string>} [headers]
 * @property {string} [body]
 * @property {number} [only] bytes before the connection breaks
 * @property {number} [held] bytes before the storage stops sending, with the connection open
 * @property {{ bytes: number, ms: number }} [slow] sends so many bytes at once, and waits in between
 *
 * @typedef {object} Hub
 * @property {string[]} asked the requested files, without lists of files: `model.safetensors`,
 *   `model.safetensors bytes=100-`
 * @property {{ next: ((name: string) => Answer | null) | null }} plan makes the next answers
 * @property {() => Promise<void>} close
 */

/**
 * @param {import('@playwright/test').Page} page
 * @param {Record<string, string>} [files] of the hub, by `owner/name/file`
 * @param {object[] | null} [entries] replace all of the catalogue but its first; null: the catalogue stays
 * @returns {Promise<Hub>}
 */
export async function hubOf(page, files = FILES, entries = [ENTRY]) {
  /** @type {string[]} */ const asked = [];
  /** @type {Hub['plan']} */ const plan = { next: null };
  const storage = createServer(async (request, response) => {
    const path = decodeURIComponent(request.url ?? '').slice(1);
    const name = path.split('/').pop() ?? '';
    const range = /^bytes=(\d+)-$/.exec(request.headers.range ?? '');
    asked.push(range && range[1] !== '0' ? `${name} ${request.headers.range}` : name);
    const different = plan.next?.(name) ?? {};
    const open = {
      'access-control-allow-origin': '*',
      'access-control-expose-headers': 'ETag, Content-Range, Retry-After',
    };
    if (different.status !== undefined)
      return void response
        .writeHead(different.status, { ...open, ...different.headers })
        .end(different.body ?? '');
    const { size } = statSync(files[path]);
    const start = range ? Number(range[1]) : 0;
    const last = Math.min(size, start + (different.only ?? different.held ?? size));
    const headers = {
      ...open,
      etag: '"one"',
      'content-type': 'application/octet-stream',
      'content-length': size - start,
      'content-range': `bytes ${start}-${size - 1}/${size}`,
      ...different.headers,
    };
    const before = await page.evaluate(() => Number(/** @type {any} */ (globalThis).bytesRead));
    response.writeHead(range ? 206 : 200, headers);
    const highWaterMark = different.slow?.bytes ?? 1 << 20;
    const pieces = start < last ? createReadStream(files[path], { start, end: last - 1, highWaterMark }) : [];
    for await (const piece of pieces) {
      if (response.destroyed) return;
      await new Promise((resolve) => response.write(piece, resolve));
      if (different.slow) await new Promise((resolve) => setTimeout(resolve, different.slow?.ms));
    }
    if (last === size) return void response.end();
    if (different.held !== undefined) return;
    // A broken connection loses the bytes that the page has not read, so the page reads them first.
    const all = before + Math.max(0, last - start);
    await page.waitForFunction((bytes) => /** @type {any} */ (globalThis).bytesRead >= bytes, all);
    response.destroy();
  });
  await new Promise((resolve) => storage.listen(0, '127.0.0.1', () => resolve(undefined)));
  const address = storage.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;

  await page.addInitScript(() => {
    const { read } = ReadableStreamDefaultReader.prototype;
    /** @type {any} */ (globalThis).bytesRead = 0;
    ReadableStreamDefaultReader.prototype.read = async function () {
      const result = await read.call(this);
      /** @type {any} */ (globalThis).bytesRead += result.value?.byteLength ?? 0;
      return result;
    };
  });
  await page.route('**/models/catalogue.json', async (route) => {
    const own = await (await route.fetch()).json();
    await route.fulfill({
      json: entries ? { ...own, models: [...own.models.slice(0, 1), ...entries] } : own,
    });
  });
  // The page's policy allows the hub's own hosts. This hub's storage is another one.
  await page.route('**/*', async (route) => {
    if (route.request().resourceType() !== 'document') return route.fallback();
    const answer = await route.fetch();
    const allowed = `connect-src http://127.0.0.1:${port} `;
    await route.fulfill({ response: answer, body: (await answer.text()).replace('connect-src ', allowed) });
  });
  await page.route('https://huggingface.co/**', (route) => {
    const { pathname } = new URL(route.request().url());
    const listed = /^\/api\/models\/(.*)$/.exec(pathname)?.[1];
    if (listed) return route.fulfill(listOf(listed, files, plan.next?.('list') ?? {}));
    const [, repo, file] = /^\/([^/]+\/[^/]+)\/resolve\/main\/(.*)$/.exec(pathname) ?? [];
    return route.fulfill({
      status: 302,
      headers: { 'access-control-allow-origin': '*', location: `http://127.0.0.1:${port}/${repo}/${file}` },
    });
  });
  return {
    asked,
    plan,
    close: () =>
      new Promise((resolve) => {
        storage.close(() => resolve());
        storage.closeAllConnections();
      }),
  };
}

/**
 * The hub's list of a repository's files, at the commit `main`.
 * @param {string} repo @param {Record<string, string>} files @param {Answer} different
 */
function listOf(repo, files, { status, body = '' }) {
  const headers = { 'access-control-allow-origin': '*' };
  if (status !== undefined) return { status, headers, body };
  const siblings = Object.entries(files)
    .filter(([path]) => path.startsWith(`${repo}/`))
    .map(([path, file]) => ({ rfilename: path.slice(repo.length + 1), size: statSync(file).size }));
  if (!siblings.length) return { status: 404, headers, json: { error: 'Repository not found' } };
  return { headers, json: { sha: 'main', cardData: { license: 'mit' }, siblings } };
}

/**
 * @param {import('@playwright/test').Page} page
 * @param {{ name: string, content: Buffer | string }[]} files to drop on the page together
 */
export function dropFiles(page, files) {
  const plain = files.map(({ name, content }) => ({ name, base64: Buffer.from(content).toString('base64') }));
  return page.evaluate((given) => {
    const dataTransfer = new DataTransfer();
    for (const { name, base64 } of given)
      dataTransfer.items.add(new File([Uint8Array.from(atob(base64), (char) => char.charCodeAt(0))], name));
    document.body.dispatchEvent(new DragEvent('drop', { dataTransfer, bubbles: true, cancelable: true }));
  }, plain);
}
