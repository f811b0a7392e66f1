/**
 * Long work in the page, some milliseconds at a time: pointers, keys and frames get their turn in between.
 */

/** Less than half a frame, so that there is one after every turn. */
const TURN_MS = 6;

/**
 * @template T
 * @param {Generator<void, T>} work yields wherever it may be interrupted
 * @param {() => boolean} [wanted] asked after every pause; once it says no the work is left
 * @returns {Promise<T | null>} null where it was left
 */
export async function inTurns(work, wanted = () => true) {
  for (let until = performance.now() + TURN_MS; ; ) {
    const { done, value } = work.next();
    if (done) return value;
    if (performance.now() < until) continue;
    await pause();
    if (!wanted()) return null;
    until = performance.now() + TURN_MS;
  }
}

/**
 * The same work, in one go.
 * @template T @param {Generator<void, T>} work @returns {T}
 */
export function atOnce(work) {
  for (;;) {
    const { done, value } = work.next();
    if (done) return value;
  }
}

/** @returns {Promise<unknown>} */
export function pause() {
  // A timer is what every browser has; it waits some milliseconds where it is set again and again.
  const { scheduler } = /** @type {{ scheduler?: { yield?: () => Promise<void> } }} */ (
    /** @type {unknown} */ (globalThis)
  );
  return scheduler?.yield ? scheduler.yield() : new Promise((resolve) => setTimeout(resolve));
}
