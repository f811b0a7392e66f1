/**
 * Every head: thumbnails of all of them, or a map of one score with the thumbnails of the layer that is
 * looked at. A large model opens as a map.
 *
 * @typedef {import('../state/state.js').State} State
 * @typedef {import('../state/state.js').Emit} Emit
 */

import { bare, figure } from '../base/format.js';
import { nameOf, parseHead } from '../base/heads.js';
import { layoutOf, rowAround } from '../figures/head_map.js';
import { FIRST_SCORE } from '../figures/head_scores.js';
import { bestOf, does, judgements } from '../figures/heads.js';
import { isAfter, shownDetection, shownThumbnails } from '../state/state.js';
import { headLookedAt } from '../state/thumbnails.js';
import { thresholdsOf } from '../state/view.js';
import { shownScore } from '../studies/head_scores_shown.js';
import { createAblatedBadge } from '../ui/ablated_badge.js';
import { createSwitch } from '../ui/controls.js';
import { button, changed, el, once, onSchemeChange, previewHeads, setText } from '../ui/dom.js';
import { createFindHead } from '../ui/find_head.js';
import { listenForArrows } from '../ui/head_keys.js';
import { createScoreMap } from '../ui/score_map.js';
import { createScoreSelect } from '../ui/score_select.js';
import { createThumbnails } from '../ui/thumbnails.js';

/** @param {Element} root @param {State} state @param {Emit} emit */
export function grid(root, state, emit) {
  const parts = once(root, () => build(root, state, emit));
  parts.latest = state;
  const { result, view } = state;
  if (!result) return;
  const { n_layers: nLayers, n_heads: nHeads } = result.model.config;
  parts.shape = { nLayers, nHeads };
  const layout = layoutOf(parts.shape, view.grid);
  parts.layout.show(layout);
  parts.badge.show(state);
  parts.mean.setAttribute('aria-pressed', String(view.head === null));
  parts.chooser.hidden = parts.map.element.hidden = parts.scale.hidden = layout !== 'map';
  if (layout === 'map') showMap(parts, state);
  showThumbnails(parts, state, layout);
}

/** The map of the chosen score. @param {ReturnType<typeof build>} parts @param {State} state */
function showMap(parts, state) {
  const { view } = state;
  // A link may name a score that this page does not have.
  const score = shownScore(state, view.map) ?? shownScore(state, FIRST_SCORE);
  parts.select.show(score?.id ?? view.map);
  parts.map.element.classList.toggle('stale', !score);
  setText(parts.scale, score ? scaleWords(score) : 'Testing every head …');
  if (!score || !changed(parts.ofMap, score.values, score.id, view.head, view.off, isAfter(state))) return;
  parts.map.show({ score, locked: view.head, ablated: isAfter(state) ? view.off : [] });
}

/** @param {import('../figures/head_scores.js').HeadScore} score */
function scaleWords({ uniform, signed }) {
  const colours = signed ? 'Red below 0, blue above, to −1 and 1' : 'Colours from 0 to 1';
  return `${colours}${uniform === null ? '' : `; uniform attention scores ${bare(uniform)}`}.`;
}

/**
 * @param {ReturnType<typeof build>} parts @param {State} state
 * @param {'map' | 'thumbnails'} layout
 */
function showThumbnails(parts, state, layout) {
  const { shape, cells } = parts;
  const { result, view } = state;
  const thumbnails = shownThumbnails(state);
  if (!result || !thumbnails) return;
  const detection = shownDetection(state);
  // A head that is only previewed in the row does not move the row.
  const looked = headLookedAt(state, layout);
  const row = rowAround(shape, looked);
  const kept = layout === 'map' && parts.row.includes(looked ?? '') && parts.fitted === layout;
  const names = kept ? parts.row : row.names;
  const rows = layout === 'map' ? [{ label: `Layer ${row.layer}`, names }] : allRows(shape);
  const of = [layout, shape.nLayers, shape.nHeads, layout === 'map' ? names.join() : '', thumbnails];
  if (!changed(parts.ofCells, ...of, detection, isAfter(state), view.off, view.head)) return;
  Object.assign(parts, { row: names, fitted: layout });
  const pressed = view.head;
  const judged = detection && judgements(detection, thresholdsOf(view));
  const about = (/** @type {string} */ name) => aboutOf(name, detection, judged, state);
  void cells.show({ rows, of: { ...result, thumbnails }, aboutOf: about, pressed }).then((finished) => {
    if (finished) parts.tabTo(pressed ?? names[0] ?? nameOf(0, 0));
  });
}

