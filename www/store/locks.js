/**
 * Lets one tab of this browser work on a kept file at a time: two tabs that write the same file would mix
 * their bytes.
 *
 * @typedef {import('./progress.js').Progress} Progress
 */
import { aborted } from '../base/failure.js';

/** @param {string} name of the kept file */
const lockOf = (name) => `headscope ${name}`;

/**
 * Does something with a kept file once no other tab works on it. In a browser without locks, at once.
 * @template T
 * @param {string} name
 * @param {Progress} progress is told of the wait
 * @param {AbortSignal | undefined} signal ends it
 * @param {() => Promise<T>} work
 * @returns {Promise<T>}
 */
export async function alone(name, progress, signal, work) {
  const locks = globalThis.navigator?.locks;
  if (!locks) return work();
  let waits = false;
  const tellWait = (/** @type {boolean} */ now) => {
    if (now === waits) return;
    waits = now;
    progress.waits(now);
  };
  const begin = () => {
    tellWait(false);
    return work();
  };
  const free = await locks.request(
    lockOf(name),
    { ifAvailable: true },
    async (lock) => lock && { done: await begin() },
  );
  if (free) return free.done;
  tellWait(true);
  try {
    return await locks.request(lockOf(name), { signal }, begin);
  } catch (error) {
    throw signal?.aborted ? aborted(signal) : error;
  } finally {
    tellWait(false);
  }
}

/**
 * Does something with every kept file of a model, unless another tab works on one of them.
 * @param {string[]} names @param {() => Promise<void>} work
 * @returns {Promise<boolean>} whether it was done
 */
export async function unlessTaken([name, ...others], work) {
  const locks = globalThis.navigator?.locks;
  if (!locks || name === undefined) return work().then(() => true);
  return locks.request(
    lockOf(name),
    { ifAvailable: true },
    async (lock) => lock !== null && unlessTaken(others, work),
  );
}
