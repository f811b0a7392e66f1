/**
 * The shown head, large: its pattern with a crosshair, and the figure of the cell under the pointer.
 * Definition: docs/definitions.md#attention-pattern.
 */

import { neighbour, toggled } from '../base/heads.js';
import { WEIGHTED, WEIGHTINGS } from '../figures/weighted.js';
import { audited, marksOf } from '../state/audited.js';
import { patternShown, readoutOf, thumbnailOf, tipOf } from '../state/pattern_shown.js';
import { exactPattern } from '../state/state.js';
import { hasThumbnail } from '../state/thumbnails.js';
import { createAblatedBadge } from '../ui/ablated_badge.js';
import { createSwitch } from '../ui/controls.js';
import { button, changed, el, once, reveal, setText } from '../ui/dom.js';
import { createExplorer } from '../ui/explorer.js';
import { markLegend } from '../ui/marks.js';
import { AT_ONCE, pyramid, pyramidInSlices } from '../ui/pyramid.js';

/** @typedef {import('../state/pattern_shown.js').Picture} Picture */

const HELP =
  'Queries down, keys across. Arrow keys move by a cell, Shift with an arrow by ten. ' +
  'Plus and minus zoom, 0 shows all. Escape clears the cell, then unpins the head.';

/**
 * @param {Element} root
 * @param {import('../state/state.js').State} state
 * @param {import('../state/state.js').Emit} emit
 */
export function pattern(root, state, emit) {
  const parts = once(root, () => build(root, state, emit));
  parts.latest = state;
  const redraw = () => pattern(root, parts.latest, emit);
  const { title, subtitle, pinned, ablate, weighting, scale, picture } = patternShown(state);
  setText(parts.title, title);
  setText(parts.sub, subtitle);
  parts.unpin.disabled = !pinned;
  parts.badge.show(state);
  parts.off.hidden = ablate === null;
  setText(parts.off, ablate ?? '');
  if (!picture) return;
  bringIntoView(parts, state);
  showLevels(parts, picture, redraw);
  const found = audited(state);
  const marks = 'lacks' in found ? null : marksOf(found, picture.result.seq, redraw);
  parts.legend.hidden = !marks;
  showScene(parts, picture, marks, tipOf(state));
  parts.weighting.show(weighting.chosen);
  setText(parts.weightedHint, weighting.hint);
  parts.weightedHint.hidden = weighting.hint === '';
  setText(parts.scale.name, scale.name);
  setText(parts.scale.end, scale.end);
  setText(parts.readout, readoutOf(state, marks?.[0].cells ?? null));
}

/** Below this width the evidence is above what acts on it, and not beside it. */
const NARROW = globalThis.matchMedia?.('(max-width: 900px)');

/**
 * On a narrow page, shows the pattern when another head is pinned or another score is marked. The tour
 * scrolls by itself.
 * @param {{ ofPin: {}, pinned: boolean }} parts @param {import('../state/state.js').State} state
 */
function bringIntoView(parts, { view: { head, score, step } }) {
  if (!changed(parts.ofPin, head, score)) return;
  if (parts.pinned && NARROW?.matches && step === null && (head !== null || score !== null))
    reveal('pattern');
  parts.pinned = true;
}

/**
 * Makes the picture when its weights or its thumbnail change. A long text keeps its thumbnail until the
 * picture of all cells is ready; then `redraw` is called.
 * @param {ReturnType<typeof build>} parts
 * @param {Picture} picture
 * @param {() => void} redraw
 */
function showLevels(parts, { result, thumbnails, weights, max, thumbnail, plain }, redraw) {
  // A weighted pattern has no thumbnail, and waits for its weights. So does one whose layer is not in view.
  const standsIn = plain && hasThumbnail(thumbnails, thumbnail);
  if (!weights && !standsIn) return;
  if (!changed(parts.ofLevels, weights, weights ? null : thumbnail, weights ? null : thumbnails, result))
    return;
  const small = result.seq <= AT_ONCE;
  if (weights && small) parts.levels = pyramid(weights, result.seq, max);
  else if (standsIn)
    parts.levels = pyramid(thumbnailOf({ ...result, thumbnails }, thumbnail), thumbnails.side);
  if (!weights || small) return;
  const wanted = () => exactPattern(parts.latest) === weights;
  void pyramidInSlices(weights, result.seq, max, wanted).then((levels) => {
    if (!levels) return;
    parts.levels = levels;
    redraw();
  });
}

/**
 * @param {ReturnType<typeof build>} parts
 * @param {Picture} picture
 * @param {import('../figures/marks.js').MarkLevel[] | null} marks
 * @param {string} tip
 */
function showScene(parts, { result, weights, max, cell }, marks, tip) {
  const { levels } = parts;
  if (!changed(parts.ofScene, levels, cell.query, cell.key, marks, tip)) return;
  parts.explorer.show({ levels, weights, max, n: result.seq, pieces: result.pieces, cell, marks, tip });
}

/**
 * @param {Element} root
 * @param {import('../state/state.js').State} state
 * @param {import('../state/state.js').Emit} emit
 */
