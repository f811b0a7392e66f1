/** The largest weights of the chosen token: the top keys of a query, or the top queries of a key. */

import { figure } from '../base/format.js';
import { quoted, visible } from '../base/tokens.js';
import { WEIGHTED } from '../figures/weighted.js';
import { exactPattern, shownCell, shownWeighting } from '../state/state.js';
import { changed, el, once, setText } from '../ui/dom.js';

const TOP = 6;

/**
 * The positions with the largest weights, largest first. Equal weights are in text order.
 * @param {(position: number) => number} weightAt
 * @param {number} from
 * @param {number} to one more than the last position
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

/** @param {Element} root @param {import('../state/state.js').State} state */
export function topKeys(root, state) {
  const parts = once(root, () => build(root));
  const weights = exactPattern(state);
  const { result, view } = state;
  const cell = shownCell(state);
  if (!result || !weights || !changed(parts.memory, weights, cell.query, cell.key, view.direction)) return;
  const { seq: n, pieces } = result;
  const byQuery = cell.query !== null || (cell.key === null && view.direction === 'from');
  const position = byQuery ? (cell.query ?? n - 1) : (cell.key ?? 0);
  const found = byQuery
    ? top((key) => weights[position * n + key], 0, position + 1)
    : top((query) => weights[query * n + position], position, n);
  const token = `${position} ${quoted(pieces[position] ?? '')}`;
  const { max } = /** @type {import('../state/state.js').Pattern} */ (state.pattern);
  setText(parts.heading, WEIGHTED[shownWeighting(state)].figure);
  setText(parts.caption, byQuery ? `Top keys of query ${token}` : `Queries that look most at key ${token}`);
  parts.rows.forEach(({ row, index, name, weight }, at) => {
    const entry = found[at];
    setText(index, entry ? String(entry.position) : '');
    setText(name, entry ? visible(pieces[entry.position] ?? '') : '');
    setText(weight, entry ? figure(entry.weight, 3) : '');
    row.style.setProperty('--share', entry && max > 0 ? `${(entry.weight / max) * 100}%` : '0%');
  });
}

/** @param {Element} root */
function build(root) {
  const caption = el('caption');
  // The number of rows never changes: what is below stays in place while the pointer moves.
  const rows = Array.from({ length: TOP }, () => {
    const index = el('td');
    const name = el('td', { class: 'token-cell' });
    const weight = el('td', { class: 'figure' });
    return { index, name, weight, row: el('tr', {}, index, name, weight) };
  });
  const heading = el('th', { scope: 'col', class: 'figure' }, 'Weight');
  const titles = [...['Position', 'Token'].map((words) => el('th', { scope: 'col' }, words)), heading];
  root.append(
    el(
      'table',
      { class: 'top-keys', 'data-testid': 'top-keys' },
      caption,
      el('thead', {}, el('tr', {}, ...titles)),
      el('tbody', {}, ...rows.map(({ row }) => row)),
    ),
  );
  return { caption, heading, rows, memory: {} };
}
