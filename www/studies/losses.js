/** Every head switched off by itself: what each costs the model. */

import { perHead } from '../digest.js';
import { subjectKey, subjectOf } from './ablation.js';

/** @type {import('../study.js').Study<number[][]>} */
export const losses = {
  kind: 'losses',
  long: true,
  needs(state) {
    const subject = state.view.tab === 'off' ? subjectKey(state) : null;
    return subject && [subject, state.view.ablation];
  },
  async perform(at) {
    const { model, state, signal, onProgress } = at;
    const { lossIncrease } = await model.ablateAll({ kind: state.view.ablation, on: subjectOf(at), signal, onProgress });
    return lossIncrease;
  },
  figures: (lossIncrease) => perHead('loss increase', lossIncrease),
};
