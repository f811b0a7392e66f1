/**
 * What one tab of this browser does at a time: two that write the same kept file would leave a mixture of
 * both.
 *
 * @typedef {import('./progress.js').Progress} Progress
 */
import { aborted } from '../base/failure.js';

/** @param {string} name of the kept file */
const lockOf = (name) => `headscope ${name}`;

/**
 * Does something with a kept file once no other tab is at it. Where pages know nothing of each other's locks,
 * at once.
 * @template T
 * @param {string} name
 * @param {Progress} progress which is told of the wait
 * @param {AbortSignal | undefined} signal ends it
 * @param {() => Promise<T>} work
 * @returns {Promise<T>}
 */
export async function alone(name, progress, signal, work) {
  const locks = globalThis.navigator?.locks;
  if (!locks) return work();
  let waits = false;
  const told = (/** @type {boolean} */ now) => {
    if (now !== waits) progress.waits((waits = now));
  };
  const begun = () => (told(false), work());
  const free = await locks.request(
    lockOf(name),
    { ifAvailable: true },
    async (lock) => lock && { done: await begun() },
  );
  if (free) return free.done;
  told(true);
  try {
    return await locks.request(lockOf(name), { signal }, begun);
  } catch (error) {
    throw signal?.aborted ? aborted(signal) : error;
  } finally {
    told(false);
  }
}

/**
 * Does something with all that is kept of a model, unless another tab is at one of its files.
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
