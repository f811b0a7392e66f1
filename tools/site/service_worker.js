// Keeps the page usable without network. tools/site/offline.js writes BUILD, FILES and RELAXED_MADD above
// this line.
//
//   index.html, the catalogue, the default model: from the network; kept copies where there is none
//   files with a hash in their name: from the kept copies; they never change
//   everything else, such as the hub: not touched
//
// The files of this build and of the one before are kept: a tab that was open when a build came goes on with
// its own files. The page says that a new build is there, and the visitor reloads when they like.

/** @typedef {{ waitUntil(done: Promise<unknown>): void }} Extendable */
/** @typedef {Extendable & { request: Request, respondWith(answer: Promise<Response>): void }} Fetching */

const worker = /** @type {any} */ (globalThis);
const { BUILD, FILES, RELAXED_MADD } =
  /** @type {{ BUILD: string, FILES: string[], RELAXED_MADD: number[] }} */ (worker);
const PREFIX = 'headscope-build-';
const HASHED = /-[\w-]{8}\.(?:js|css|wasm|svg)$/;
/** The wasm of the engine that this browser does not get: www/engine/simd.js chooses in the same way. */
const OTHER_ENGINE = WebAssembly.validate(Uint8Array.from(RELAXED_MADD))
  ? /headscope_bg-/
  : /headscope_relaxed_bg-/;
/** A shell that takes longer comes from the kept copies, if there are any. */
const PATIENCE_MS = 4000;

worker.addEventListener('install', (/** @type {Extendable} */ event) => {
  event.waitUntil(install().then(() => worker.skipWaiting()));
});

worker.addEventListener('activate', (/** @type {Extendable} */ event) => {
  event.waitUntil(
    forget()
      .then(() => worker.clients.claim())
      .then(() => worker.clients.matchAll())
      .then((clients) =>
        clients.forEach((/** @type {any} */ client) => client.postMessage({ build: BUILD })),
      ),
  );
});

worker.addEventListener('fetch', (/** @type {Fetching} */ event) => {
  const { request } = event;
  const { origin, pathname } = new URL(request.url);
  if (request.method !== 'GET' || origin !== worker.location.origin) return;
  if (!pathname.startsWith(new URL('./', worker.location.href).pathname)) return;
  event.respondWith(HASHED.test(pathname) ? keptFirst(request) : networkFirst(request));
});

/** Keeps every file of this build that this browser gets; all of them or none. */
async function install() {
  const cache = await caches.open(PREFIX + BUILD);
  await Promise.all(
    FILES.filter((file) => !OTHER_ENGINE.test(file)).map(async (file) => {
      // Files with a hash never change. The page has just loaded them: the browser's own cache has them.
      const response = await fetch(file, { cache: HASHED.test(file) ? 'force-cache' : 'no-cache' });
      if (!response.ok) throw new Error(`${file}: ${response.status}`);
      await cache.put(file, response);
    }),
  );
}

/** Forgets all builds but this one and the one before. */
async function forget() {
  const builds = (await caches.keys()).filter((name) => name.startsWith(PREFIX) && name !== PREFIX + BUILD);
  await Promise.all(builds.slice(0, -1).map((name) => caches.delete(name)));
}

/** The kept copy, of this build first. @param {Request | string} request */
async function kept(request) {
  const own = await (await caches.open(PREFIX + BUILD)).match(request, { ignoreSearch: true });
  return own ?? caches.match(request, { ignoreSearch: true });
}

/** @param {Request} request */
async function keptFirst(request) {
  return (await kept(request)) ?? fetch(request);
}

/** @param {Request} request */
async function networkFirst(request) {
  const answer = fetch(request);
  answer.catch(() => {}); // told below, or there is a copy
  const copy = await kept(request);
  if (!copy) return answer;
  /** @type {Promise<null>} */
  const late = new Promise((resolve) => setTimeout(() => resolve(null), PATIENCE_MS));
  const first = await Promise.race([answer.catch(() => null), late]);
  return first?.ok ? first : copy;
}
