/** The model's answer after the ablation: the same repeated tokens with heads ablated. */

import { isAfter } from '../state/state.js';
import { answer } from './answer.js';
import { found, patient } from './study.js';

/** @typedef {import('../engine/experiments.js').Ablated & { heads: readonly string[] }} AnswerAfter */

/** @type {import('./study.js').Study<AnswerAfter>} */
export const answerAfter = {
  kind: 'answer-after',
  needs(state) {
    const { off, ablation } = state.view;
    return isAfter(state) && found(state, answer) ? [[...off].sort(), ablation] : null;
  },
  async perform({ model, state, signal }) {
    const { off: heads, ablation: kind } = state.view;
    const before = found(state, answer);
    if (!before) throw new Error('There is no answer to compare with.');
    return { heads, ...(await model.ablate({ heads, kind, on: before.repeats, signal: patient(signal) })) };
  },
};
