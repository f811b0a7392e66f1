/**
 * A scatter of heads: every head as a point with two scores. Pure.
 *
 * @typedef {{ name: string, x: number, y: number }} Point
 * @typedef {{ low: number, high: number }} Range
 */

import { nameOf } from '../base/heads.js';

/**
 * The heads that have both scores.
 * @param {import('./heads.js').Scores} xs `[layer][head]` @param {import('./heads.js').Scores} ys
 * @returns {Point[]}
 */
export const pointsOf = (xs, ys) =>
  xs.flatMap((row, layer) =>
    row.flatMap((x, head) => {
      const y = ys[layer]?.[head] ?? null;
      return x === null || y === null ? [] : [{ name: nameOf(layer, head), x, y }];
    }),
  );

/** The range of an axis: from 0 to 1, and down to the lowest score below 0. @param {number[]} values */
export const rangeOf = (values) => ({ low: Math.min(0, ...values), high: Math.max(1, ...values) });

/** A box in pixels. @typedef {{ left: number, right: number, top: number, bottom: number }} Box */

/** The half side of a point, the width and half height of a label, and the room between them, in pixels. */
const POINT = 6;
const LABEL = { width: 28, half: 8, gap: 8 };

/** @param {Box} one @param {Box} other */
const overlap = (one, other) =>
  one.left < other.right && other.left < one.right && one.top < other.bottom && other.top < one.bottom;

/**
 * The side of each point on which its label stands. Points far from the lower left corner come first. A label
 * goes to the right of its point, else to the left; a label that would cover another label, or the point of
 * a labelled head, is left out.
 * @param {Point[]} points
 * @param {(point: Point) => { left: number, top: number }} place in pixels
 * @returns {Map<string, 'right' | 'left'>}
 */
export function labelled(points, place) {
  /** @type {Box[]} */ const taken = [];
  /** @type {Map<string, 'right' | 'left'>} */ const sides = new Map();
  const far = [...points].sort((one, other) => other.x + other.y - (one.x + one.y));
  for (const point of far) {
    const { left, top } = place(point);
    const rows = { top: top - LABEL.half, bottom: top + LABEL.half };
    const boxes = /** @type {const} */ ([
      ['right', { ...rows, left: left + LABEL.gap, right: left + LABEL.gap + LABEL.width }],
      ['left', { ...rows, left: left - LABEL.gap - LABEL.width, right: left - LABEL.gap }],
    ]);
    const free = boxes.find(([, box]) => !taken.some((other) => overlap(box, other)));
    if (!free) continue;
    const dot = { left: left - POINT, right: left + POINT, top: top - POINT, bottom: top + POINT };
    taken.push(free[1], dot);
    sides.set(point.name, free[0]);
  }
  return sides;
}

/** A score of so many times its uniform baseline shows the behaviour, if weakly. */
const CLEAR = 2;

/**
 * The heads above the threshold on the first score, by whether the second score shows them too: above the
 * threshold, or at least twice the uniform baseline.
 * @param {Point[]} points @param {number} threshold @param {number | null} uniform of the second score
 */
export function apart(points, threshold, uniform) {
  const first = points.filter(({ x }) => x > threshold).sort((one, other) => other.x - one.x);
  const shows = (/** @type {Point} */ { y }) => y > threshold || (uniform !== null && y >= CLEAR * uniform);
  return { both: first.filter(shows), only: first.filter((point) => !shows(point)) };
}
