/** Every head's figures as a sortable table, under the uniform baseline: the scores of uniform attention. */

import { figure } from '../base/format.js';
import { columns, groups, passes, rowsOf, sorted } from '../figures/table.js';
import { shownDetection } from '../state/state.js';
import { shownOn } from '../state/tabs.js';
import { thresholdsOf } from '../state/view.js';
import { button, changed, el, once, setText } from '../ui/dom.js';
import { createRows } from '../ui/table_rows.js';

/** @typedef {{ column: import('../figures/table.js').Column, cell: HTMLElement }} UniformCell */

/** Whether a column is the first of its group. @param {number} at */
const isStart = (at) => at === 0 || columns[at - 1].group !== columns[at].group;

/**
 * The widths of the columns. Each row is a grid of its own, so that the browser lays out only the rows in
 * sight: a table would be laid out as a whole. Roles say what the display no longer says.
 */
const trackOf = (/** @type {import('../figures/table.js').Column} */ { note }, /** @type {number} */ at) =>
  note ? '2fr' : isStart(at) ? '1.3fr' : '1.1fr';
const TRACKS = columns.map(trackOf).join(' ');
const ROW_HEADER = { scope: 'row', role: 'rowheader' };

/**
 * @param {Element} root
 * @param {import('../state/state.js').State} state
 * @param {import('../state/state.js').Emit} emit
 */
export function figures(root, state, emit) {
  const parts = once(root, () => build(root, state, emit));
  const { sort, view } = state;
  const detection = shownDetection(state);
  if (!detection || !shownOn('scores', state)) return;
  parts.now.view = view;
  if (changed(parts.ofDetection, detection)) showUniform(parts.uniform, detection, thresholdsOf(view));
  if (changed(parts.ofRows, detection, sort, view.head, view.score))
    parts.rows.show(sorted(rowsOf(detection), sort));
  if (changed(parts.ofSort, sort)) {
    for (const { id, cell } of parts.headings) {
      const order = id !== sort.column ? 'none' : sort.descending ? 'descending' : 'ascending';
      cell.setAttribute('aria-sort', order);
    }
  }
  for (const { id, mark } of parts.headings) mark?.setAttribute('aria-pressed', String(id === view.score));
}

/**
 * @param {Element} root
 * @param {import('../state/state.js').State} state
 * @param {import('../state/state.js').Emit} emit
 */
function build(root, state, emit) {
  const headings = headingsOf(emit);
  const uniform = columns.map((column) => ({ column, cell: el('td', { role: 'cell' }) }));
  starts(uniform.map(({ cell }) => cell));
  const uniformHint =
    'The score of uniform attention, which attends equally to every position up to the query';
  const uniformName = el('th', { ...ROW_HEADER, title: uniformHint }, 'uniform baseline');
  const groupNames = groups.map(({ name, span }) => {
    const over = { scope: 'colgroup', colspan: span, role: 'columnheader', 'aria-colspan': span };
    return el('th', { ...over, class: 'starts', style: `grid-column: span ${span}` }, name);
  });
  const body = el('tbody', { role: 'rowgroup' });
  const table = el(
    'table',
    { class: 'figures', role: 'table', style: `--tracks: ${TRACKS}`, 'data-testid': 'figures' },
    el(
      'caption',
      { class: 'unseen' },
      'Every head’s detector figures, under the uniform baseline: the scores of uniform attention',
    ),
    el(
      'thead',
      { role: 'rowgroup' },
      el('tr', { role: 'row', class: 'groups' }, el('td', { role: 'cell' }), ...groupNames),
      el('tr', { role: 'row', class: 'columns' }, ...headings.map(({ cell }) => cell)),
      el(
        'tr',
        { role: 'row', class: 'nulls', 'data-testid': 'uniform' },
        uniformName,
        ...uniform.map(({ cell }) => cell),
      ),
    ),
    body,
  );
  // A click on a figure marks its score and pins its head. The keyboard has a button for each.
  body.addEventListener('click', ({ target }) => {
    const cell = target instanceof Element ? target.closest('td') : null;
    const row = cell?.closest('tr');
    const column = cell && columns[cell.cellIndex - 1];
    if (!column || !row?.dataset.head) return;
    emit({ type: 'lock', head: row.dataset.head });
    emit({ type: 'set', change: { score: column.id } });
  });
  root.append(
    el(
      'div',
      {
        class: 'scroller of-figures',
        tabindex: 0,
        role: 'region',
        'aria-label': 'Table of every head’s figures',
      },
      table,
    ),
    el(
      'p',
      { class: 'hint legend' },
      el('b', {}, '●'),
      ' above its threshold. The uniform baseline is the score of a head that attends equally to every ' +
        'position up to the query. Where the baseline passes the threshold, the detector says nothing ' +
        'about this text. A click on a figure, or on cells above it, marks the counted cells on the pattern.',
    ),
  );
  const now = { view: state.view };
  const rows = createRows(body, {
    keyOf: ({ name }) => name,
    make: ({ name }) => rowOf(name, emit),
    fill: (row, item) => fill(row, item, now.view),
  });
  return { headings, uniform, rows, now, ofDetection: {}, ofRows: {}, ofSort: {} };
}

