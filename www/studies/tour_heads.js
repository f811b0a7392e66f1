/** The heads that the tour talks about, found in the figures of the model and the text. Pure. */

import { pairsOf } from '../figures/circuits.js';
import { above, verdicts } from '../figures/heads.js';
import { onIdeal } from '../figures/scores/cells.js';
import { exactPattern } from '../state/state.js';
import { thresholdsOf } from '../state/view.js';
import { answer } from './answer.js';
import { composition, inPairs } from './composition.js';
import { path } from './path.js';
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
 * The head that the tour follows after random tokens: of the induction heads, the best by token matching in
 * the text. Until they are known: the best of all heads.
 * @param {State} state
 */
export function storyHead(state) {
  const strict = strictOf(state);
  const scores = state.detection?.token_matching.induction;
  const candidates = scores?.map((row, layer) =>
    row.map((score, head) => (strict && strict[layer][head] <= STRIPE ? null : score)),
  );
  return (candidates && above(candidates, 0).best?.name) ?? inductionHead(state);
}

/**
 * The cell with the largest weight that token matching counts for induction, in the shown pattern of a head.
 * While another head is previewed the chosen cell stays; no cell until the pattern is there.
 * @param {State} state
 * @param {string | null} head
 * @returns {{ query?: number, key?: number }}
 */
export function strongestMatch(state, head) {
  const { result, pattern, view } = state;
  const weights = pattern?.head === head ? exactPattern(state) : null;
  if (!result || !weights) {
    const { query, key } = view;
    return view.head === head && query !== null && key !== null ? { query, key } : {};
  }
  const { seq: n, ids } = result;
  let best = { query: -1, key: -1, weight: 0 };
  onIdeal('induction', { n, ids }, (query, key) => {
    const weight = weights[query * n + key];
    if (weight > best.weight) best = { query, key, weight };
  });
  return best.weight > 0 ? { query: best.query, key: best.key } : {};
}

/**
 * The pair with the highest K-composition; null without pairs.
 * @param {{ from: string, K: number }[]} pairs @param {number} baseline
 */
function mostOf(pairs, baseline) {
  if (!pairs.length) return null;
  const { from, K } = pairs.reduce((most, pair) => (pair.K > most.K ? pair : most));
  return { name: from, score: K, baseline };
}

/**
 * The earlier head with the highest K-composition into an induction head.
 * @param {State} state
 * @param {string | null} induction
 * @returns {{ name: string, score: number, baseline: number } | null}
 */
export function mostRead(state, induction) {
  const config = state.result?.model.config;
  if (!induction || !config) return null;
  if (inPairs(config)) {
    // Only the path compares all earlier heads of such a model.
    const traced = latest(state, path)?.value;
    const edges = (traced?.edges ?? []).filter(({ to }) => to === induction);
    return traced ? mostOf(edges, traced.baseline) : null;
  }
  const read = latest(state, composition)?.value ?? found(state, answer)?.composition;
  const pairs = read ? pairsOf(read).filter(({ to }) => to === induction) : [];
  return read ? mostOf(pairs, read.baseline) : null;
}

/**
 * The head with the highest offset score on the text, named or not; null without one.
 * @param {State} state @returns {(import('../figures/heads.js').Named & { named: boolean }) | null}
 */
export function offsetHead({ detection, view }) {
  const verdict = detection && verdicts(detection, thresholdsOf(view)).find(({ kind }) => kind === 'offset');
  return verdict?.best
    ? { ...verdict.best, named: verdict.heads.length > 0 && !verdict.uniformPasses }
    : null;
}

/**
 * The later heads whose keys read a head more than random heads would, the most first; null while they are
 * unknown, and in a model whose pairs are not all compared.
 * @param {State} state @param {string} from
 * @returns {{ readers: { name: string, score: number }[], baseline: number } | null}
 */
export function readersOf(state, from) {
  const read = latest(state, composition)?.value ?? found(state, answer)?.composition;
  const pairs = read ? pairsOf(read).filter((pair) => pair.from === from) : [];
  if (!read || !pairs.length) return null;
  const more = pairs.filter(({ K }) => K > read.baseline).sort((one, other) => other.K - one.K);
  return { readers: more.map(({ to, K }) => ({ name: to, score: K })), baseline: read.baseline };
}

/** The head with the highest mean score on the previous token. @param {State} state */
export const previousHead = ({ detection }) =>
  (detection && above(detection.mean.previous, 0).best?.name) ?? null;

/**
 * The head to ablate: the head that the induction head's keys read most, else the previous-token head.
 * @param {State} state
 */
export const feeder = (state) => mostRead(state, storyHead(state))?.name ?? previousHead(state);
