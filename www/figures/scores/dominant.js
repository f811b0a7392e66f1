/**
 * Dominant weight: how often a candidate key has the largest weight of its row.
 * Definition: docs/definitions.md#dominant-weight. Twin: src/detectors/dominant.rs.
 *
 * @typedef {object} Dominant
 * @property {number[][]} fraction `[layer][head]`, counted rows / `seq`, from 0 to 1
 * @property {string[]} heads the heads that are named, as `layer.head`
 *
 * @typedef {Record<Simple, Dominant>} Figures   docs/definitions.md#dominant-weight
 * @typedef {Record<Simple, number>} Uniform
 *
 * @typedef {import('./cells.js').Simple} Simple
 * @typedef {import('./record.js').Subject} Subject
 */

import { count, figure } from '../../base/format.js';
import { DENOMINATOR, NUMERATOR } from '../marks.js';
import { keyOf, SIMPLE, weightAt } from './cells.js';
import { quotient, scoreWith } from './record.js';

/** @param {Simple} kind */
const scoreOf = (kind) =>
  scoreWith({
    id: `dominant-${kind}`,
    kind,
    title: `Dominant weight, ${kind} token`,
    shortTitle: 'Dominant weight',
    threshold: 'fraction',
    counting: 'active',
    printed: `Heads attending to ${kind} token`,
    column: {
      label: kind,
      hint: `Share of the rows whose largest weight is on the ${kind} token and above the active threshold`,
      scores: ({ dominant }) => dominant[kind].fraction,
      uniform: (detection) => detection.null.dominant[kind],
    },
    words: ({ active }) => ({
      numerator: `rows whose largest weight is on the ${kind} token and above ${figure(active)}`,
      denominator: 'all rows; the marked cell of a row decides whether the row counts',
    }),
    sum(subject, { active }) {
      const { n } = subject;
      let rows = 0;
      for (let query = 0; query < n; query++) rows += Number(rowCounts(kind, subject, active, query));
      const words = `${count(rows)} ${rows === 1 ? 'row' : 'rows'} of ${count(n)}`;
      return quotient(rows, n, (value) => `${words} = ${value}`);
    },
    mark(cells, subject, { active }) {
      for (let query = 0; query < subject.n; query++) {
        const numerator = rowCounts(kind, subject, active, query) ? NUMERATOR : 0;
        cells[query * subject.n + keyOf(kind, query)] = DENOMINATOR | numerator;
      }
    },
  });

/**
 * Tells whether a row counts: the candidate's weight is the row's largest, ties included, and above `active`.
 * @param {Simple} kind
 * @param {Subject} subject
 * @param {number} active
 * @param {number} query
 */
function rowCounts(kind, { weights, n }, active, query) {
  const candidate = weightAt(weights, n, query, keyOf(kind, query));
  if (!(candidate > active)) return false;
  if (!weights) return true;
  for (let at = query * n; at <= query * n + query; at++) if (weights[at] > candidate) return false;
  return true;
}

/** @type {import('./record.js').Family} */
export const dominant = Object.freeze({
  name: 'dominant',
  title: 'Dominant weight',
  anchor: 'dominant-weight',
  printed: { title: 'By dominant weight', undefinedWords: 'not defined on this text' },
  scores: SIMPLE.map(scoreOf),
});
