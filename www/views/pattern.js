/** The shown head, large: its pattern with a crosshair, the figure of the cell, and the top keys of the query as a table. */

import { bestKind, neighbour, parseHead } from '../heads.js';
import { figure } from '../scales.js';
import { shownCell, shownHead, thresholdsOf } from '../state.js';
import { quoted, visible } from '../tokens.js';
import { button, changed, el, once, setText } from '../ui/dom.js';
import { createExplorer } from '../ui/explorer.js';
import { pyramid } from '../ui/heatmap.js';

const TOP = 6;

/**
 * The positions with the largest weights, largest first, equal ones in text order.
 * @param {(position: number) => number} weightAt @param {number} from @param {number} to beyond the last
 */
function top(weightAt, from, to) {
  /** @type {{ position: number, weight: number }[]} */ const best = [];
  for (let position = from; position < to; position++) {
    const weight = weightAt(position);
    if (best.length === TOP && weight <= best[TOP - 1].weight) continue;
    let at = best.length;
    while (at > 0 && best[at - 1].weight < weight) at--;
    best.splice(at, 0, { position, weight });
    if (best.length > TOP) best.pop();
  }
  return best;
}

/** @param {import('../state.js').State} state @param {string | null} head */
function subtitle({ detection, view, preview }, head) {
  const at = parseHead(head);
  if (!at) return 'Hover a head to look, click to keep it';
  const best = detection && bestKind(detection, thresholdsOf(view), at.layer, at.head);
  const score = best ? `${best.kind} ${figure(best.score)}` : '';
  return preview ? `${score} · click to keep` : score;
}

/** @param {Element} root @param {import('../state.js').State} state @param {import('../state.js').Emit} emit */
export function pattern(root, state, emit) {
  const parts = once(root, () => {
    const title = el('h2', { id: 'pattern-title', 'data-testid': 'pattern-title' });
    const sub = el('p', { class: 'caption' });
    const readout = el('p', { class: 'readout', role: 'status', 'data-testid': 'readout' });
    const closer = button('+', () => explorer.closer(), { class: 'tool', 'aria-label': 'Zoom in', title: 'Closer (+)' });
    const farther = button('−', () => explorer.farther(), { class: 'tool', 'aria-label': 'Zoom out', title: 'Farther (−)' });
    const all = button('All', () => explorer.all(), { class: 'tool', 'aria-label': 'Show the whole pattern', title: 'All of it (0)' });
    const explorer = createExplorer({
      onPoint: (cell) => emit({ type: 'point', ...cell }),
      onChoose: (query, key) => emit({ type: 'choose', query, key }),
      onZoom: (span, n) => {
        farther.disabled = all.disabled = span >= n;
        closer.disabled = span <= Math.min(6, n);
        legend.hidden = span < n;
      },
    });
    // It stands in the corner the causal triangle leaves empty.
    const legend = el('div', { class: 'scale', 'aria-hidden': 'true' },
      el('span', { class: 'ramp' }), el('span', { class: 'ends' }, el('span', {}, '0'), el('span', {}, 'attention weight'), el('span', {}, '1')),
      el('span', {}, 'rows: the query token'), el('span', {}, 'columns: the key it looks at'));
    explorer.element.append(legend);
    /** @param {number} step */
    const go = (step) => {
      const { result, view } = built.latest;
      if (result) emit({ type: 'lock', head: neighbour(view.head, step, result.model.config.n_layers, result.model.config.n_heads) });
    };
    const letGo = button('Let go', () => emit({ type: 'lock', head: null }), { class: 'tool', title: 'Back to the mean of all heads (Esc)', 'data-testid': 'let-go' });
    const rows = Array.from({ length: TOP }, () => {
      const [rank, token, weight] = [el('td', { class: 'position' }), el('td', { class: 'token-cell' }), el('td', { class: 'figure' })];
      return { rank, token, weight, row: el('tr', {}, rank, token, weight) };
    });
    const caption = el('caption');
    const table = el('table', { class: 'top-keys', 'data-testid': 'top-keys' }, caption,
      el('thead', {}, el('tr', {}, el('th', { scope: 'col' }, 'Position'), el('th', { scope: 'col' }, 'Token'), el('th', { scope: 'col', class: 'figure' }, 'Weight'))),
      el('tbody', {}, ...rows.map(({ row }) => row)));
    root.append(
      el('div', { class: 'section-head' }, el('div', { class: 'titles' }, title, sub),
        el('div', { class: 'tools' }, button('‹', () => go(-1), { class: 'tool', 'aria-label': 'Previous head', title: 'Previous head ([)' }), button('›', () => go(1), { class: 'tool', 'aria-label': 'Next head', title: 'Next head (])' }), letGo,
          el('span', { class: 'gap' }), farther, closer, all)),
      explorer.element,
      el('p', { id: 'explorer-help', class: 'unseen' }, 'Queries down, keys across. Arrow keys move by a cell, Shift with an arrow by ten, plus and minus zoom, 0 shows all, Escape lets go.'),
      readout,
      table,
    );
    /** @type {{ title: HTMLElement, sub: HTMLElement, readout: HTMLElement, letGo: HTMLButtonElement, explorer: ReturnType<typeof createExplorer>, caption: HTMLElement, rows: typeof rows, levels: import('../ui/heatmap.js').Level[], latest: import('../state.js').State, ofLevels: {}, ofScene: {}, ofTable: {} }} */
    const built = { title, sub, readout, letGo, explorer, caption, rows, levels: [], latest: state, ofLevels: {}, ofScene: {}, ofTable: {} };
    return built;
  });
  parts.latest = state;
  const head = shownHead(state);
  setText(parts.title, head ? `Head ${head}` : 'Mean of all heads');
  setText(parts.sub, subtitle(state, head));
  parts.letGo.disabled = state.view.head === null;
  const { result } = state;
  if (!result) return;
  const { seq: n, pieces } = result;
  const exact = state.pattern?.head === head && state.pattern.weights.length === n * n ? state.pattern.weights : null;
  const thumbnail = exact ? null : thumbnailOf(result, head);
  const source = exact ?? thumbnail;
  if (changed(parts.ofLevels, exact, exact ? null : head, result) && source) parts.levels = pyramid(source, exact ? n : result.thumbnails.side);
  const cell = shownCell(state);
  if (changed(parts.ofScene, parts.levels, cell.query, cell.key)) {
    parts.explorer.show({ levels: parts.levels, weights: exact, n, pieces, cell });
  }
  setText(parts.readout, told(cell, exact, n, pieces));
  if (exact && changed(parts.ofTable, exact, cell.query, cell.key, state.view.direction)) showTop(parts, state, exact, cell);
}

