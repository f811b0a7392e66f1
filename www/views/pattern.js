/** The shown head, large: its pattern with a crosshair, and the figure of the cell that is pointed at. */

import { cellWords } from '../figures/audit.js';
import { audited, marksOf } from '../state/audited.js';
import { bestKind } from '../figures/heads.js';
import { neighbour, parseHead, toggled } from '../base/heads.js';
import { figure } from '../base/format.js';
import { exactPattern, shownCell, shownHead, shownWeighting } from '../state/state.js';
import { thresholdsOf } from '../state/view.js';
import { quoted } from '../base/tokens.js';
import { button, changed, el, once, setText } from '../ui/dom.js';
import { createExplorer } from '../ui/explorer.js';
import { createSwitch } from '../ui/controls.js';
import { AT_ONCE, pyramid, pyramidInSlices } from '../ui/pyramid.js';
import { markLegend } from '../ui/marks.js';
import { WEIGHTED, WEIGHTINGS } from '../figures/weighted.js';

const HELP =
  'Queries down, keys across. Arrow keys move by a cell, Shift with an arrow by ten, plus and minus zoom, 0 shows all, Escape lets go.';

/** @param {import('../state/state.js').State} state @param {string | null} head */
function subtitle({ detection, view, preview }, head) {
  const at = parseHead(head);
  if (!at) return 'Hover a head to look, click to keep it';
  const best = detection && bestKind(detection, thresholdsOf(view), at.layer, at.head);
  const score = best ? `${best.kind} ${figure(best.score)}` : '';
  return preview ? `${score} · click to keep` : score;
}

/**
 * @param {Element} root
 * @param {import('../state/state.js').State} state
 * @param {import('../state/state.js').Emit} emit
 */
export function pattern(root, state, emit) {
  const parts = once(root, () => build(root, state, emit));
  parts.latest = state;
  const head = shownHead(state);
  setText(parts.title, head ? `Head ${head}` : 'Mean of all heads');
  setText(parts.sub, subtitle(state, head));
  parts.letGo.disabled = state.view.head === null;
  parts.off.hidden = state.view.head === null;
  setText(
    parts.off,
    `Switch head ${state.view.head} ${state.view.off.includes(state.view.head ?? '') ? 'on again' : 'off'}`,
  );
  const { result } = state;
  if (!result) return;
  const { seq: n, pieces } = result;
  const exact = exactPattern(state);
  const by = shownWeighting(state);
  const max = exact ? (state.pattern?.max ?? 1) : 1;
  // The thumbnails are of attention; weighted patterns wait for their own figures.
  if ((exact || by === 'attention') && changed(parts.ofLevels, exact, exact ? null : head, result)) {
    const small = n <= AT_ONCE;
    if (exact && small) parts.levels = pyramid(exact, n, max);
    else if (by === 'attention') parts.levels = pyramid(thumbnailOf(result, head), result.thumbnails.side);
    // A long text's thumbnail stands in until there is a picture of all its cells.
    if (exact && !small) {
      void pyramidInSlices(exact, n, max, () => exactPattern(parts.latest) === exact).then((levels) => {
        if (!levels) return;
        parts.levels = levels;
        pattern(root, parts.latest, emit);
      });
    }
  }
  const found = audited(state);
  const marks = 'lacks' in found ? null : marksOf(found, n, () => pattern(root, parts.latest, emit));
  parts.legend.hidden = !marks;
  const cell = shownCell(state);
  if (changed(parts.ofScene, parts.levels, cell.query, cell.key, marks)) {
    parts.explorer.show({ levels: parts.levels, weights: exact, max, n, pieces, cell, marks });
  }
  showScale(parts, state, by, max);
  const counted = (/** @type {number} */ query, /** @type {number} */ key) =>
    'lacks' in found || !marks
      ? ''
      : `, ${cellWords(found.score, { n, ids: result.ids }, marks[0].cells[query * n + key], query, key)}`;
  setText(parts.readout, told(cell, exact, n, pieces, by, counted));
}

/**
 * @param {ReturnType<typeof build>} parts
 * @param {import('../state/state.js').State} state
 * @param {import('../state/view.js').Weighting} by
 * @param {number} max
 */
function showScale({ scale, weighting, weightedHint }, { view, pattern }, by, max) {
  weighting.show(view.weighted);
  const waiting = view.weighted !== 'attention' && by === 'attention';
  const most =
    by === 'attention'
      ? ''
      : pattern?.by === by
        ? ` The darkest cell is ${figure(max, 3)}, in the residual stream’s own units.`
        : '';
  setText(
    weightedHint,
    waiting
      ? 'Choose a head: the mean of all heads is of attention alone.'
      : by === 'attention'
        ? ''
        : WEIGHTED[by].hint + most,
  );
  weightedHint.hidden = weightedHint.textContent === '';
  setText(scale.name, WEIGHTED[by].scale);
  setText(scale.end, by === 'attention' ? '1' : figure(max));
}

/**
 * @param {Element} root
 * @param {import('../state/state.js').State} state
 * @param {import('../state/state.js').Emit} emit
 */
