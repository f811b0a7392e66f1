/**
 * Turns an attention pattern into pixels. The pattern becomes a pyramid of max-pooled halvings: a thin
 * diagonal would vanish under a mean. A long text's pattern has millions of cells: its pyramid and its large
 * images are made in time slices.
 *
 * @typedef {object} Level   of the pyramid
 * @property {number} side
 * @property {number} scale          cells along a side of the block that an entry covers
 * @property {Uint8Array} entries    `[side, side]` entries of the colour table, each the largest of its block
 * @property {HTMLCanvasElement | null} image
 */

import { atOnce, inTimeSlices } from '../base/time_slices.js';

/** The largest side that is built or painted without pauses. The top of a pyramid is always smaller. */
export const AT_ONCE = 512;

/** The side below which a pyramid has no further level. */
const TOP = 256;

/**
 * A level of half the side, each entry the largest of a 2 x 2 block.
 * @param {Level} below
 * @returns {Generator<void, Level>}
 */
function* halving(below) {
  const side = Math.ceil(below.side / 2);
  const entries = new Uint8Array(side * side);
  for (let query = 0; query < below.side; query++) {
    for (let key = 0; key <= query; key++) {
      const at = (query >> 1) * side + (key >> 1);
      const entry = below.entries[query * below.side + key];
      if (entry > entries[at]) entries[at] = entry;
    }
    yield;
  }
  return { side, scale: below.scale * 2, entries, image: null };
}

/**
 * @param {Float32Array | Uint8Array} weights `[n, n]`; bytes are weights * 255
 * @param {number} n
 * @param {number} max the weight with the last colour
 * @returns {Generator<void, Level[]>}
 */
function* building(weights, n, max) {
  const entries = weights instanceof Uint8Array ? weights : new Uint8Array(n * n);
  if (entries !== weights) {
    const scale = max > 0 ? 255 / max : 0;
    for (let query = 0; query < n; query++) {
      for (let at = query * n; at <= query * n + query; at++) entries[at] = weights[at] * scale + 0.5;
      yield;
    }
  }
  /** @type {Level[]} */ const levels = [{ side: n, scale: 1, entries, image: null }];
  for (let below = levels[0]; below.side > TOP; below = levels[levels.length - 1])
    levels.push(yield* halving(below));
  return levels;
}

/**
 * The pyramid of a pattern, the full level first.
 * @param {Float32Array | Uint8Array} weights `[n, n]`; bytes are weights * 255
 * @param {number} n
 * @param {number} [max] the weight with the last colour
 */
export const pyramid = (weights, n, max = 1) => atOnce(building(weights, n, max));

/**
 * The same in time slices; null if `wanted` ended the work.
 * @param {Float32Array} weights
 * @param {number} n
 * @param {number} [max]
 * @param {() => boolean} [wanted]
 */
export const pyramidInSlices = (weights, n, max = 1, wanted = undefined) =>
  inTimeSlices(building(weights, n, max), wanted);

/**
 * A canvas with one pixel for every entry. Keys after the query stay transparent.
 * @param {Uint8Array} entries
 * @param {number} side
 * @param {Uint8ClampedArray} table
 * @returns {Generator<void, HTMLCanvasElement>}
 */
function* painting(entries, side, table) {
  const canvas = document.createElement('canvas');
  canvas.width = canvas.height = Math.max(1, side);
  const context = canvas.getContext('2d');
  const colours = new Uint32Array(table.buffer);
  const rows = Math.max(1, Math.floor((AT_ONCE * AT_ONCE) / 2 / side));
  for (let first = 0; context && first < side; first += rows) {
    const band = context.createImageData(side, Math.min(rows, side - first));
    const pixels = new Uint32Array(band.data.buffer);
    for (let query = first; query < first + band.height; query++) {
      const [row, to] = [query * side, (query - first) * side];
      for (let key = 0; key <= query; key++) pixels[to + key] = colours[entries[row + key]];
    }
    context.putImageData(band, 0, first);
    yield;
  }
  return canvas;
}

/** The image of entries. @param {Uint8Array} entries @param {number} side @param {Uint8ClampedArray} table */
export const imageOf = (entries, side, table) => atOnce(painting(entries, side, table));

/**
 * The image of a level in time slices; null if `wanted` ended the work.
 * @param {Level} level
 * @param {Uint8ClampedArray} table
 * @param {() => boolean} [wanted]
 */
export const imageInSlices = ({ entries, side }, table, wanted) =>
  inTimeSlices(painting(entries, side, table), wanted);
