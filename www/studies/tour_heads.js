/** The heads that the tour talks about, found in the figures of the model and the text. Pure. */

import { nameOf, parseHead } from '../base/heads.js';
import { above } from '../figures/heads.js';
import { answer } from './answer.js';
import { composition } from './composition.js';
import { repeated } from './repeated.js';
import { found, latest } from './study.js';

/** @typedef {import('../state/state.js').State} State */

/** An induction head has a higher strict induction score. */
export const STRIPE = 0.4;

/** The strict induction scores, of the experiment shown, else of the model's answer. @param {State} state */
const strictOf = (state) =>
  latest(state, repeated)?.value.strict ?? found(state, answer)?.repeats.strict ?? null;

/**
 * The head with the highest strict induction score. Until the score is known: the best head by token matching
 * in the text.
 * @param {State} state
 */
export function inductionHead(state) {
  const strict = strictOf(state);
  const scores = strict ?? state.detection?.token_matching.induction;
  return (scores && above(scores, STRIPE).best?.name) ?? null;
}

/**
 * The best head by token matching in the text, among the induction heads. Until they are known: among all.
 * @param {State} state
 */
export function inductionHeadInText(state) {
  const strict = strictOf(state);
  const scores = state.detection?.token_matching.induction;
  const candidates = scores?.map((row, layer) =>
    row.map((score, head) => (strict && strict[layer][head] <= STRIPE ? null : score)),
  );
  return (candidates && above(candidates, 0).best?.name) ?? inductionHead(state);
}

/**
 * The earlier head with the highest K-composition into an induction head.
 * @param {State} state
 * @param {string | null} induction
 * @returns {{ name: string, score: number, baseline: number } | null}
 */
export function mostRead(state, induction) {
  const read = latest(state, composition)?.value ?? found(state, answer)?.composition;
  const to = parseHead(induction);
  if (!read || !to) return null;
  const pairs = [
    ...(to.layer === 1 ? read.K.map((row, head) => ({ name: nameOf(0, head), score: row[to.head] })) : []),
    ...read.deeper.filter((pair) => pair.to === induction).map(({ from, K }) => ({ name: from, score: K })),
  ];
  const best = pairs.reduce((most, pair) => (pair.score > most.score ? pair : most), { name: '', score: -1 });
  return best.name ? { ...best, baseline: read.baseline } : null;
}

/** The head with the highest mean score on the previous token. @param {State} state */
export const previousHead = ({ detection }) =>
  (detection && above(detection.mean.previous, 0).best?.name) ?? null;

/**
 * The head to ablate: the head that the induction head's keys read most, else the previous-token head.
 * @param {State} state
 */
export const feeder = (state) => mostRead(state, inductionHead(state))?.name ?? previousHead(state);
