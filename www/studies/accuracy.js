/**
 * How many target tokens of the shown text are the model's most probable token.
 * Definition: docs/definitions.md#predictions.
 */

import { latest } from './study.js';

/** @typedef {{ first: number, of: number }} Accuracy   first: positions where the target has rank 1 */

/** @type {import('./study.js').Study<Accuracy>} */
export const accuracy = {
  kind: 'accuracy',
  ofRun: true,
  needs: ({ result }) => (result && result.seq > 1 ? [] : null),
  perform: async ({ run }) => accuracyOf(...(await Promise.all([run.logProbs(), run.topLogProbs()]))),
};

/**
 * @param {ArrayLike<number>} logProbs of the target tokens
 * @param {ArrayLike<number>} top of the most probable tokens; both `[seq - 1]`
 * @returns {Accuracy}
 */
export const accuracyOf = (logProbs, top) => ({
  first: Array.from(logProbs).filter((logProb, at) => logProb === top[at]).length,
  of: logProbs.length,
});

/** The accuracy on the shown text, when it is there. @param {import('../state/state.js').State} state */
export function shownAccuracy(state) {
  const known = latest(state, accuracy);
  return known?.current ? known.value : null;
}
