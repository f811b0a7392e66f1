/**
 * Neuronpedia's induction score: token matching without the weights below .01.
 * Definition: docs/definitions.md#neuronpedia. Twin: src/detectors/neuronpedia.rs.
 *
 * @typedef {import('../../engine/run.js').Scores} Figures   docs/definitions.md#neuronpedia; undefined where
 *   no token occurs twice
 * @typedef {number | null} Uniform
 */

import { count } from '../../base/format.js';
import { DENOMINATOR, NUMERATOR } from '../marks.js';
import { earlierMatches, IDEAL_WORDS, onIdeal, weightAt } from './cells.js';
import { quotient, scoreWith, weightSum } from './record.js';

/** The smallest weight that counts, in single precision as in the engine. */
const LEAST = Math.fround(0.01);

/**
 * Visits the cells that count, with their weights.
 * @param {import('./record.js').Subject} subject @param {(at: number, weight: number) => void} visit
 */
const onLarge = (subject, visit) =>
  onIdeal('induction', subject, (query, key) => {
    const weight = weightAt(subject.weights, subject.n, query, key);
    if (weight >= LEAST) visit(query * subject.n + key, weight);
  });

/** @type {import('./record.js').Family} */
export const neuronpedia = Object.freeze({
  name: 'neuronpedia',
  title: 'Neuronpedia',
  anchor: 'neuronpedia',
  printed: null,
  scores: [
    scoreWith({
      id: 'neuronpedia-induction',
      kind: 'induction',
      title: 'Neuronpedia’s induction score',
      shortTitle: 'Neuronpedia',
      threshold: 'mean',
      column: {
        label: 'induction',
        hint: 'Token matching for induction, without weights below .01',
        scores: ({ neuronpedia_induction }) => neuronpedia_induction,
        uniform: (detection) => detection.null.neuronpedia_induction,
      },
      words: () => ({
        numerator: `the weights of at least .01 on ${IDEAL_WORDS.induction}`,
        denominator: 'the rows whose token occurred before; the weights of each sum to 1',
      }),
      sum(subject) {
        let sum = 0;
        onLarge(subject, (_, weight) => (sum += weight));
        const rows = earlierMatches(subject.ids).filter((earlier) => earlier > 0).length;
        return quotient(sum, rows, (value) => `${weightSum(sum)} / ${count(rows)} rows = ${value}`);
      },
      mark(cells, subject) {
        const { n, ids } = subject;
        earlierMatches(ids).forEach((earlier, query) => {
          if (earlier) cells.fill(DENOMINATOR, query * n, query * n + query + 1);
        });
        onLarge(subject, (at) => (cells[at] = NUMERATOR | DENOMINATOR));
      },
    }),
  ],
});
