/**
 * Keeps the page usable without network, by its service worker, and notices when the site has a new build.
 */

import { BUILD } from '../base/build.js';
import { trusted } from '../base/trusted.js';

/** How often a page that stays open asks for a new build. */
const ASK_MS = 30 * 60_000;

/**
 * Registers the service worker of the built page. Calls `ready` when the site has another build than this
 * page.
 * @param {() => void} ready
 */
export async function watchBuilds(ready) {
  const { serviceWorker } = globalThis.navigator ?? {};
  if (BUILD === 'unbundled' || !serviceWorker) return;
  serviceWorker.addEventListener('message', ({ data }) => {
    if (typeof data?.build === 'string' && data.build !== BUILD) ready();
  });
  try {
    const address = new URL('service_worker.js', document.baseURI).href;
    const registration = await serviceWorker.register(trusted(address));
    const ask = () => void registration.update().catch(() => {}); // without network there is no news
    setInterval(ask, ASK_MS);
    document.addEventListener('visibilitychange', () => document.visibilityState === 'visible' && ask());
  } catch {
    // A private window, or a browser that forbids it: the page then needs the network.
  }
}

/**
 * Whether the site has another build than this page, by its own word. False without network.
 */
export async function isOutdated() {
  if (BUILD === 'unbundled') return false;
  try {
    const response = await fetch(new URL('service_worker.js', document.baseURI), { cache: 'no-store' });
    const build = /BUILD = "(\w+)"/.exec(await response.text())?.[1];
    return build !== undefined && build !== BUILD;
  } catch {
    return false;
  }
}
