/**
 * Composition of pairs of heads through queries, keys and values, beside the baseline of random heads: of all
 * pairs, or in a large model of two layers. Definition: docs/definitions.md#composition.
 */

import { parseHead } from '../base/heads.js';
import { pairsOf } from '../figures/circuits.js';
import { shownOn } from '../state/tabs.js';
import { answer } from './answer.js';
import { found, patient } from './study.js';

/** @typedef {import('../engine/experiments.js').Composition} Composition */

/** All pairs of more layers take too long: such a model composes two layers at a time. */
const MOST_LAYERS = 4;

/**
 * Whether a model composes two layers at a time.
 * @param {import('../state/state.js').Config} config
 */
export const inPairs = ({ n_layers }) => n_layers > MOST_LAYERS;

/**
 * The two layers whose composition a large model shows: those chosen, else the pinned head's with the layer
 * before it.
 * @param {import('../state/state.js').State} state
 * @returns {[number, number]}
 */
export function layersShown({ view }) {
  if (view.layers) return [view.layers[0], view.layers[1]];
  const to = Math.max(1, parseHead(view.head)?.layer ?? 1);
  return [to - 1, to];
}

/** @type {import('./study.js').Study<Composition>} */
export const composition = {
  kind: 'composition',
  foldedKind: 'composition-folded',
  title: 'the composition of heads',
  // The tour needs the composition from its first step on.
  needs(state) {
    const shown = shownOn('explain', state) || state.view.step !== null;
    const config = state.result?.model.config;
    if (!shown || !config || config.n_layers < 2) return null;
    return inPairs(config) ? layersShown(state) : [];
  },
  async perform({ model, state, signal: stopped }) {
    const signal = patient(stopped);
    const config = state.result?.model.config;
    if (config && inPairs(config)) return model.composition({ layers: layersShown(state), signal });
    return found(state, answer)?.composition ?? model.composition({ signal });
  },
  figures: (value) => [
    { what: 'random baseline of composition', value: value.baseline },
    ...pairsOf(value).map(({ from, to, K }) => ({ what: `K-composition of ${from} with ${to}`, value: K })),
  ],
};
