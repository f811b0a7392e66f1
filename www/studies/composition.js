/**
 * Composition of every pair of heads through queries, keys and values, beside the baseline of random heads.
 * Definition: docs/definitions.md#composition.
 */

import { pairsOf } from '../figures/circuits.js';
import { shownOn } from '../state/tabs.js';
import { answer } from './answer.js';
import { found, patient } from './study.js';

/** @typedef {import('../engine/experiments.js').Composition} Composition */

/** @type {import('./study.js').Study<Composition>} */
export const composition = {
  kind: 'composition',
  title: 'the composition of heads',
  // The tour needs the composition from its first step on.
  needs(state) {
    const shown = shownOn('explain', state) || state.view.step !== null;
    return shown && (state.result?.model.config.n_layers ?? 0) > 1 ? [] : null;
  },
  perform: async ({ model, state, signal }) =>
    found(state, answer)?.composition ?? model.composition({ signal: patient(signal) }),
  figures: (value) => [
    { what: 'random baseline of composition', value: value.baseline },
    ...pairsOf(value).map(({ from, to, K }) => ({ what: `K-composition of ${from} with ${to}`, value: K })),
  ],
};
