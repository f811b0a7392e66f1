// A hub and a browser's cache in memory, for tests of the store in Node.

export const ADDRESS = 'https://huggingface.co/someone/planted/resolve/main/model.pth';

/** The cache of one browser. A test can make it refuse writes. */
export function cache() {
  /** @type {Map<string, Blob>} */ const files = new Map();
  /** @type {{ refuse: ((address: string) => boolean) | null }} */ const plan = { refuse: null };
  const check = (/** @type {string} */ address) => {
    if (plan.refuse?.(address)) throw new DOMException('no room', 'QuotaExceededError');
  };
  const opened = {
    match: async (/** @type {string} */ address) =>
      files.has(address) ? { blob: async () => files.get(address) } : undefined,
    async put(/** @type {string} */ address, /** @type {Response} */ response) {
      check(address);
      files.set(address, await response.blob());
    },
    async delete(/** @type {string} */ address) {
      check(`delete ${address}`);
      return files.delete(address);
    },
    keys: async () => [...files.keys()].map((url) => ({ url })),
  };
  return { files, plan, caches: { open: async () => opened } };
}

/**
 * The cache as the store's storage.
 * @param {ReturnType<typeof cache>} from
 * @returns {import('../../www/store/storage.js').Shelf}
 */
export function shelf({ files, plan }) {
  const check = (/** @type {string} */ name) => {
    if (plan.refuse?.(name)) throw new DOMException('no room', 'QuotaExceededError');
  };
  return {
    read: async (name) => files.get(name) ?? null,
    async write(name, blob) {
      check(name);
      files.set(name, blob);
    },
    async remove(name) {
      check(`delete ${name}`);
      files.delete(name);
    },
    names: async () => [...files.keys()],
  };
}

/**
 * Answers as the hub's storage does: a range for a range, with the headers that other origins may see.
 * @typedef {Response | Promise<Response> | Uint8Array} Answer     bytes: the whole file
 * @param {(range: number | null, signal: AbortSignal | undefined) => Answer} answer
 */
export function answering(answer) {
  /** @type {(string | null)[]} */ const asked = [];
  globalThis.fetch = async (_, init) => {
    init?.signal?.throwIfAborted();
    const range = new Headers(init?.headers).get('range');
    asked.push(range);
    const start = range === null ? null : Number(/^bytes=(\d+)-$/.exec(range)?.[1]);
    const found = await answer(start, init?.signal ?? undefined);
    return found instanceof Uint8Array ? ranged(found, start) : found;
  };
  return asked;
}

/**
 * @param {Uint8Array} file
 * @param {number | null} start
 * @param {{ only?: number, etag?: string }} [how] `only`: bytes before a clean end
 */
export function ranged(file, start, { only = file.length, etag = '"one"' } = {}) {
  const from = start ?? 0;
  const headers = { etag, 'content-range': `bytes ${from}-${file.length - 1}/${file.length}` };
  const body = /** @type {Uint8Array<ArrayBuffer>} */ (file.slice(from, Math.min(file.length, from + only)));
  return start === null
    ? new Response(body, { headers: { etag } })
    : new Response(body, { status: 206, headers });
}

/** The locks of a browser, which all its tabs share. */
export function locks() {
  /** @type {Map<string, Promise<unknown>>} */ const held = new Map();
  return {
    /**
     * @param {string} name
     * @param {{ ifAvailable?: boolean, signal?: AbortSignal }} options
     * @param {(lock: object | null) => unknown} work
     */
    async request(name, { ifAvailable, signal }, work) {
      while (held.has(name)) {
        if (ifAvailable) return work(null);
        const stop = new Promise((_, reject) =>
          signal?.addEventListener('abort', () => reject(signal.reason)),
        );
        await Promise.race([held.get(name), stop]);
      }
      const done = Promise.resolve(work({ name }));
      held.set(
        name,
        done.catch(() => {}).then(() => held.delete(name)),
      );
      return done;
    },
  };
}
