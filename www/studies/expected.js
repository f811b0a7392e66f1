/** The log-probability that the model gives to each target token of the text: the token that follows. */

import { shownAblation } from '../state/state.js';
import { latest } from './study.js';

/** @typedef {{ logProbs: Float32Array }} Expected   `[seq - 1]`; docs/definitions.md#log-probability */

/** @type {import('./study.js').Study<Expected>} */
export const expected = {
  kind: 'expected',
  ofRun: true,
  needs: ({ result }) => (result && result.seq > 1 ? [] : null),
  perform: async ({ run }) => ({ logProbs: await run.logProbs() }),
};

/**
 * The log-probabilities that are shown, before or after the ablation; null until they are there.
 * @param {import('../state/state.js').State} state
 * @returns {Float32Array | null}
 */
export function shownLogProbs(state) {
  if (shownAblation(state)) return state.ablated?.logProbs ?? null;
  const known = latest(state, expected);
  return known?.current || state.result?.precomputed ? (known?.value.logProbs ?? null) : null;
}
