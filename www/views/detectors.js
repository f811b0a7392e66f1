/** The detectors: their verdicts as the notebook prints them, the thresholds, and every head's figures as a table. */

import { above } from '../heads.js';
import { figure } from '../scales.js';
import { DEFAULT_VIEW, thresholdsOf } from '../state.js';
import { columns, groups, passes, rowsOf, sorted } from '../table.js';
import { button, changed, el, once, setText } from '../ui/dom.js';

/** @type {readonly { name: 'active' | 'fraction' | 'mean', label: string, hint: string }[]} */
const SLIDERS = [
  { name: 'active', label: 'Active weight', hint: 'A row counts when its largest weight is above this' },
  { name: 'fraction', label: 'Fraction of rows', hint: 'Dominant weight names a head when more than this share of rows counts' },
  { name: 'mean', label: 'Mean score', hint: 'Mean score and token matching name a head above this' },
];

/** The verdicts of the thresholded detectors, in the notebook's words. @type {readonly { title: string, group: string, lines: readonly [string, string][] }[]} */
const PRINTED = [
  { title: 'By dominant weight', group: 'dominant', lines: [['dominant-current', 'Heads attending to current token'], ['dominant-previous', 'Heads attending to previous token'], ['dominant-first', 'Heads attending to first token']] },
  { title: 'By mean score', group: 'mean', lines: [['mean-current', 'Heads attending to current token'], ['mean-previous', 'Heads attending to previous token'], ['mean-first', 'Heads attending to first token']] },
  { title: 'By token matching', group: 'matching', lines: [['matching-induction', 'Induction heads'], ['matching-duplicate', 'Duplicate-token heads']] },
];

/** @param {Element} root @param {import('../state.js').State} state @param {import('../state.js').Emit} emit */
export function detectors(root, state, emit) {
  const parts = once(root, () => build(root, emit));
  const { detection, view } = state;
  for (const { name, input, output } of parts.sliders) {
    if (Number(input.value) !== view[name]) input.value = String(view[name]);
    setText(output, figure(view[name]));
  }
  parts.reset.hidden = SLIDERS.every(({ name }) => view[name] === DEFAULT_VIEW[name]);
  if (!detection) return;
  if (changed(parts.ofDetection, detection)) {
    showPrinted(parts.printed, detection, thresholdsOf(view));
    showNull(parts.nulls, detection, thresholdsOf(view));
  }
  if (changed(parts.ofRows, detection, state.sort)) showRows(parts.body, state, emit);
  if (changed(parts.ofSort, state.sort)) {
    parts.heads.forEach(({ id, cell }) => {
      const order = id !== state.sort.column ? 'none' : state.sort.descending ? 'descending' : 'ascending';
      cell.setAttribute('aria-sort', order);
    });
  }
  if (changed(parts.ofHead, detection, state.sort, view.head)) {
    for (const row of parts.body.rows) row.classList.toggle('locked', row.dataset.head === view.head);
  }
}

/** @param {Element} root @param {import('../state.js').Emit} emit */
function build(root, emit) {
  const sliders = SLIDERS.map(({ name, label, hint }) => {
    const id = `threshold-${name}`;
    const input = el('input', { type: 'range', id, min: 0, max: 1, step: 0.01, 'aria-describedby': `${id}-hint`, 'data-testid': id });
    input.addEventListener('input', () => emit({ type: 'thresholds', [name]: Number(input.value) }));
    const output = el('output', { for: id });
    return { name, input, output, element: el('div', { class: 'slider' }, el('label', { for: id }, label), output, input, el('p', { id: `${id}-hint`, class: 'hint' }, hint)) };
  });
  const reset = button('Back to the notebook’s thresholds', () => emit({ type: 'thresholds', active: DEFAULT_VIEW.active, fraction: DEFAULT_VIEW.fraction, mean: DEFAULT_VIEW.mean }), { class: 'link', hidden: true });
  const printed = PRINTED.flatMap(({ lines }) => lines.map(([id]) => ({ id, heads: el('span', { class: 'printed-heads' }), aside: el('span', { class: 'aside' }) })));
  const blocks = PRINTED.map(({ title, group, lines }) =>
    el('div', { class: 'printed', 'data-testid': `printed-${group}` }, el('h3', {}, title),
      ...lines.map(([id, words]) => {
        const { heads, aside } = /** @type {typeof printed[number]} */ (printed.find((line) => line.id === id));
        return el('p', { 'data-testid': `printed-${id}` }, el('span', { class: 'words' }, `${words}: `), heads, aside);
      })),
  );
  /** @param {string} id @param {string} label @param {string} hint */
  const heading = (id, label, hint) => {
    const cell = el('th', { scope: 'col', 'aria-sort': 'none' }, button(label, () => emit({ type: 'sort', column: id }), { title: hint, 'data-testid': `sort-${id}` }));
    return { id, cell };
  };
  const heads = [heading('head', 'Head', 'The model’s own order'), ...columns.map(({ id, group, label, hint }) => {
    const made = heading(id, label, hint);
    made.cell.firstElementChild?.setAttribute('aria-label', `${group}, ${label.replace('\n', ' ')}`);
    return made;
  })];
  starts(heads.slice(1).map(({ cell }) => cell));
  const nulls = columns.map((column) => ({ column, cell: el('td') }));
  starts(nulls.map(({ cell }) => cell));
  const body = el('tbody');
  const table = el('table', { class: 'figures', 'data-testid': 'figures' },
    el('caption', { class: 'unseen' }, 'Every head’s detector figures, with the null line: what uniform attention scores on this text'),
    el('thead', {},
      el('tr', { class: 'groups' }, el('td', {}), ...groups.map(({ name, span }) => el('th', { scope: 'colgroup', colspan: span, class: 'starts' }, name))),
      el('tr', { class: 'columns' }, ...heads.map(({ cell }) => cell)),
      el('tr', { class: 'nulls', 'data-testid': 'null-line' }, el('th', { scope: 'row', title: 'What uniform attention over everything before a token scores on this very text' }, 'null line'), ...nulls.map(({ cell }) => cell))),
    body);
  root.append(
    el('h2', { id: 'detectors-title' }, 'Detectors'),
    el('div', { class: 'verdicts' }, ...blocks),
    el('div', { class: 'sliders', role: 'group', 'aria-label': 'Thresholds' }, ...sliders.map(({ element }) => element)),
    reset,
    el('div', { class: 'scroller', tabindex: 0, role: 'region', 'aria-label': 'Table of every head’s figures' }, table),
    el('p', { class: 'hint legend' }, el('b', {}, '●'), ' above its threshold. The null line is what a head would score that looks at everything before a token equally; where it passes by itself, the detector says nothing about this text.'),
  );
  return { sliders, reset, printed, nulls, heads, body, ofDetection: {}, ofRows: {}, ofSort: {}, ofHead: {} };
}

