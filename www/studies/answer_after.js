/** The model's answer after the ablation: the same repeated tokens with heads and MLPs ablated. */

import { ablationOf } from '../state/ablation.js';
import { isAfter } from '../state/state.js';
import { answer } from './answer.js';
import { found, patient } from './study.js';

/**
 * @typedef {import('../engine/experiments.js').Ablated & import('../state/ablation.js').Ablation} AnswerAfter
 */

/** @type {import('./study.js').Study<AnswerAfter>} */
export const answerAfter = {
  kind: 'answer-after',
  needs(state) {
    return isAfter(state) && found(state, answer) ? [ablationOf(state.view)] : null;
  },
  async perform({ model, state, signal }) {
    const ablation = ablationOf(state.view);
    const before = found(state, answer);
    if (!before) throw new Error('There is no answer to compare with.');
    return {
      ...ablation,
      ...(await model.ablate({ ...ablation, on: before.repeats, signal: patient(signal) })),
    };
  },
};