/** @param {import('../figures/head_map.js').Shape} shape */
const allRows = ({ nLayers, nHeads }) =>
  Array.from({ length: nLayers }, (_, layer) => ({
    label: `Layer ${layer}`,
    names: Array.from({ length: nHeads }, (_, head) => nameOf(layer, head)),
  }));

/**
 * A head in words.
 * @param {string} name
 * @param {State['detection']} detection as shown
 * @param {ReturnType<typeof judgements> | null} judged null until the figures are there
 * @param {State} state
 * @returns {import('../ui/thumbnails.js').About}
 */
function aboutOf(name, detection, judged, state) {
  const { view } = state;
  const at = parseHead(name);
  const best = at && detection && judged && bestOf(detection, judged, at.layer, at.head);
  const ablated = isAfter(state) && view.off.includes(name);
  const named = Boolean(best?.named.length);
  // A head that does nothing has no best kind.
  const what = best && does(best) ? best : null;
  const words = what ? `${what.words} ${bare(what.score)}` : '–';
  const kinds = named ? `, named for ${best?.named.join(' and ')}` : '';
  const score = what ? `, best score ${what.words} ${figure(what.score)}` : ', no kind';
  return { words, spoken: `Head ${name}${score}${kinds}${ablated ? ', ablated' : ''}`, named, ablated };
}

/** @param {Element} root @param {State} state @param {Emit} emit */
function build(root, state, emit) {
  const mean = button('Mean of all heads', () => emit({ type: 'lock', head: null }), {
    class: 'chip',
    'data-testid': 'mean-head',
  });
  const options = /** @type {const} */ ([
    { value: 'thumbnails', label: 'thumbnails' },
    { value: 'map', label: 'map of a score' },
  ]);
  const layout = createSwitch({ legend: 'Every head as', testid: 'grid-as', options }, (grid) =>
    emit({ type: 'set', change: { grid } }),
  );
  const select = createScoreSelect({ label: 'Score', testid: 'map-score' }, (map) =>
    emit({ type: 'set', change: { map } }),
  );
  const chooser = el('div', { class: 'fields' }, select.element);
  const map = createScoreMap({ title: 'Every head, one score', testid: 'score-map' }, emit);
  const scale = el('p', { class: 'hint', 'data-testid': 'map-scale' });
  const badge = createAblatedBadge('grid-ablated', emit);
  const layers = el('div', {
    class: 'layers',
    role: 'group',
    'aria-label': 'Heads: arrow keys move, Enter pins',
  });
  const find = createFindHead(() => parts.shape, emit);
  const tools = el('div', { class: 'grid-tools' }, find, layout.element, mean);
  root.append(
    el('div', { class: 'section-head' }, el('h2', { id: 'grid-title' }, 'Every head'), tools),
    badge.element,
    ...[chooser, map.element, scale, layers],
  );
  previewHeads(layers, emit);
  const cells = createThumbnails(layers, emit);
  const tabTo = listenForArrows(layers, cells.buttons, () => parts.shape);
  const parts = {
    ...{ badge, mean, layout, select, chooser, map, scale, cells, tabTo, latest: state },
    ...{ ofMap: {}, ofCells: {}, fitted: '' },
    shape: { nLayers: 0, nHeads: 0 },
    row: /** @type {string[]} */ ([]),
  };
  onSchemeChange(() => {
    parts.ofCells = {};
    grid(root, parts.latest, emit);
  });
  return parts;
}
