/**
 * Offset: the distance that a head looks back, and the mean weight there.
 * Definition: docs/definitions.md#offset. Twin: src/detectors/offset.rs.
 *
 * @typedef {import('../../engine/run.js').Scores} Scores
 *
 * @typedef {object} Figures        docs/definitions.md#offset
 * @property {Scores} distance      from 0 to 32, `[layer][head]`
 * @property {Scores} mean          the mean weight at that distance
 * @property {Scores} score         the same mean; undefined at distances 0 and 1, over fewer than 10 queries,
 *   and where more than a quarter of them match
 * @typedef {Record<'distance' | 'mean' | 'score', number | null>} Uniform
 */

import { count } from '../../base/format.js';
import { DENOMINATOR, NUMERATOR } from '../marks.js';
import { weightAt } from './cells.js';
import { quotient, scoreWith, weightSum } from './record.js';

/** The largest distance that is tried. */
const MOST = 32;

/** The distances 0 and 1 have names of their own: current and previous token. */
const NEAREST = 2;

/** A diagonal with fewer entries says little. */
const LEAST_ENTRIES = 10;

/**
 * The text repeats with the period of a distance where more of the keys there match: induction heads and
 * duplicate-token heads look there too.
 */
const MOST_MATCHING = 0.25;

/**
 * The share of the queries whose key at a distance is an earlier occurrence of their token, or follows one.
 * @param {import('./record.js').Subject} subject @param {number} distance not 0
 */
function matchingAt({ n, ids }, distance) {
  let matching = 0;
  for (let query = distance; query < n; query++) {
    const key = query - distance;
    matching += Number(ids[key] === ids[query] || (key > 0 && ids[key - 1] === ids[query]));
  }
  return matching / (n - distance);
}

/**
 * The distance with the largest mean weight, and the sum of the weights there. Of equal means the smallest.
 * @param {import('./record.js').Subject} subject
 */
function best({ weights, n }) {
  let found = { distance: 0, sum: 0, mean: -1 };
  for (let distance = 0; distance <= Math.min(MOST, n - 1); distance++) {
    let sum = 0;
    for (let query = distance; query < n; query++) sum += weightAt(weights, n, query, query - distance);
    const mean = sum / (n - distance);
    if (mean > found.mean) found = { distance, sum, mean };
  }
  return found;
}

/**
 * The reason why the mean at a distance makes no offset head; null where it does.
 * @param {import('./record.js').Subject} subject @param {number} distance
 */
function whyNot(subject, distance) {
  if (distance < NEAREST) return 'the current or the previous token, which have their own scores';
  if (subject.n - distance < LEAST_ENTRIES) return `fewer than ${LEAST_ENTRIES} cells`;
  const repeats = matchingAt(subject, distance) > MOST_MATCHING;
  return repeats ? 'the text repeats at this distance, so induction looks the same' : null;
}

/** @param {number} distance */
const backWords = (distance) => `${count(distance)} back`;

/** @type {import('./record.js').Family} */
export const offset = Object.freeze({
  name: 'offset',
  title: 'Offset',
  anchor: 'offset',
  printed: { title: 'By offset', undefinedWords: 'no head looks two or more back' },
  scores: [
    scoreWith({
      id: 'offset',
      kind: 'offset',
      title: 'Offset',
      shortTitle: 'Offset',
      threshold: 'mean',
      printed: 'Heads that look a fixed distance back',
      column: {
        label: 'score',
        hint: 'Mean weight at the distance that the head looks back most; only distances of 2 and more',
        scores: (detection) => detection.offset.score,
        uniform: (detection) => detection.null.offset.mean,
        note: ({ offset: { distance } }, layer, head) => backWords(distance[layer]?.[head] ?? 0),
      },
      words: () => ({
        numerator: `the weights on the diagonal with the largest mean, up to ${MOST} back`,
        denominator: 'the number of those cells',
      }),
      sum(subject) {
        const { distance, sum } = best(subject);
        const cells = subject.n - distance;
        const words = `${weightSum(sum)} / ${count(cells)} cells`;
        const told = quotient(sum, cells, (value) => `${words} = ${value}, ${backWords(distance)}`);
        const why = subject.weights && whyNot(subject, distance);
        return why ? { ...told, value: null, formula: `${told.formula}: ${why}` } : told;
      },
      mark(cells, subject) {
        const { distance } = best(subject);
        for (let query = distance; query < subject.n; query++)
          cells[query * subject.n + query - distance] = NUMERATOR | DENOMINATOR;
      },
    }),
  ],
});