function build(root, state, emit) {
  const title = el('h2', { id: 'pattern-title', 'data-testid': 'pattern-title' });
  const sub = el('p', { class: 'caption' });
  const readout = el('p', { class: 'readout', role: 'status', 'data-testid': 'readout' });
  /** @param {string} label @param {string} name @param {string} key @param {() => void} act */
  const tool = (label, name, key, act) =>
    button(label, act, { class: 'tool', 'aria-label': name, title: `${name} (${key})` });
  const farther = tool('−', 'Zoom out', '−', () => explorer.farther());
  const closer = tool('+', 'Zoom in', '+', () => explorer.closer());
  const all = tool('All', 'Show the whole pattern', '0', () => explorer.all());
  const scale = scaleOf();
  const legend = markLegend();
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
  const weightedHint = el('p', { class: 'hint', 'data-testid': 'weighted-hint' });
  const explorer = createExplorer({
    onPoint: (cell) => emit({ type: 'point', ...cell }),
    onChoose: (query, key) => emit({ type: 'choose', query, key }),
    onZoom: (span, n, closest) => {
      farther.disabled = all.disabled = span >= n;
      closer.disabled = span <= closest;
      scale.element.hidden = span < n;
    },
  });
  explorer.element.append(scale.element);
  /** @param {number} step */
  const go = (step) => {
    const { result, view } = parts.latest;
    if (!result) return;
    const { n_layers, n_heads } = result.model.config;
    emit({ type: 'lock', head: neighbour(view.head, step, n_layers, n_heads) });
  };
  const before = tool('‹', 'Previous head', '[', () => go(-1));
  const after = tool('›', 'Next head', ']', () => go(1));
  const letGo = button('Let go', () => emit({ type: 'lock', head: null }), {
    class: 'tool',
    title: 'Back to the mean of all heads (Esc)',
    'data-testid': 'let-go',
  });
  const off = button(
    '',
    () => {
      const { head, off: heads } = parts.latest.view;
      if (head === null) return;
      emit({ type: 'set', change: { off: toggled(heads, head) } });
      emit({ type: 'tab', tab: 'off' });
    },
    {
      class: 'link',
      hidden: true,
      title: 'Shows what the model does without it, under Switch off',
      'data-testid': 'pattern-off',
    },
  );
  const tools = el(
    'div',
    { class: 'tools' },
    before,
    after,
    letGo,
    el('span', { class: 'gap' }),
    farther,
    closer,
    all,
  );
  root.append(
    el('div', { class: 'section-head' }, el('div', { class: 'titles' }, title, sub), tools),
    explorer.element,
    el('p', { id: 'explorer-help', class: 'unseen' }, HELP),
    legend,
    readout,
    weighting.element,
    weightedHint,
    off,
  );
  /** @type {import('../ui/heatmap.js').Level[]} */ const levels = [];
  const shown = { title, sub, readout, letGo, off, explorer, scale, legend, weighting, weightedHint };
  const parts = { ...shown, levels, latest: state, ofLevels: {}, ofScene: {} };
  return parts;
}

/** The scale, in the corner that the causal triangle leaves empty. */
function scaleOf() {
  const [zero, name, end] = ['0', '', '1'].map((words) => el('span', {}, words));
  const element = el(
    'div',
    { class: 'scale', 'aria-hidden': 'true' },
    el('span', { class: 'ramp' }),
    el('span', { class: 'ends' }, zero, name, end),
    el('span', {}, 'rows: the query token'),
    el('span', {}, 'columns: the key it looks at'),
  );
  return { element, name, end };
}

/**
 * A head's thumbnail, or the mean of all, while the pattern is on the way.
 * @param {import('../state/state.js').Result} result
 * @param {string | null} head
 */
function thumbnailOf({ thumbnails: { side, cells }, model }, head) {
  const at = parseHead(head);
  const size = side * side;
  if (at)
    return cells.subarray(
      (at.layer * model.config.n_heads + at.head) * size,
      (at.layer * model.config.n_heads + at.head + 1) * size,
    );
  const heads = cells.length / size;
  return Uint8Array.from({ length: size }, (_, cell) => {
    let sum = 0;
    for (let from = cell; from < cells.length; from += size) sum += cells[from];
    return sum / heads;
  });
}

/**
 * @param {import('../state/state.js').Cell} cell
 * @param {Float32Array | null} weights
 * @param {number} n
 * @param {string[]} pieces
 * @param {import('../state/view.js').Weighting} by
 * @param {(query: number, key: number) => string} counted what the selected score made of a cell
 */
function told({ query, key }, weights, n, pieces, by, counted) {
  /** @param {number} position */
  const token = (position) => `${position} ${quoted(pieces[position] ?? '')}`;
  if (query !== null && key !== null) {
    if (key > query) return `query ${token(query)} comes before key ${token(key)}: it cannot look ahead`;
    const at = query * n + key;
    const unit = by === 'attention' ? '' : ` (${WEIGHTED[by].scale})`;
    return `query ${token(query)} → key ${token(key)}   ${weights ? figure(weights[at], 3) : '…'}${unit}${counted(query, key)}`;
  }
  if (query !== null) return `query ${token(query)}`;
  if (key !== null) return `key ${token(key)}`;
  return 'Point at a cell for its weight';
}