/** Marks the cells that begin a group. @param {HTMLElement[]} cells one a column */
function starts(cells) {
  columns.forEach(({ group }, at) => cells[at].classList.toggle('starts', at === 0 || columns[at - 1].group !== group));
}

/** @param {{ id: string, heads: HTMLElement, aside: HTMLElement }[]} printed @param {import('../heads.js').Detection} detection @param {import('../heads.js').Thresholds} thresholds */
function showPrinted(printed, detection, thresholds) {
  for (const { id, heads, aside } of printed) {
    const column = /** @type {import('../table.js').Column} */ (columns.find((candidate) => candidate.id === id));
    const threshold = column.threshold ? thresholds[column.threshold] : 1;
    const found = above(column.scores(detection), threshold);
    const nullLine = column.nullLine(detection);
    setText(heads, found.heads.map(({ name }) => name).join(', ') || (found.best ? 'none' : 'no token occurs twice'));
    const flagged = passes(column, nullLine, thresholds);
    setText(aside, nullLine === null ? '' : flagged ? `⚑ null line ${figure(nullLine)} passes too` : `null line ${figure(nullLine)}`);
    aside.classList.toggle('flagged', flagged);
  }
}

/** @param {{ column: import('../table.js').Column, cell: HTMLElement }[]} nulls @param {import('../heads.js').Detection} detection @param {import('../heads.js').Thresholds} thresholds */
function showNull(nulls, detection, thresholds) {
  for (const { column, cell } of nulls) {
    const value = column.nullLine(detection);
    const flagged = passes(column, value, thresholds);
    setText(cell, `${flagged ? '⚑ ' : ''}${figure(value)}`);
    cell.classList.toggle('flagged', flagged);
    cell.title = flagged ? 'Uniform attention passes this threshold on this text: the detector says nothing here' : '';
  }
}

/** @param {HTMLTableSectionElement} body @param {import('../state.js').State} state @param {import('../state.js').Emit} emit */
function showRows(body, { detection, sort, view }, emit) {
  if (!detection) return;
  const thresholds = thresholdsOf(view);
  const focused = document.activeElement instanceof HTMLElement && body.contains(document.activeElement) ? document.activeElement.dataset.head : undefined;
  body.replaceChildren(
    ...sorted(rowsOf(detection), sort).map(({ name, values }) => {
      const cells = values.map((value, at) => {
        const named = passes(columns[at], value, thresholds);
        const cell = el('td', { class: named ? 'named' : false }, named ? el('span', { class: 'mark', 'aria-hidden': 'true' }, '●') : null, figure(value), named ? el('span', { class: 'unseen' }, ' above threshold') : null);
        cell.style.setProperty('--ratio', String(Math.max(0, Math.min(1, value ?? 0))));
        return cell;
      });
      starts(cells);
      return el('tr', { 'data-head': name }, el('th', { scope: 'row' }, button(name, () => emit({ type: 'lock', head: name }), { class: 'head-link', 'data-head': name, 'aria-label': `Show head ${name}` })), ...cells);
    }),
  );
  const again = focused ? body.querySelector(`button[data-head="${focused}"]`) : null;
  if (again instanceof HTMLElement) again.focus();
}
