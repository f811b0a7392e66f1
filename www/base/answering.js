/**
 * The worker's side of base/thread.js: answers calls, and holds a lock as long as the worker lives.
 *
 * A call `{ call, method, args }` is answered by `{ call, value }` or `{ call, error }`. Unasked the worker
 * sends `{ build }`, the name of its build, `{ lock }`, the name of its lock, and `{ broken }`, when it
 * cannot go on.
 *
 * @typedef {import('./thread.js').Told} Told
 */

import { BUILD } from './build.js';

/**
 * Answers the calls that arrive in this worker.
 * @param {(method: string, args: unknown[]) => Promise<unknown>} perform
 * @param {(thrown: unknown) => Told} told turns an error into plain data: an error that is sent as it is
 *   loses its name and its fields
 */
export function answerCalls(perform, told) {
  addEventListener('message', async ({ data: { call, method, args } }) => {
    try {
      const value = await perform(method, args);
      postMessage({ call, value }, { transfer: buffersOf(value) });
    } catch (error) {
      postMessage({ call, error: told(error) });
    }
  });
  // A trap inside a future of wasm never settles the promise that waits for it.
  addEventListener('unhandledrejection', (event) => {
    event.preventDefault();
    postMessage({ broken: told(event.reason) });
  });
  postMessage({ build: BUILD });
  holdLock();
}

/**
 * Holds a lock until this worker dies, and tells its name. Only pages from https or localhost have locks, and
 * some frames may not use them: there nobody notices a worker that the browser ended.
 */
function holdLock() {
  const locks = globalThis.navigator?.locks;
  if (!locks) return;
  const lock = `headscope-${crypto.randomUUID()}`;
  const held = locks.request(lock, () => {
    postMessage({ lock });
    return new Promise(() => {});
  });
  held.catch(() => {});
}

/**
 * The memory of a result's arrays: it is handed over, not copied.
 * @param {unknown} value an array, or an object that has some
 * @returns {Transferable[]}
 */
function buffersOf(value) {
  const fields = ArrayBuffer.isView(value) ? [value] : Object.values(Object(value));
  return [...new Set(fields.filter((field) => ArrayBuffer.isView(field)).map((field) => field.buffer))];
}
