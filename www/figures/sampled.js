/**
 * Figures with their names, and an even sample of many.
 *
 * @typedef {{ what: string, value: number | null }} Figure     with the words that name it
 */

import { nameOf } from '../base/heads.js';

/** The largest number of figures in a sample. */
export const LIMIT = 256;

/**
 * A figure a head, each with its head's name.
 * @param {string} what @param {(number | null)[][]} scores `[layer][head]` @returns {Figure[]}
 */
export const perHead = (what, scores) =>
  scores.flatMap((row, layer) =>
    row.map((value, head) => ({ what: `${what} of head ${nameOf(layer, head)}`, value })),
  );

/** At most LIMIT figures, evenly spread. @param {Figure[]} figures */
export const thinned = (figures) => spread(figures.length, (at) => figures[at]);

/**
 * The same of figures that are not there yet: only those that are kept are made, of some ten thousand.
 * @param {number} count @param {(at: number) => Figure} make @param {number} [limit] @returns {Figure[]}
 */
export function spread(count, make, limit = LIMIT) {
  const step = Math.max(1, Math.ceil(count / limit));
  return Array.from({ length: Math.ceil(count / step) }, (_, at) => make(at * step));
}

/**
 * Some cells of a pattern, evenly spread over those that are not ahead of their query.
 * @param {Float32Array} weights `[query_pos, key_pos]`
 * @param {number} n
 * @param {string} what
 * @param {number} limit
 * @returns {Figure[]}
 */
export const cellFigures = (weights, n, what, limit) =>
  spread(
    (n * (n + 1)) / 2,
    (at) => {
      const query = Math.floor((Math.sqrt(8 * at + 1) - 1) / 2);
      const key = at - (query * (query + 1)) / 2;
      return { what: `${what}, query ${query}, key ${key}`, value: weights[query * n + key] };
    },
    limit,
  );
