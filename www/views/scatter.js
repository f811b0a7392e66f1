/** Random tokens against the text: every head as a point with two scores, chosen by the visitor. */

import { figure } from '../base/format.js';
import { apart, pointsOf } from '../figures/scatter.js';
import { shownOn } from '../state/tabs.js';
import { shownScore } from '../studies/head_scores_shown.js';
import { changed, el, once, setText } from '../ui/dom.js';
import { createScatter } from '../ui/scatter.js';
import { createScoreSelect } from '../ui/score_select.js';
import { introduction } from '../ui/term.js';

const LEAD = [
  'Each head is a point with two scores. With the scores of the start, a head on the right has an',
  '[induction stripe] on repeated random tokens; a head that is also high up does the same on your text.',
].join(' ');

/** @typedef {import('../state/state.js').State} State */
/** @typedef {import('../figures/head_scores.js').HeadScore} HeadScore */

/** @param {Element} root @param {State} state @param {import('../state/state.js').Emit} emit */
export function scatter(root, state, emit) {
  const parts = once(root, () => build(root, emit));
  const { view, result } = state;
  if (!shownOn('find', state) || !result) return;
  parts.across.show(view.x);
  parts.up.show(view.y);
  const [x, y] = [shownScore(state, view.x), shownScore(state, view.y)];
  parts.results.hidden = !x || !y;
  setText(parts.none, x && y ? '' : 'One of the scores is not computed yet, or this page does not have it.');
  if (!x || !y || !changed(parts.memory, x.values, y.values, view.x, view.y, view.head, view.mean)) return;
  const { n_layers: nLayers, n_heads: nHeads } = result.model.config;
  const subtitle = `${result.model.name}, ${result.seq} tokens`;
  parts.chart.show({ x, y, shape: { nLayers, nHeads }, locked: view.head, subtitle });
  setText(parts.sentence, sentenceOf(x, y, view.mean));
}

/**
 * The heads that both scores show, and those that only the first shows.
 * @param {HeadScore} x @param {HeadScore} y @param {number} threshold
 */
function sentenceOf(x, y, threshold) {
  const { both, only } = apart(pointsOf(x.values, y.values), threshold, y.uniform);
  /** @param {typeof both} points */
  const list = (points) =>
    points.map((point) => `${point.name} (${figure(point.x)}, ${figure(point.y)})`).join(', ');
  if (!both.length && !only.length) return `No head has more than ${figure(threshold)} of: ${x.title}.`;
  return [
    both.length ? `High on both: ${list(both)}.` : 'No head is high on both.',
    only.length ? `Only the first score shows: ${list(only)}.` : '',
  ].join(' ');
}

/** @param {Element} root @param {import('../state/state.js').Emit} emit */
function build(root, emit) {
  const across = createScoreSelect({ label: 'Across', testid: 'scatter-x' }, (x) =>
    emit({ type: 'set', change: { x } }),
  );
  const up = createScoreSelect({ label: 'Up', testid: 'scatter-y' }, (y) =>
    emit({ type: 'set', change: { y } }),
  );
  const none = el('p', { class: 'hint' });
  const sentence = el('p', { class: 'sentence', 'data-testid': 'scatter-told' });
  const chart = createScatter({ title: 'Every head by two scores', testid: 'scatter' }, emit);
  const results = el('div', { class: 'results', hidden: true }, sentence, chart.element);
  root.append(
    ...introduction('scatter-title', 'Random tokens against your text', LEAD, 'lead'),
    el('div', { class: 'fields' }, across.element, up.element),
    none,
    results,
  );
  return { across, up, none, sentence, chart, results, memory: {} };
}
