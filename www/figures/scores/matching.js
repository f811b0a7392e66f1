/**
 * Token matching: the mean weight on earlier equal tokens, or on the tokens after them.
 * Definition: docs/definitions.md#token-matching. Twin: src/detectors/token_matching.rs.
 *
 * @typedef {'induction' | 'duplicate'} Matching
 * @typedef {import('../../engine/run.js').Scores} Scores
 *
 * @typedef {Record<Matching, Scores>} Figures   docs/definitions.md#token-matching; undefined where no token
 *   occurs twice
 * @typedef {Record<Matching, number | null>} Uniform
 */

import { count } from '../../base/format.js';
import { DENOMINATOR, NUMERATOR } from '../marks.js';
import { earlierMatches, IDEAL_WORDS, onIdeal, weightAt } from './cells.js';
import { quotient, scoreWith, weightSum } from './record.js';

const HINTS = {
  induction:
    'Mean weight on the tokens after earlier occurrences of the same token, over tokens that occurred before',
  duplicate: 'Mean weight on earlier occurrences of the same token, over tokens that occurred before',
};

/** @param {Matching} kind @param {string} printed */
const scoreOf = (kind, printed) =>
  scoreWith({
    id: `matching-${kind}`,
    kind,
    title: `Token matching, ${kind}`,
    shortTitle: 'Token matching',
    threshold: 'mean',
    printed,
    column: {
      label: kind,
      hint: HINTS[kind],
      scores: ({ token_matching }) => token_matching[kind],
      uniform: (detection) => detection.null.token_matching[kind],
    },
    words: () => ({
      numerator: `the weights on ${IDEAL_WORDS[kind]}`,
      denominator: 'the rows whose token occurred before; the weights of each sum to 1',
    }),
    sum(subject) {
      const { weights, n, ids } = subject;
      let sum = 0;
      onIdeal(kind, subject, (query, key) => (sum += weightAt(weights, n, query, key)));
      const rows = earlierMatches(ids).filter((earlier) => earlier > 0).length;
      return quotient(sum, rows, (value) => `${weightSum(sum)} / ${count(rows)} rows = ${value}`);
    },
    mark(cells, subject) {
      const { n, ids } = subject;
      // The weights of a row sum to 1: counting the row is adding up all of its weights.
      earlierMatches(ids).forEach((earlier, query) => {
        if (earlier) cells.fill(DENOMINATOR, query * n, query * n + query + 1);
      });
      onIdeal(kind, subject, (query, key) => (cells[query * n + key] = NUMERATOR | DENOMINATOR));
    },
  });

/** @type {import('./record.js').Family} */
export const matching = Object.freeze({
  name: 'matching',
  title: 'Token matching',
  anchor: 'token-matching',
  printed: { title: 'By token matching', undefinedWords: 'no token occurs twice' },
  scores: [scoreOf('induction', 'Induction heads'), scoreOf('duplicate', 'Duplicate-token heads')],
});