function build(root, state, emit) {
  const getState = () => parts.latest;
  const title = el('h2', { id: 'pattern-title', 'data-testid': 'pattern-title' });
  const sub = el('p', { class: 'caption' });
  const readout = el('p', { class: 'readout', role: 'status', 'data-testid': 'readout' });
  const scale = scaleOf();
  const badge = createAblatedBadge('pattern-ablated', emit);
  const legend = markLegend();
  const { explorer, zoom } = explorerOf(scale.element, emit);
  const weighting = weightingOf(emit);
  const weightedHint = el('p', { class: 'hint', 'data-testid': 'weighted-hint' });
  const { step, unpin } = headTools(getState, emit);
  const off = ablateButton(getState, emit);
  const tools = el('div', { class: 'tools' }, ...step, unpin, el('span', { class: 'gap' }), ...zoom);
  root.append(
    el('div', { class: 'section-head' }, el('div', { class: 'titles' }, title), tools),
    el('div', { class: 'under-title' }, sub, badge.element),
    explorer.element,
    el('p', { id: 'explorer-help', class: 'unseen' }, HELP),
    legend,
    readout,
    weighting.element,
    weightedHint,
    off,
  );
  /** @type {import('../ui/heatmap.js').Level[]} */ const levels = [];
  const shown = { badge, title, sub, readout, unpin, off, explorer, scale, legend, weighting, weightedHint };
  const parts = { ...shown, levels, latest: state, pinned: false, ofPin: {}, ofLevels: {}, ofScene: {} };
  return parts;
}

/** @param {string} label @param {string} name @param {string} key its shortcut @param {() => void} act */
const tool = (label, name, key, act) =>
  button(label, act, { class: 'tool', 'aria-label': name, title: `${name} (${key})` });

/**
 * The pattern and its zoom buttons.
 * @param {HTMLElement} scale shown while the whole pattern is
 * @param {import('../state/state.js').Emit} emit
 */
function explorerOf(scale, emit) {
  const farther = tool('−', 'Zoom out', '−', () => explorer.farther());
  const closer = tool('+', 'Zoom in', '+', () => explorer.closer());
  const all = tool('All', 'Show the whole pattern', '0', () => explorer.all());
  const explorer = createExplorer({
    onPoint: (cell) => emit({ type: 'point', ...cell }),
    onChoose: (query, key) => emit({ type: 'choose', query, key }),
    onZoom: (span, n, closest) => {
      farther.disabled = all.disabled = span >= n;
      closer.disabled = span <= closest;
      scale.hidden = span < n;
    },
  });
  explorer.element.append(scale);
  return { explorer, zoom: [farther, closer, all] };
}

/**
 * The buttons that go from head to head.
 * @param {() => import('../state/state.js').State} getState
 * @param {import('../state/state.js').Emit} emit
 */
function headTools(getState, emit) {
  /** @param {number} by */
  const go = (by) => {
    const { result, view } = getState();
    if (!result) return;
    const { n_layers, n_heads } = result.model.config;
    emit({ type: 'lock', head: neighbour(view.head, by, n_layers, n_heads) });
  };
  const unpin = button('Unpin', () => emit({ type: 'lock', head: null }), {
    class: 'tool',
    title: 'Back to the mean of all heads (Esc)',
    'data-testid': 'let-go',
  });
  const step = [tool('‹', 'Previous head', '[', () => go(-1)), tool('›', 'Next head', ']', () => go(1))];
  return { step, unpin };
}

/**
 * The button that ablates the pinned head, and shows the effect.
 * @param {() => import('../state/state.js').State} getState
 * @param {import('../state/state.js').Emit} emit
 */
function ablateButton(getState, emit) {
  const ablate = () => {
    const { head, off: heads } = getState().view;
    if (head === null) return;
    emit({ type: 'set', change: { off: toggled(heads, head) } });
    emit({ type: 'tab', tab: 'ablate' });
  };
  return button('', ablate, {
    class: 'link',
    hidden: true,
    title: 'Shows the model without the head, in the Ablate tab',
    'data-testid': 'pattern-off',
  });
}

/** The choice of the weighting. @param {import('../state/state.js').Emit} emit */
function weightingOf(emit) {
  const options = WEIGHTINGS.map((value) => ({
    value,
    label: WEIGHTED[value].label,
    title: WEIGHTED[value].hint,
  }));
  const weighting = createSwitch(
    { legend: 'What the pattern shows', testid: 'weighted', options },
    (weighted) => emit({ type: 'set', change: { weighted } }),
  );
  weighting.element.classList.add('weighted');
  return weighting;
}

/** The colour scale, in the corner above the diagonal, which has no cells. */
function scaleOf() {
  const [zero, name, end] = ['0', '', '1'].map((words) => el('span', {}, words));
  const element = el(
    'div',
    { class: 'scale', 'aria-hidden': 'true' },
    el('span', { class: 'ramp' }),
    el('span', { class: 'ends' }, zero, name, end),
    el('span', {}, 'rows: the query token'),
    el('span', {}, 'columns: the key it attends to'),
  );
  return { element, name, end };
}
