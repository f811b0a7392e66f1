/** What the model does without some of its heads, beside what it does with all of them. */

import { perHead } from '../figures/sampled.js';
import { thresholdsOf } from '../state/view.js';
import { found, idsKey, patient } from './study.js';
import { drawsOf, repeated } from './repeated.js';

/**
 * @typedef {import('../state/state.js').State} State
 * @typedef {import('../engine/experiments.js').Ablated} Ablated
 */

/** What it is measured on, as a key. @param {State} state @returns {unknown[] | null} */
export function subjectKey(state) {
  if (state.view.on === 'text') return state.result && ['text', idsKey(state.result)];
  return ['repeats', ...drawsOf(state)];
}

/** Whether that is there. @param {State} state */
export const hasSubject = (state) => state.view.on === 'text' || found(state, repeated) !== null;

/** What it is measured on. @param {import('./study.js').At} at */
export function subjectOf({ run, state }) {
  const on = state.view.on === 'text' ? run : found(state, repeated);
  if (!on) throw new Error('There is nothing to measure on.');
  return on;
}

/** Whether it can be measured, and the page shows it. @param {State} state */
const isShown = (state) => state.view.tab === 'off' && hasSubject(state);

/** @param {import('./study.js').At} at @param {readonly string[]} heads @returns {Promise<Ablated>} */
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

/** The figures with every head on. @type {import('./study.js').Study<Ablated>} */
export const unablated = {
  kind: 'unablated',
  needs(state) {
    const subject = isShown(state) ? subjectKey(state) : null;
    return subject && [subject, thresholdsOf(state.view)];
  },
  perform: (at) => without(at, []),
};

/** The figures with those of `view.off` switched off. @type {import('./study.js').Study<Ablated>} */
export const ablation = {
  kind: 'ablation',
  title: 'what switching the heads off does',
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
