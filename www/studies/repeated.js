/**
 * The repeated-sequence experiment (DEFINITIONS.md): random tokens said twice, which only a head that looks
 * back can know.
 */

import { perHead } from '../figures/sampled.js';
import { above } from '../figures/heads.js';
import { parseHead } from '../base/heads.js';
import { found, patient } from './study.js';

/** @typedef {import('../engine/experiments.js').Repeated} Repeated */
/** @typedef {import('../state/state.js').State} State */

/** What the draws depend on. @param {State} state */
export const drawsOf = ({ view: { seqLen, batch, seed } }) => [seqLen, batch, seed];

/**
 * Whether what is open is about repeated sequences, as every step of the tour is in the end. The detectors
 * have the stripes
 * beside their own figures when asked.
 * @param {State} state
 */
const isShown = ({ view: { tab, on, ran, step } }) =>
  tab === 'repeats' ||
  step !== null ||
  (tab === 'off' && on === 'repeats') ||
  (tab === 'detectors' && ran.includes('repeated'));

/** @type {import('./study.js').Study<Repeated>} */
export const repeated = {
  kind: 'repeated',
  title: 'the repeated sequences',
  needs: (state) => (isShown(state) ? drawsOf(state) : null),
  perform: ({ model, state: { view }, signal }) =>
    model.repeated({ seqLen: view.seqLen, batch: view.batch, seed: view.seed, signal: patient(signal) }),
  figures: ({ meanFirst, meanSecond, stripe, strict }) => [
    { what: 'mean log-probability of the first copy', value: meanFirst },
    { what: 'mean log-probability of the second copy', value: meanSecond },
    ...perHead('induction stripe', stripe),
    ...perHead('strict induction stripe', strict),
  ],
};

/**
 * The head whose stripe is shown: the one that is kept, else the one with the strongest.
 * @param {State} state
 * @returns {string | null}
 */
export function stripeHead(state) {
  const of = found(state, repeated);
  if (!of) return null;
  const at = parseHead(state.view.head);
  return at && at.layer < of.strict.length && at.head < of.strict[0].length
    ? state.view.head
    : (above(of.strict, -1).best?.name ?? null);
}
