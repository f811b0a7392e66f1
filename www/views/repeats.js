/** Repeated tokens: how well the model predicts each copy, and which heads look at the stripe. */

import { figure } from '../base/format.js';
import { above } from '../figures/heads.js';
import { scoreOf } from '../figures/scores/index.js';
import { stripesApart, uniformStripe } from '../figures/stripes.js';
import { shownOn } from '../state/tabs.js';
import { thresholdsOf } from '../state/view.js';
import { draw } from '../studies/draw.js';
import { repeated, seqLenOf } from '../studies/repeated.js';
import { latest } from '../studies/study.js';
import { createAskRepeats } from '../ui/ask_repeats.js';
import { createNumber, headLinks } from '../ui/controls.js';
import { button, changed, el, once, previewHeads, setText } from '../ui/dom.js';
import { createHeadmap } from '../ui/headmap.js';
import { createLogProbChart } from '../ui/log_prob_chart.js';
import { createStudyStatus } from '../ui/study_status.js';
import { introduction } from '../ui/term.js';

/** @typedef {import('../studies/repeated.js').Repeated} Repeated */

const LEAD = [
  '[Repeated random tokens]: the first copy is unpredictable. The second can be copied from',
  'the first, by a head that finds the earlier occurrence of the current token and looks at the token after',
  'it.',
].join(' ');

const TWO_CELLS = [
  'The stripe of ARENA’s notebook counts two more cells than the strict score, both before the second copy.',
  'These cells raise the stripe of a head that looks at the beginning.',
].join(' ');

/**
 * @param {Element} root
 * @param {import('../state/state.js').State} state
 * @param {import('../state/state.js').Emit} emit
 */
export function repeats(root, state, emit) {
  const parts = once(root, () => build(root, emit));
  const { view, result } = state;
  parts.latest = state;
  if (!shownOn('find', state) || !result) return;
  parts.length.show(seqLenOf(state), Math.floor((result.model.config.n_ctx - 1) / 2));
  parts.batch.show(view.batch);
  parts.seed.show(view.seed);
  parts.ask.show(state);
  parts.status.show(state);
  const found = latest(state, repeated);
  parts.results.hidden = !found;
  parts.results.classList.toggle('stale', !found?.current);
  if (!found?.current) return;
  const { value } = found;
  // The pieces stay while another head's pattern is on the way.
  const first = latest(state, draw)?.value;
  const pieces = first?.tokens === value.tokens[0] ? first.pieces : null;
  if (changed(parts.ofChart, value, pieces)) showChart(parts, value, pieces, result.model.name);
  if (changed(parts.ofMaps, value, view.head, view.mean)) showHeads(parts, value, state, emit);
}

/** @param {Element} root @param {import('../state/state.js').Emit} emit */
function build(root, emit) {
  const controls = createControls(() => Number(parts.latest?.view.seed), emit);
  const ask = createAskRepeats('repeats-ask', emit);
  const status = createStudyStatus(repeated, 'Running the sequences', 'sequences', emit);
  const sentence = el('p', { class: 'sentence', role: 'status', 'data-testid': 'repeats-told' });
  const chart = createLogProbChart('Log-probability of each token', 'log-probs');
  const title = 'Induction stripe, as in ARENA’s notebook';
  const stripe = createHeadmap({ title, testid: 'stripe' }, emit);
  const strict = createHeadmap({ title: 'Strict induction score', testid: 'strict' }, emit);
  const named = el('p', { 'data-testid': 'repeats-named' });
  const odd = el('p', { class: 'hint', 'data-testid': 'repeats-odd' });
  previewHeads(named, emit);
  const maps = el('div', { class: 'maps' }, stripe.element, strict.element);
  const results = el(
    'div',
    { class: 'results', hidden: true },
    ...[sentence, chart.element, named, maps, odd],
  );
  root.append(
    ...introduction('repeats-title', 'Repeated tokens', LEAD, 'lead'),
    controls.element,
    ask.element,
    status.element,
    results,
  );
  const parts = {
    ...controls,
    ...{ ask, status, results, sentence, chart, stripe, strict, named, odd, ofChart: {}, ofMaps: {} },
    latest: /** @type {import('../state/state.js').State | null} */ (null),
  };
  return parts;
}

