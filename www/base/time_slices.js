/**
 * Runs long work of the page in time slices of some milliseconds. Pointers, keys and frames are served
 * between two slices.
 */

/** Less than half a frame, so that the browser can draw a frame after every slice. */
const SLICE_MS = 6;

/**
 * Runs a generator in time slices.
 * @template T
 * @param {Generator<void, T>} work yields wherever it may be interrupted
 * @param {() => boolean} [wanted] asked after every pause; `false` ends the work
 * @returns {Promise<T | null>} null if `wanted` ended the work
 */
export async function inTimeSlices(work, wanted = () => true) {
  for (let until = performance.now() + SLICE_MS; ; ) {
    const { done, value } = work.next();
    if (done) return value;
    if (performance.now() < until) continue;
    await pause();
    if (!wanted()) return null;
    until = performance.now() + SLICE_MS;
  }
}

/**
 * Runs the same generator without pauses.
 * @template T @param {Generator<void, T>} work @returns {T}
 */
export function atOnce(work) {
  for (;;) {
    const { done, value } = work.next();
    if (done) return value;
  }
}

/** Lets the browser handle its events. @returns {Promise<unknown>} */
export function pause() {
  // Every browser has timers, but repeated timers wait some milliseconds each.
  const { scheduler } = /** @type {{ scheduler?: { yield?: () => Promise<void> } }} */ (
    /** @type {unknown} */ (globalThis)
  );
  return scheduler?.yield ? scheduler.yield() : new Promise((resolve) => setTimeout(resolve));
}
