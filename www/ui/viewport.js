/**
 * The window of a pattern that is on screen: `span` x `span` cells from (`query0`, `key0`). All three are in
 * cells, with fractions. Pure arithmetic; `n` is the side of the pattern.
 *
 * @typedef {{ query0: number, key0: number, span: number }} Viewport
 */

/** The smallest side of a window, in cells. Its cells have room for their figures. */
const CLOSEST = 6;

/** The smallest side of a window of a pattern of side `n`. @param {number} n */
export const closest = (n) => Math.min(CLOSEST, n);

/** The window of the whole pattern. @param {number} n @returns {Viewport} */
export const whole = (n) => ({ query0: 0, key0: 0, span: n });

/**
 * Moves a window back inside the pattern.
 * @param {Viewport} viewport
 * @param {number} n
 * @returns {Viewport}
 */
export function inside({ query0, key0, span }, n) {
  const fits = Math.max(Math.min(span, n), closest(n));
  /** @param {number} start */
  const clamped = (start) => Math.min(Math.max(0, start), n - fits);
  return { query0: clamped(query0), key0: clamped(key0), span: fits };
}

/**
 * Zooms by `factor`; above 1 zooms in. The place (`query`, `key`), in cells, stays where it is on screen.
 * @param {Viewport} viewport
 * @param {number} factor
 * @param {number} query
 * @param {number} key
 * @param {number} n
 */
export function zoomed({ query0, key0, span }, factor, query, key, n) {
  const next = Math.max(Math.min(span / factor, n), closest(n));
  const ratio = next / span;
  return inside(
    { query0: query - (query - query0) * ratio, key0: key - (key - key0) * ratio, span: next },
    n,
  );
}

/**
 * Whether a window can still zoom.
 * @param {Viewport} viewport @param {number} way above 0: in; below 0: out @param {number} n
 */
export const canZoom = ({ span }, way, n) => (way > 0 ? span > closest(n) : span < n);

/**
 * Moves a window by some cells.
 * @param {Viewport} viewport @param {number} queries @param {number} keys @param {number} n
 */
export const panned = ({ query0, key0, span }, queries, keys, n) =>
  inside({ query0: query0 + queries, key0: key0 + keys, span }, n);

/**
 * The nearest window of the same size that shows the whole cell (`query`, `key`).
 * @param {Viewport} viewport
 * @param {number} query
 * @param {number} key
 * @param {number} n
 */
export function showing({ query0, key0, span }, query, key, n) {
  /** @param {number} start @param {number} position */
  const moved = (start, position) =>
    position < start ? position : position + 1 > start + span ? position + 1 - span : start;
  return inside({ query0: moved(query0, query), key0: moved(key0, key), span }, n);
}

/**
 * The cells from one label to the next: 1, 2, 5, 10, 20, ... Labels of `least` pixels then do not touch.
 * @param {number} cellPx
 * @param {number} least
 */
export function labelStep(cellPx, least) {
  for (let step = 1; ; step *= 10) {
    for (const times of [1, 2, 5]) if (step * times * cellPx >= least) return step * times;
  }
}