/**
 * The column headings: buttons that sort, and buttons that mark cells.
 * @param {import('../state/state.js').Emit} emit
 */
function headingsOf(emit) {
  /** @param {string} id @param {string} label @param {import('../ui/dom.js').Attributes} attributes */
  const heading = (id, label, attributes) => {
    const sort = button(label, () => emit({ type: 'sort', column: id }), {
      ...attributes,
      'data-testid': `sort-${id}`,
    });
    const name = attributes['aria-label'];
    const mark =
      id === 'head'
        ? null
        : button(
            'cells',
            () =>
              emit({
                type: 'set',
                change: { score: mark?.getAttribute('aria-pressed') === 'true' ? null : id },
              }),
            {
              class: 'audit-mark',
              'aria-label': `Mark the cells of ${name}`,
              'aria-pressed': 'false',
              title: 'Mark the cells that this score counts on the pattern',
              'data-testid': `audit-${id}`,
            },
          );
    const header = { scope: 'col', role: 'columnheader', 'aria-sort': 'none' };
    return { id, mark, cell: el('th', header, sort, mark) };
  };
  const ofColumns = columns.map(({ id, group, label, hint }) =>
    heading(id, label, { title: hint, 'aria-label': `${group}, ${label.replace('\n', ' ')}` }),
  );
  starts(ofColumns.map(({ cell }) => cell));
  return [heading('head', 'Head', { title: 'The model’s own order' }), ...ofColumns];
}

/** Marks the cells at the start of a group. @param {HTMLElement[]} cells one a column */
function starts(cells) {
  cells.forEach((cell, at) => cell.classList.toggle('starts', isStart(at)));
}

/**
 * @param {UniformCell[]} cells @param {import('../figures/heads.js').Detection} detection
 * @param {import('../figures/heads.js').Thresholds} thresholds
 */
function showUniform(cells, detection, thresholds) {
  for (const { column, cell } of cells) {
    const value = column.uniform(detection);
    const flagged = passes(column, value, thresholds);
    setText(cell, `${flagged ? '⚑ ' : ''}${figure(value)}`);
    cell.classList.toggle('flagged', flagged);
    cell.title = flagged
      ? 'Uniform attention passes this threshold: the detector says nothing about this text'
      : '';
  }
}

/**
 * @typedef {{ row: HTMLTableRowElement, cells: HTMLElement[], shown: string[] }} Row   shown: the words of
 *   each cell
 */

/**
 * Draws what differs: a dragged threshold changes a few cells of thousands.
 * @param {Row} row
 * @param {import('../figures/table.js').Row} item
 * @param {import('../state/view.js').View} view
 */
function fill(row, { name, values, notes }, view) {
  const locked = name === view.head;
  const thresholds = thresholdsOf(view);
  row.row.classList.toggle('locked', locked);
  const differ = values.filter((value, at) => {
    row.cells[at].classList.toggle('audited', locked && columns[at].id === view.score);
    return showFigure(row, at, value, passes(columns[at], value, thresholds), notes[at]);
  });
  return differ.length;
}

/** @param {string} name @param {import('../state/state.js').Emit} emit @returns {Row} */
function rowOf(name, emit) {
  const show = button(name, () => emit({ type: 'lock', head: name }), {
    class: 'head-link',
    'data-head': name,
    'aria-label': `Show head ${name}`,
  });
  const cells = columns.map(() => el('td', { role: 'cell' }));
  starts(cells);
  return {
    row: el('tr', { role: 'row', 'data-head': name }, el('th', ROW_HEADER, show), ...cells),
    cells,
    shown: [],
  };
}

/**
 * Draws a figure with a bar of its length, and a mark when it is above its threshold.
 * @param {Row} row @param {number} at the column @param {number | null} value @param {boolean} named
 * @param {string} note what else the figure says
 * @returns {boolean} whether the cell changed
 */
function showFigure({ cells, shown }, at, value, named, note) {
  const words = note ? `${figure(value)}, ${note}` : figure(value);
  if (shown[at] === `${words} ${named}`) return false;
  shown[at] = `${words} ${named}`;
  const mark = named ? [el('span', { class: 'mark', 'aria-hidden': 'true' }, '●')] : [];
  const said = named ? [el('span', { class: 'unseen' }, ' above threshold')] : [];
  cells[at].replaceChildren(...mark, words, ...said);
  cells[at].classList.toggle('named', named);
  cells[at].style.setProperty('--ratio', String(Math.max(0, Math.min(1, value ?? 0))));
  return true;
}
