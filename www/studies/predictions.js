/**
 * The most probable tokens after the token that is looked at, before or after the ablation, and the target
 * token. Definition: docs/definitions.md#predictions.
 */

import { shownAblation, shownCell } from '../state/state.js';
import { latest } from './study.js';

/**
 * @typedef {import('../engine/headscope.js').Run} Run
 * @typedef {import('../engine/run.js').Predictions} Predictions
 * @typedef {{ query: number, ablation: string, predictions: Predictions }} Predicted   `ablation`: its key;
 *   empty: of the whole model
 */

/** Predictions that are shown. */
export const TOP = 5;

/**
 * Predictions of each run, by position: going back to a token costs nothing.
 * @type {WeakMap<Run, Map<number, Predictions>>}
 */
const known = new WeakMap();

/**
 * The position whose predictions are shown: the query that is looked at, else the last token.
 * @param {import('../state/state.js').State} state
 */
export const predictedAt = (state) => shownCell(state).query ?? (state.result?.seq ?? 1) - 1;

/** @type {import('./study.js').Study<Predicted>} */
export const predictions = {
  kind: 'predictions',
  title: 'the predictions',
  ofRun: true,
  needs: (state) => (state.result?.precomputed ? null : [predictedAt(state), shownAblation(state)]),
  async perform({ run, ablated, state }) {
    const [query, ablation] = [predictedAt(state), shownAblation(state)];
    const of = ablation ? ablated : run;
    if (!of) throw new Error('The run of the ablation is missing.');
    const ofRun = known.get(of) ?? new Map();
    known.set(of, ofRun);
    const found = ofRun.get(query) ?? (await of.predictions(query, TOP));
    ofRun.set(query, found);
    return { query, ablation, predictions: found };
  },
};

/**
 * The predictions that are shown; null until they are there.
 * @param {import('../state/state.js').State} state
 * @returns {Predictions | null}
 */
export function shownPredictions(state) {
  const of = latest(state, predictions);
  return of?.current ? of.value.predictions : null;
}
