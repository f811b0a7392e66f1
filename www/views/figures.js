/** Every head's figures as a sortable table, under the uniform baseline: the scores of uniform attention. */

import { figure } from '../base/format.js';
import { columns, groups, passes, rowsOf, sorted } from '../figures/table.js';
import { shownDetection } from '../state/state.js';
import { thresholdsOf } from '../state/view.js';
import { button, changed, el, once, setText } from '../ui/dom.js';

/**
 * The largest number of changed rows in one frame: the browser lays out and paints a row of 17 cells at once.
 */
const ROWS_A_FRAME = 8;

/** @typedef {{ column: import('../figures/table.js').Column, cell: HTMLElement }} UniformCell */

/**
 * @param {Element} root
 * @param {import('../state/state.js').State} state
 * @param {import('../state/state.js').Emit} emit
 * @returns {boolean} whether there are rows left for the next frame
 */
export function figures(root, state, emit) {
  const parts = once(root, () => build(root, emit));
  const { sort, view } = state;
  const detection = shownDetection(state);
  if (!detection) return false;
  if (changed(parts.ofDetection, detection)) showUniform(parts.uniform, detection, thresholdsOf(view));
  if (changed(parts.ofRows, detection, sort))
    Object.assign(parts, { wanted: sorted(rowsOf(detection), sort), done: 0 });
  const more = showRows(parts, thresholdsOf(view), emit);
  parts.body.setAttribute('aria-busy', String(more));
  if (more) return true;
  if (changed(parts.ofSort, sort)) {
    for (const { id, cell } of parts.headings) {
      const order = id !== sort.column ? 'none' : sort.descending ? 'descending' : 'ascending';
      cell.setAttribute('aria-sort', order);
    }
  }
  if (changed(parts.ofHead, detection, sort, view.head)) {
    for (const row of parts.body.rows) row.classList.toggle('locked', row.dataset.head === view.head);
  }
  for (const { id, mark } of parts.headings) mark?.setAttribute('aria-pressed', String(id === view.score));
  if (changed(parts.ofScore, detection, sort, view.head, view.score)) {
    const at = columns.findIndex(({ id }) => id === view.score);
    for (const row of parts.body.rows) {
      [...row.cells].forEach((cell, index) =>
        cell.classList.toggle('audited', index === at + 1 && at >= 0 && row.dataset.head === view.head),
      );
    }
  }
  return false;
}

/** @param {Element} root @param {import('../state/state.js').Emit} emit */
function build(root, emit) {
  const headings = headingsOf(emit);
  const uniform = columns.map((column) => ({ column, cell: el('td') }));
  starts(uniform.map(({ cell }) => cell));
  const uniformHint =
    'The score of uniform attention, which attends equally to every position up to the query';
  const uniformName = el('th', { scope: 'row', title: uniformHint }, 'uniform baseline');
  const groupNames = groups.map(({ name, span }) =>
    el('th', { scope: 'colgroup', colspan: span, class: 'starts' }, name),
  );
  const body = el('tbody');
  const table = el(
    'table',
    { class: 'figures', 'data-testid': 'figures' },
    el(
      'caption',
      { class: 'unseen' },
      'Every head’s detector figures, under the uniform baseline: the scores of uniform attention',
    ),
    el(
      'thead',
      {},
      el('tr', { class: 'groups' }, el('td'), ...groupNames),
      el('tr', { class: 'columns' }, ...headings.map(({ cell }) => cell)),
      el('tr', { class: 'nulls', 'data-testid': 'uniform' }, uniformName, ...uniform.map(({ cell }) => cell)),
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
      { class: 'scroller', tabindex: 0, role: 'region', 'aria-label': 'Table of every head’s figures' },
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
  /** @type {Map<string, Row>} */ const rows = new Map();
  /** @type {import('../figures/table.js').Row[]} */ const wanted = [];
  return {
    headings,
    uniform,
    body,
    rows,
    wanted,
    done: 0,
    ofDetection: {},
    ofRows: {},
    ofSort: {},
    ofHead: {},
    ofScore: {},
  };
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
    return { id, mark, cell: el('th', { scope: 'col', 'aria-sort': 'none' }, sort, mark) };
  };
  const ofColumns = columns.map(({ id, group, label, hint }) =>
    heading(id, label, { title: hint, 'aria-label': `${group}, ${label.replace('\n', ' ')}` }),
  );
  starts(ofColumns.map(({ cell }) => cell));
  return [heading('head', 'Head', { title: 'The model’s own order' }), ...ofColumns];
}

/** Marks the cells at the start of a group. @param {HTMLElement[]} cells one a column */
function starts(cells) {
  columns.forEach(({ group }, at) =>
    cells[at].classList.toggle('starts', at === 0 || columns[at - 1].group !== group),
  );
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
 *
 * @typedef {object} Table
 * @property {HTMLTableSectionElement} body
 * @property {Map<string, Row>} rows      by head
 * @property {import('../figures/table.js').Row[]} wanted   in the order of the table
 * @property {number} done                of the wanted rows
 */

/**
 * Draws as many wanted rows as fit in one frame. Rows are reused, and only changed cells are drawn: a dragged
 * threshold changes a few of hundreds.
 * @param {Table} parts
 * @param {import('../figures/heads.js').Thresholds} thresholds @param {import('../state/state.js').Emit} emit
 * @returns {boolean} whether rows are left
 */
function showRows(parts, thresholds, emit) {
  const { body, rows, wanted } = parts;
  const { activeElement } = document;
  for (let drawn = 0; parts.done < wanted.length && drawn < ROWS_A_FRAME; parts.done++) {
    const { name, values, notes } = wanted[parts.done];
    const kept = rows.get(name) ?? rowOf(name, emit);
    rows.set(name, kept);
    const differ = values.filter((value, at) =>
      showFigure(kept, at, value, passes(columns[at], value, thresholds), notes[at]),
    );
    // A moved row is laid out again, so a row in its place is not touched.
    const moved = kept.row !== body.rows[parts.done];
    if (moved) body.insertBefore(kept.row, body.rows[parts.done] ?? null);
    if (moved || differ.length) drawn++;
  }
  if (activeElement instanceof HTMLElement && body.contains(activeElement)) activeElement.focus();
  if (parts.done < wanted.length) return true;
  while (body.rows.length > wanted.length) body.deleteRow(-1);
  return false;
}

/** @param {string} name @param {import('../state/state.js').Emit} emit @returns {Row} */
function rowOf(name, emit) {
  const show = button(name, () => emit({ type: 'lock', head: name }), {
    class: 'head-link',
    'data-head': name,
    'aria-label': `Show head ${name}`,
  });
  const cells = columns.map(() => el('td'));
  starts(cells);
  return {
    row: el('tr', { 'data-head': name }, el('th', { scope: 'row' }, show), ...cells),
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
