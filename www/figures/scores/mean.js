/**
 * Mean score: the mean weight on a candidate key.
 * Definition: docs/definitions.md#mean-score. Twin: src/detectors/mean.rs.
 *
 * @typedef {import('./cells.js').Simple} Simple
 * @typedef {import('../../engine/run.js').Scores} Scores
 *
 * @typedef {Record<Simple, Scores>} Figures   docs/definitions.md#mean-score; `previous` is undefined for one
 *   token
 * @typedef {Record<Simple, number | null>} Uniform
 */

import { count } from '../../base/format.js';
import { DENOMINATOR, NUMERATOR } from '../marks.js';
import { firstQuery, keyOf, SIMPLE, weightAt } from './cells.js';
import { quotient, scoreWith, weightSum } from './record.js';

/** @param {Simple} kind */
const scoreOf = (kind) =>
  scoreWith({
    id: `mean-${kind}`,
    kind,
    title: `Mean score, ${kind} token`,
    shortTitle: 'Mean score',
    threshold: 'mean',
    printed: `Heads attending to ${kind} token`,
    column: {
      label: kind,
      hint: `Mean weight on the ${kind} token`,
      scores: ({ mean }) => mean[kind],
      uniform: (detection) => detection.null.mean[kind],
    },
    words: () => ({
      numerator: `the weights on the ${kind} token`,
      denominator: 'the number of those cells',
    }),
    sum({ weights, n }) {
      const from = firstQuery(kind);
      let sum = 0;
      for (let query = from; query < n; query++) sum += weightAt(weights, n, query, keyOf(kind, query));
      return quotient(sum, n - from, (value) => `${weightSum(sum)} / ${count(n - from)} cells = ${value}`);
    },
    mark(cells, { n }) {
      for (let query = firstQuery(kind); query < n; query++)
        cells[query * n + keyOf(kind, query)] = NUMERATOR | DENOMINATOR;
    },
  });

/** @type {import('./record.js').Family} */
export const mean = Object.freeze({
  name: 'mean',
  title: 'Mean score',
  anchor: 'mean-score',
  printed: { title: 'By mean score', undefinedWords: 'not defined on this text' },
  scores: SIMPLE.map(scoreOf),
});
