// A browser's Worker made of one of Node's threads: the store's hashing runs in the tests as on a page.
import { Worker as NodeThread } from 'node:worker_threads';

const MAIN = new URL('./node_worker_main.js', import.meta.url);

/** Workers that were started and not ended. @type {Set<NodeWorker>} */
export const running = new Set();

export class NodeWorker {
  /** @type {((event: { data: any }) => void) | null} */ onmessage = null;
  /** @type {((event: { message?: string, preventDefault(): void }) => void) | null} */ onerror = null;

  /**
   * @param {URL | string} script
   * @param {{ unreadable?: boolean }} [how] `unreadable`: no Blob can be read there
   */
  constructor(script, { unreadable = false } = {}) {
    running.add(this);
    this.thread = new NodeThread(MAIN, { workerData: { script: String(script), unreadable } });
    this.thread.on('message', (data) => running.has(this) && this.onmessage?.({ data }));
    this.thread.on('error', ({ message }) => this.onerror?.({ message, preventDefault() {} }));
  }

  /** @param {unknown} message */
  postMessage(message) {
    this.thread.postMessage(message);
  }

  terminate() {
    running.delete(this);
    void this.thread.terminate();
  }
}

/** Puts it in the place of the browser's Worker. */
export function installWorker() {
  Object.assign(globalThis, { Worker: NodeWorker, origin: 'null' });
}
