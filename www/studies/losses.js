/**
 * Ablates every head by itself, and measures the loss increase. Definition:
 * docs/definitions.md#loss-increase.
 */

import { perHead } from '../figures/sampled.js';
import { shownOn } from '../state/tabs.js';
import { hasSubject, subjectKey, subjectOf } from './ablation.js';

/** @type {import('./study.js').Study<number[][]>} `[layer][head]` */
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
    const { model, state, signal, onProgress } = at;
    const { lossIncrease } = await model.ablateAll({
      kind: state.view.ablation,
      on: subjectOf(at),
      signal,
      onProgress,
    });
    return lossIncrease;
  },
  figures: (lossIncrease) => perHead('loss increase', lossIncrease),
};
