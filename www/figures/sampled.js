/**
 * Figures with their names, and even samples of many figures. Links keep samples.
 *
 * @typedef {{ what: string, value: number | null }} Figure   what: the words that name it
 */

import { nameOf } from '../base/heads.js';

/** The largest number of figures in a sample. */
export const LIMIT = 256;

/**
 * One figure a head, named after its head.
 * @param {string} what @param {(number | null)[][]} scores `[layer][head]` @returns {Figure[]}
 */
export const perHead = (what, scores) =>
  scores.flatMap((row, layer) =>
    row.map((value, head) => ({ what: `${what} of head ${nameOf(layer, head)}`, value })),
  );

/** At most `LIMIT` figures, evenly spread. @param {Figure[]} figures */
export const thinned = (figures) => spread(figures.length, (at) => figures[at]);

/**
 * The same, but makes only the figures of the sample: there may be tens of thousands.
 * @param {number} count of all figures @param {(at: number) => Figure} make @param {number} [limit] @returns
 *   {Figure[]}
 */
export function spread(count, make, limit = LIMIT) {
  const step = Math.max(1, Math.ceil(count / limit));
  return Array.from({ length: Math.ceil(count / step) }, (_, at) => make(at * step));
}

/**
 * A sample of a pattern's causal cells, evenly spread.
 * @param {Float32Array} weights `[query_pos, key_pos]`
 * @param {number} n tokens
 * @param {string} what the words before the cell's position
 * @param {number} limit of the sample
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