/** A head's thumbnail while its pattern is on the way; the mean has none. @param {import('../state.js').Result} result @param {string | null} head */
function thumbnailOf({ thumbnails: { side, cells }, model }, head) {
  const at = parseHead(head);
  if (!at) return null;
  const from = (at.layer * model.config.n_heads + at.head) * side * side;
  return cells.subarray(from, from + side * side);
}

/** @param {import('../state.js').Cell} cell @param {Float32Array | null} weights @param {number} n @param {string[]} pieces */
function told({ query, key }, weights, n, pieces) {
  /** @param {number} position */
  const token = (position) => `${position} ${quoted(pieces[position] ?? '')}`;
  if (query !== null && key !== null) {
    if (key > query) return `query ${token(query)} comes before key ${token(key)}: it cannot look ahead`;
    return `query ${token(query)} → key ${token(key)}   ${weights ? figure(weights[query * n + key], 3) : '…'}`;
  }
  if (query !== null) return `query ${token(query)}`;
  if (key !== null) return `key ${token(key)}`;
  return 'Point at a cell for its weight';
}

/**
 * The top keys of the query or, when tokens are looked at from the other side, the top queries of the key.
 * @param {{ caption: HTMLElement, rows: { row: HTMLElement, rank: HTMLElement, token: HTMLElement, weight: HTMLElement }[] }} parts
 * @param {import('../state.js').State} state @param {Float32Array} weights @param {import('../state.js').Cell} cell
 */
function showTop({ caption, rows }, { result, view }, weights, cell) {
  if (!result) return;
  const { seq: n, pieces } = result;
  const byQuery = cell.query !== null || (cell.key === null && view.direction === 'from');
  const position = byQuery ? (cell.query ?? n - 1) : (cell.key ?? 0);
  const found = byQuery ? top((key) => weights[position * n + key], 0, position + 1) : top((query) => weights[query * n + position], position, n);
  const token = `${position} ${quoted(pieces[position] ?? '')}`;
  setText(caption, byQuery ? `Top keys of query ${token}` : `Queries that look most at key ${token}`);
  rows.forEach(({ row, rank, token: name, weight }, at) => {
    const entry = found[at];
    row.classList.toggle('empty', !entry);
    setText(rank, entry ? String(entry.position) : '');
    setText(name, entry ? visible(pieces[entry.position] ?? '') : '');
    setText(weight, entry ? figure(entry.weight, 3) : '\u00a0');
    row.style.setProperty('--share', entry ? `${entry.weight * 100}%` : '0%');
  });
}
