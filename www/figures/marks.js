/**
 * Marks on a pattern: the cells that a score counts, one byte a cell, `[query_pos, key_pos]`. A pattern whose
 * cells are smaller than a dot has marks of blocks of cells.
 *
 * @typedef {object} MarkLevel
 * @property {number} side                blocks a row
 * @property {number} scale               a block is `scale` x `scale` cells
 * @property {Uint8Array} cells           `[side, side]`, the bits of all cells of each block
 */

import { atOnce, inTimeSlices } from '../base/time_slices.js';

/** The bits of a mark. The cells of a mean have both: a mean adds up and counts the same cells. */
export const NUMERATOR = 1;
export const DENOMINATOR = 2;

/**
 * Yields after every row.
 * @param {Uint8Array} cells
 * @param {number} n
 * @returns {Generator<void, MarkLevel[]>}
 */
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
 * thin lines of marks stay whole. Reads only causal cells.
 * @param {Uint8Array} cells @param {number} n
 */
export const markLevels = (cells, n) => atOnce(halving(cells, n));

/**
 * The same in time slices; null when `wanted` ends the work.
 * @param {Uint8Array} cells
 * @param {number} n
 * @param {() => boolean} [wanted]
 */
export const markLevelsInSlices = (cells, n, wanted) => inTimeSlices(halving(cells, n), wanted);

/** A mark in words; null for a cell that does not count. @param {number} mark */
export function markWords(mark) {
  if (mark & NUMERATOR)
    return mark & DENOMINATOR ? 'in the numerator and the denominator' : 'in the numerator';
  return mark & DENOMINATOR ? 'in the denominator only' : null;
}
