/**
 * How much of what each head writes each later head's queries, keys and values read, beside random heads of
 * these shapes.
 */

import { pairsOf } from '../figures/circuits.js';
import { patient } from './study.js';

/** @typedef {import('../engine/experiments.js').Composition} Composition */

/** @type {import('./study.js').Study<Composition>} */
export const composition = {
  kind: 'composition',
  title: 'the composition of heads',
  // Every step of the tour tells of it in the end.
  needs: ({ view, result }) =>
    (view.tab === 'circuits' || view.step !== null) && (result?.model.config.n_layers ?? 0) > 1 ? [] : null,
  perform: ({ model, signal }) => model.composition({ signal: patient(signal) }),
  figures: (value) => [
    { what: 'random baseline of composition', value: value.baseline },
    ...pairsOf(value).map(({ from, to, K }) => ({ what: `K-composition of ${from} with ${to}`, value: K })),
  ],
};
