/**
 * Where a head looked against where an induction head should look (DEFINITIONS 4), for every token that occurred before. Pure.
 *
 * @typedef {object} Lookups              one entry a query position
 * @property {Float32Array} expected      the weight on the tokens after earlier occurrences; NaN where the token occurs first
 * @property {Uint32Array} top            the key position with the largest weight, the first of several
 * @property {Float32Array} weight        that weight
 */

import { expectedKeys } from './ngrams.js';

/** @param {ArrayLike<number>} ids @param {Float32Array} weights `[query_pos, key_pos]` @returns {Lookups} */
export function lookups(ids, weights) {
  const n = ids.length;
  const found = { expected: new Float32Array(n), top: new Uint32Array(n), weight: new Float32Array(n) };
  for (let query = 0; query < n; query++) {
    const keys = expectedKeys(ids, query);
    found.expected[query] = keys.length ? keys.reduce((sum, key) => sum + weights[query * n + key], 0) : Number.NaN;
    for (let key = 0; key <= query; key++) {
      const weight = weights[query * n + key];
      if (weight > found.weight[query]) [found.top[query], found.weight[query]] = [key, weight];
    }
  }
  return found;
}

/**
 * Whether the head looked where it should: its largest weight is on one of those tokens, or together they have more than
 * `active` of it.
 * @param {Lookups} of @param {number} query @param {readonly number[]} keys @param {number} active
 */
export const didLook = ({ expected, top }, query, keys, active) => keys.includes(top[query]) || expected[query] > active;
