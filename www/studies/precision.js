/** What half precision costs on the shown text: the largest change of a target token's log-probability. */

import { wholeLogProbs } from './expected.js';
import { found } from './study.js';

/**
 * @typedef {object} Cost
 * @property {number} largest   difference of a log-probability, in nats, from that of the weights as stored
 * @property {number} position  of the token that the prediction is made after
 */

/** @type {import('./study.js').Study<Cost>} */
export const precision = {
  kind: 'precision',
  title: 'the cost of half precision',
  ofRun: true,
  needs: (state) => (state.view.precision === 'half' && wholeLogProbs(state) ? [] : null),
  async perform({ model, run, state, signal }) {
    const half = wholeLogProbs(state) ?? (await run.logProbs());
    return costOf(half, await model.logProbsAsStored(run.ids, { signal }));
  },
};

/**
 * The largest difference of two runs of the same tokens.
 * @param {ArrayLike<number>} half @param {ArrayLike<number>} stored both `[seq - 1]`
 * @returns {Cost}
 */
export function costOf(half, stored) {
  const cost = { largest: 0, position: 0 };
  for (let position = 0; position < half.length; position++) {
    const difference = Math.abs(half[position] - stored[position]);
    if (difference > cost.largest) Object.assign(cost, { largest: difference, position });
  }
  return cost;
}

/** @param {import('../state/state.js').State} state */
export const shownCost = (state) => found(state, precision);
