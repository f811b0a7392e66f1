/**
 * Ablates every head, and every MLP, by itself, and measures the loss increase. A stopped study keeps what it
 * has found, and continues there. Definition: docs/definitions.md#loss-increase.
 */

import { perHead } from '../figures/sampled.js';
import { shownOn } from '../state/tabs.js';
import { hasSubject, subjectKey, subjectOf } from './ablation.js';

/** @typedef {import('../engine/experiments.js').LossTable} LossTable */

/** A table that the engine does not add to. @param {LossTable} table @returns {LossTable} */
const copyOf = ({ lossIncrease, mlpLossIncrease }) => ({
  lossIncrease: lossIncrease.map((row) => [...row]),
  mlpLossIncrease: mlpLossIncrease && [...mlpLossIncrease],
});

/** @type {import('./study.js').Study<LossTable>} */
export const losses = {
  kind: 'losses',
  title: 'every head ablated in turn',
  long: true,
  shown: (state) => shownOn('ablate', state) && hasSubject(state),
  needs(state) {
    const subject = subjectKey(state);
    return subject && [subject, state.view.ablation];
  },
  async perform(at) {
    const { model, state, signal, onProgress, kept } = at;
    return model.ablateAll({
      kind: state.view.ablation,
      on: subjectOf(at),
      from: /** @type {LossTable | null} */ (kept),
      signal,
      onProgress: ({ done, total, soFar }) => onProgress({ done, total, soFar: copyOf(soFar) }),
    });
  },
  figures: ({ lossIncrease, mlpLossIncrease }) => [
    ...perHead('loss increase', lossIncrease),
    ...(mlpLossIncrease ?? []).map((value, layer) => ({
      what: `loss increase of the MLP of layer ${layer}`,
      value,
    })),
  ],
};
