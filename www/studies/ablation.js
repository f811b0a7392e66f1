/** Ablates heads, and measures the model without them and with all heads.
 * Definition: docs/definitions.md#zero-and-mean-ablation. */

import { perHead } from '../figures/sampled.js';
import { shownOn } from '../state/tabs.js';
import { thresholdsOf } from '../state/view.js';
import { repeated, sequencesOf } from './repeated.js';
import { found, idsKey, patient } from './study.js';

/**
 * @typedef {import('../state/state.js').State} State
 * @typedef {import('../engine/experiments.js').Ablated} Ablated
 */

/**
 * The key of the tokens that the ablation is measured on; null while there are none.
 * @param {State} state
 * @returns {unknown[] | null}
 */
export function subjectKey(state) {
  if (state.view.on === 'text') return state.result && ['text', idsKey(state.result)];
  return ['repeats', ...sequencesOf(state)];
}

/** Tells whether the tokens are there. @param {State} state */
export const hasSubject = (state) => state.view.on === 'text' || found(state, repeated) !== null;

/** The run that the ablation is measured on. @param {import('./study.js').At} at */
export function subjectOf({ run, state }) {
  const on = state.view.on === 'text' ? run : found(state, repeated);
  if (!on) throw new Error('There is no run to measure the ablation on.');
  return on;
}

/** Tells whether the page shows an ablation that can be measured. @param {State} state */
const isShown = (state) => shownOn('ablate', state) && hasSubject(state);

/**
 * Ablates heads.
 * @param {import('./study.js').At} at
 * @param {readonly string[]} heads
 * @returns {Promise<Ablated>}
 */
async function without(at, heads) {
  const { model, state, signal } = at;
  return model.ablate({
    heads,
    kind: state.view.ablation,
    on: subjectOf(at),
    signal: patient(signal),
    ...thresholdsOf(state.view),
  });
}

/** The figures with all heads. @type {import('./study.js').Study<Ablated>} */
export const unablated = {
  kind: 'unablated',
  needs(state) {
    const subject = isShown(state) ? subjectKey(state) : null;
    return subject && [subject, thresholdsOf(state.view)];
  },
  perform: (at) => without(at, []),
};

/** The figures with the heads of `view.off` ablated. @type {import('./study.js').Study<Ablated>} */
export const ablation = {
  kind: 'ablation',
  title: 'the effect of ablating the heads',
  needs(state) {
    const subject = isShown(state) && state.view.off.length ? subjectKey(state) : null;
    return subject && [subject, thresholdsOf(state.view), [...state.view.off].sort(), state.view.ablation];
  },
  perform: (at) => without(at, at.state.view.off),
  figures: ({ loss, lossIncrease, strict, detect }) => [
    { what: 'loss', value: loss },
    { what: 'increase of the loss', value: lossIncrease },
    ...perHead('strict induction stripe', strict ?? []),
    ...perHead('induction by token matching', detect.token_matching.induction),
    ...perHead('mean weight on the previous token', detect.mean.previous),
  ],
};
