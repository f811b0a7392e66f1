/**
 * Random tokens said twice: how well the model knows them the second time, and which heads look where it is
 * written.
 */

import { above } from '../figures/heads.js';
import { scoreOf } from '../figures/scores/index.js';
import { stripesApart, uniformStripe } from '../figures/stripes.js';
import { counted, figure } from '../base/format.js';
import { thresholdsOf } from '../state/view.js';
import { shownOn } from '../state/tabs.js';
import { repeated } from '../studies/repeated.js';
import { draw } from '../studies/draw.js';
import { latest } from '../studies/study.js';
import { button, changed, el, once, previewHeads, setText } from '../ui/dom.js';
import { createNumber, headLinks } from '../ui/controls.js';
import { createHeadmap } from '../ui/headmap.js';
import { createLogProbChart } from '../ui/log_prob_chart.js';
import { createStanding } from '../ui/study_status.js';

/** @typedef {import('../studies/repeated.js').Repeated} Repeated */

/**
 * @param {Element} root
 * @param {import('../state/state.js').State} state
 * @param {import('../state/state.js').Emit} emit
 */
export function repeats(root, state, emit) {
  const parts = once(root, () => build(root, emit));
  const { view, result } = state;
  parts.latest = state;
  if (!shownOn('repeats', state) || !result) return;
  parts.length.show(view.seqLen, Math.floor((result.model.config.n_ctx - 1) / 2));
  parts.batch.show(view.batch);
  parts.seed.show(view.seed);
  parts.standing.show(state);
  const of = latest(state, repeated);
  parts.results.hidden = !of;
  parts.results.classList.toggle('stale', !of?.current);
  if (!of?.current) return;
  const { value } = of;
  // Another head's pattern on the way leaves the draw's tokens as they are.
  const shownDraw = latest(state, draw)?.value;
  const pieces = shownDraw?.tokens === value.tokens[0] ? shownDraw.pieces : null;
  if (changed(parts.ofChart, value, pieces)) showChart(parts, value, pieces, result.model.name);
  if (changed(parts.ofMaps, value, view.head, view.mean)) showHeads(parts, value, state, emit);
}

/** @param {Element} root @param {import('../state/state.js').Emit} emit */
function build(root, emit) {
  const length = createNumber({ label: 'Tokens, said twice', testid: 'repeats-length', min: 2 }, (seqLen) =>
    emit({ type: 'set', change: { seqLen } }),
  );
  const batch = createNumber({ label: 'Draws', testid: 'repeats-batch', min: 1, max: 1000 }, (value) =>
    emit({ type: 'set', change: { batch: value } }),
  );
  const seed = createNumber({ label: 'Seed', testid: 'repeats-seed', min: 0, max: 0xffffffff }, (value) =>
    emit({ type: 'set', change: { seed: value } }),
  );
  const again = button(
    'Draw again',
    () => emit({ type: 'set', change: { seed: (Number(parts.latest?.view.seed) + 1) % 2 ** 32 } }),
    {
      class: 'primary',
      'data-testid': 'repeats-again',
    },
  );
  const standing = createStanding(repeated, 'Running the draws', 'draws', emit);
  const told = el('p', { class: 'sentence', role: 'status', 'data-testid': 'repeats-told' });
  const chart = createLogProbChart('Log-probability of each token', 'log-probs');
  const stripe = createHeadmap({ title: 'Induction stripe, the notebook’s', testid: 'stripe' }, emit);
  const strict = createHeadmap({ title: 'Induction stripe, strict', testid: 'strict' }, emit);
  const named = el('p', { 'data-testid': 'repeats-named' });
  const odd = el('p', { class: 'hint', 'data-testid': 'repeats-odd' });
  previewHeads(named, emit);
  const results = el(
    'div',
    { class: 'results', hidden: true },
    told,
    chart.element,
    named,
    el('div', { class: 'maps' }, stripe.element, strict.element),
    odd,
  );
  root.append(
    el('h2', { id: 'repeats-title' }, 'A repeated sequence'),
    el(
      'p',
      { class: 'lead' },
      'Random tokens, then the same tokens again. Nothing can be known of the first copy; the second one can be read off the first, ' +
        'by a head that finds the earlier occurrence of the current token and looks at what came after it.',
    ),
    el('div', { class: 'fields' }, length.element, batch.element, seed.element, again),
    standing.element,
    results,
  );
  const parts = {
    ...{ length, batch, seed, standing, results, told, chart, stripe, strict, named, odd },
    latest: /** @type {import('../state/state.js').State | null} */ (null),
    ofChart: {},
    ofMaps: {},
  };
  return parts;
}

/**
 * @param {ReturnType<typeof build>} parts
 * @param {Repeated} of
 * @param {string[] | null} pieces
 * @param {string} model
 */
function showChart({ told, chart }, { tokens, logProbs, meanFirst, meanSecond }, pieces, model) {
  const draws = logProbs.length;
  const seqLen = (tokens[0].length - 1) / 2;
  const over = draws === 1 ? 'one draw' : `${draws} draws`;
  setText(
    told,
    `Over ${over} of ${seqLen} tokens, a token of the first copy has a log-probability of ${figure(meanFirst)} nats on average, one of the second copy ${figure(meanSecond)}.`,
  );
  chart.show({
    mean: logProbs[0].map((_, at) => logProbs.reduce((sum, one) => sum + one[at], 0) / draws),
    one: draws > 1 ? logProbs[0] : null,
    ...{ draws, seqLen, meanFirst, meanSecond, pieces },
    subtitle: `${model}, ${over} of ${seqLen} tokens said twice`,
  });
}

/**
 * @param {ReturnType<typeof build>} parts
 * @param {Repeated} of
 * @param {import('../state/state.js').State} state
 * @param {import('../state/state.js').Emit} emit
 */
function showHeads({ stripe, strict, named, odd }, of, { view, result }, emit) {
  const n = of.tokens[0].length;
  const seqLen = (n - 1) / 2;
  const subtitle = `${result?.model.name}, ${counted(of.tokens.length, 'draw')} of ${seqLen} tokens said twice`;
  const disagreeing = stripesApart(of, thresholdsOf(view));
  const flag = (/** @type {string} */ name) => disagreeing.get(name) ?? null;
  const shared = { subtitle, flag, locked: view.head };
  // A single draw has no spread to tell of.
  const many = of.tokens.length > 1;
  stripe.show({
    ...shared,
    values: of.stripe,
    sd: many ? of.stripeSd : undefined,
    nullLine: uniformStripe(scoreOf('stripe'), of),
    unit: 'induction stripe',
    file: 'headscope-stripe',
  });
  strict.show({
    ...shared,
    values: of.strict,
    sd: many ? of.sd : undefined,
    nullLine: uniformStripe(scoreOf('strict'), of),
    unit: 'strict induction stripe',
    file: 'headscope-strict',
  });
  const { heads, best } = above(of.strict, view.mean);
  const ordered = [...heads].sort((a, b) => b.score - a.score);
  named.replaceChildren(
    el('b', {}, `Induction heads, strict stripe above ${figure(view.mean)}: `),
    ...(ordered.length
      ? headLinks(ordered, 'strict induction stripe', emit, figure)
      : [`none${best ? ` (best ${best.name} at ${figure(best.score)})` : ''}`]),
  );
  const words = [...disagreeing].map(([name, why]) => `${name} (${why})`);
  setText(
    odd,
    'The notebook’s stripe has two cells more than the strict one, before the second copy: they flatter a head that looks at the beginning. ' +
      (words.length
        ? `⚑ The two disagree about ${words.join('; ')}.`
        : 'The two agree about every head here.'),
  );
}