/** @param {() => number} seedNow @param {import('../state/state.js').Emit} emit */
function createControls(seedNow, emit) {
  const set = (/** @type {Partial<import('../state/state.js').Settings>} */ change) =>
    emit({ type: 'set', change });
  const length = createNumber({ label: 'Tokens per copy', testid: 'repeats-length', min: 2 }, (seqLen) =>
    set({ seqLen }),
  );
  const batch = createNumber({ label: 'Sequences', testid: 'repeats-batch', min: 1, max: 1000 }, (value) =>
    set({ batch: value }),
  );
  const seed = createNumber({ label: 'Seed', testid: 'repeats-seed', min: 0, max: 0xffffffff }, (value) =>
    set({ seed: value }),
  );
  const next = button('Next seed', () => set({ seed: (seedNow() + 1) % 2 ** 32 }), {
    class: 'primary',
    'data-testid': 'repeats-again',
  });
  const element = el('div', { class: 'fields' }, length.element, batch.element, seed.element, next);
  return { element, length, batch, seed };
}

/** As `one sequence of 50 tokens`. @param {Repeated} of */
function sequencesOf({ tokens }) {
  const number = tokens.length === 1 ? 'one sequence' : `${tokens.length} sequences`;
  return `${number} of ${(tokens[0].length - 1) / 2} tokens`;
}

/**
 * @param {ReturnType<typeof build>} parts
 * @param {Repeated} of
 * @param {string[] | null} pieces
 * @param {string} model
 */
function showChart({ sentence, chart }, of, pieces, model) {
  const { tokens, logProbs, meanFirst, meanSecond } = of;
  const draws = logProbs.length;
  const copies = `first copy ${figure(meanFirst)} nats, second copy ${figure(meanSecond)} nats`;
  setText(sentence, `Mean log-probability over ${sequencesOf(of)}: ${copies}.`);
  chart.show({
    mean: logProbs[0].map((_, at) => logProbs.reduce((sum, one) => sum + one[at], 0) / draws),
    one: draws > 1 ? logProbs[0] : null,
    ...{ draws, seqLen: (tokens[0].length - 1) / 2, meanFirst, meanSecond, pieces },
    subtitle: `${model}, ${sequencesOf(of)}, repeated once`,
  });
}

/**
 * @param {ReturnType<typeof build>} parts
 * @param {Repeated} of
 * @param {import('../state/state.js').State} state
 * @param {import('../state/state.js').Emit} emit
 */
function showHeads({ stripe, strict, named, odd }, of, { view, result }, emit) {
  const disagreeing = stripesApart(of, thresholdsOf(view));
  const flag = (/** @type {string} */ name) => disagreeing.get(name) ?? null;
  const subtitle = `${result?.model.name}, ${sequencesOf(of)}, repeated once`;
  const shared = { subtitle, flag, locked: view.head };
  // A single sequence has no standard deviation.
  const many = of.tokens.length > 1;
  stripe.show({
    ...shared,
    values: of.stripe,
    sd: many ? of.stripeSd : undefined,
    uniform: uniformStripe(scoreOf('stripe'), of),
    unit: 'induction stripe',
    file: 'headscope-stripe',
  });
  strict.show({
    ...shared,
    values: of.strict,
    sd: many ? of.sd : undefined,
    uniform: uniformStripe(scoreOf('strict'), of),
    unit: 'strict induction stripe',
    file: 'headscope-strict',
  });
  const { heads, best } = above(of.strict, view.mean);
  const ordered = [...heads].sort((left, right) => right.score - left.score);
  const nobody = `none${best ? ` (best ${best.name} at ${figure(best.score)})` : ''}`;
  named.replaceChildren(
    el('b', {}, `Induction heads, strict induction score above ${figure(view.mean)}: `),
    ...(ordered.length ? headLinks(ordered, 'strict induction stripe', emit) : [nobody]),
  );
  const apart = [...disagreeing].map(([name, why]) => `${name} (${why})`).join('; ');
  const verdict = apart ? `⚑ The two disagree about ${apart}.` : 'The two agree about every head here.';
  setText(odd, `${TWO_CELLS} ${verdict}`);
}
