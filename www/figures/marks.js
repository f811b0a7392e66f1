/**
 * Marks on a pattern: which of its cells a score counted, one byte a cell `[query_pos, key_pos]`, and the
 * same made small for
 * a pattern whose cells are smaller than a dot.
 *
 * @typedef {{ side: number, scale: number, cells: Uint8Array }} MarkLevel   `side` x `side` blocks of `scale`
 *   x `scale` cells
 */

import { atOnce, inTimeSlices } from '../base/time_slices.js';

/** The bits of a mark. A mean counts the cells that it adds up, so that its cells have both. */
export const NUMERATOR = 1;
export const DENOMINATOR = 2;

/** @param {Uint8Array} cells @param {number} n @returns {Generator<void, MarkLevel[]>} */
function* halving(cells, n) {
  /** @type {MarkLevel[]} */ const levels = [{ side: n, scale: 1, cells }];
  for (let below = levels[0]; below.side > 32; below = levels[levels.length - 1]) {
    const side = Math.ceil(below.side / 2);
    const pooled = new Uint8Array(side * side);
    for (let query = 0; query < below.side; query++) {
      const from = query * below.side;
      const to = (query >> 1) * side;
      for (let key = 0; key <= query; key++) pooled[to + (key >> 1)] |= below.cells[from + key];
      yield;
    }
    levels.push({ side, scale: below.scale * 2, cells: pooled });
  }
  return levels;
}

/**
 * The marks and their halvings, down to a side of at most 32. A block has the bits of all its cells, so that
 * a thin line of
 * marks stays whole. Causal cells alone are read.
 * @param {Uint8Array} cells @param {number} n
 */
export const markLevels = (cells, n) => atOnce(halving(cells, n));

/**
 * The same, in turns; null where it is not wanted any more.
 * @param {Uint8Array} cells
 * @param {number} n
 * @param {() => boolean} [wanted]
 */
export const markLevelsInTurns = (cells, n, wanted) => inTimeSlices(halving(cells, n), wanted);

/**
 * What a mark says, in words; null for a cell that was not counted.
 * @param {number} mark
 */
export function markWords(mark) {
  if (mark & NUMERATOR)
    return mark & DENOMINATOR ? 'in the numerator and the denominator' : 'in the numerator';
  return mark & DENOMINATOR ? 'in the denominator only' : null;
}
