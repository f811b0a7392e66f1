/**
 * The experiment on repeated tokens: random tokens, then the same tokens again. The model can predict the
 * second copy only with a head that finds the first. Definition: docs/definitions.md#repeated-tokens.
 */

import { parseHead } from '../base/heads.js';
import { above } from '../figures/heads.js';
import { perHead } from '../figures/sampled.js';
import { shownOn } from '../state/tabs.js';
import { DEFAULT_VIEW } from '../state/view.js';
import { answer, isHeavy } from './answer.js';
import { found, patient } from './study.js';

/** @typedef {import('../engine/experiments.js').Repeated} Repeated */
/** @typedef {import('../state/state.js').State} State */

/**
 * The tokens of a copy: as the visitor or a link chose them. The default is shorter where the model does not
 * have the positions for two copies of it.
 * @param {Pick<State, 'view' | 'result'>} state
 */
export function seqLenOf({ view: { seqLen }, result }) {
  if (seqLen !== DEFAULT_VIEW.seqLen || !result) return seqLen;
  return Math.max(2, Math.min(seqLen, Math.floor((result.model.config.n_ctx - 1) / 2)));
}

/** The settings of the sequences, for the engine. @param {State} state */
export const settingsOf = (state) => ({
  seqLen: seqLenOf(state),
  batch: state.view.batch,
  seed: state.view.seed,
});

/** The settings of the sequences, as a key. @param {State} state */
export const sequencesOf = (state) => Object.values(settingsOf(state));

/**
 * Tells whether the experiment waits for the visitor: it takes long on this model.
 * @param {State} state
 */
export const isAskedFor = ({ view, result }) =>
  !view.ran.includes('repeated') && result !== null && isHeavy(result.model.config, view);

/**
 * Tells whether the page shows the experiment. The tour needs it from its first step on; the Scores tab
 * shows the stripes when the visitor asks for them.
 * @param {State} state
 */
function isShown(state) {
  const { on, ran, step } = state.view;
  if (step !== null || shownOn('find', state)) return true;
  if (shownOn('ablate', state)) return on === 'repeats';
  return shownOn('scores', state) && ran.includes('repeated');
}

/** @type {import('./study.js').Study<Repeated>} */
export const repeated = {
  kind: 'repeated',
  title: 'the repeated tokens',
  needs: (state) => (isShown(state) && !isAskedFor(state) ? sequencesOf(state) : null),
  async perform({ model, state, signal }) {
    const settings = settingsOf(state);
    const known = found(state, answer);
    const same = known && JSON.stringify(known.settings) === JSON.stringify(settings);
    return same ? known.repeats : model.repeated({ ...settings, signal: patient(signal) });
  },
  figures: ({ meanFirst, meanSecond, stripe, strict }) => [
    { what: 'mean log-probability of the first copy', value: meanFirst },
    { what: 'mean log-probability of the second copy', value: meanSecond },
    ...perHead('induction stripe', stripe),
    ...perHead('strict induction stripe', strict),
  ],
};

/**
 * The head whose stripe is shown: the pinned head, else the head with the strongest stripe.
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
