/**
 * Induction stripe: the mean weight from a token of `[BOS, x, x]` to the token after its first copy.
 * The strict measure counts queries of the second copy. ARENA's notebook counts two more cells.
 * Definition: docs/definitions.md#induction-stripe. The engine sums it in the experiment on repeated tokens.
 */

import { count } from '../../base/format.js';
import { DENOMINATOR, NUMERATOR } from '../marks.js';
import { onStripe, weightAt } from './cells.js';
import { quotient, scoreWith, weightSum } from './record.js';

/**
 * @param {{ id: string, strict: boolean, sameAs: string, title: string, cells: string,
 *   overSequences: import('./record.js').OverSequences }} measure
 */
const scoreOf = ({ id, strict, sameAs, title, cells: words, overSequences }) =>
  scoreWith({
    id,
    kind: 'induction',
    title,
    shortTitle: title,
    threshold: 'mean',
    repeatsOnly: true,
    sameAs,
    overSequences,
    words: () => ({
      numerator: `the weights on the stripe, ${words}`,
      denominator: 'the number of those cells',
    }),
    sum({ weights, n }) {
      let [sum, cells] = [0, 0];
      onStripe({ strict }, n, (query, key) => {
        sum += weightAt(weights, n, query, key);
        cells++;
      });
      return quotient(sum, cells, (value) => `${weightSum(sum)} / ${count(cells)} cells = ${value}`);
    },
    mark(cells, { n }) {
      onStripe({ strict }, n, (query, key) => (cells[query * n + key] = NUMERATOR | DENOMINATOR));
    },
  });

/** @type {import('./record.js').Family} */
export const stripe = Object.freeze({
  name: 'stripe',
  title: 'Induction stripe',
  anchor: 'induction-stripe',
  printed: null,
  scores: [
    scoreOf({
      id: 'stripe',
      strict: false,
      sameAs: 'strict',
      title: 'Induction stripe, the notebook’s',
      cells: 'all of its diagonal',
      overSequences: { scores: (of) => of.stripe, sd: (of) => of.stripeSd },
    }),
    scoreOf({
      id: 'strict',
      strict: true,
      sameAs: 'stripe',
      title: 'Induction stripe, strict',
      cells: 'second copy only',
      overSequences: { scores: (of) => of.strict, sd: (of) => of.sd },
    }),
  ],
});
