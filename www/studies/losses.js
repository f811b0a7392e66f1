/** Every head switched off by itself: what each costs the model. */

import { perHead } from '../figures/sampled.js';
import { hasSubject, subjectKey, subjectOf } from './ablation.js';

/** @type {import('./study.js').Study<number[][]>} */
export const losses = {
  kind: 'losses',
  title: 'every head switched off in turn',
  long: true,
  shown: (state) => state.view.tab === 'off' && hasSubject(state),
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
