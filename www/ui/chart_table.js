/**
 * The figures of a chart as a table. It is filled when it is opened, a page of rows at a time, and its rows
 * are drawn in frames.
 */

import { count, figure } from '../base/format.js';
import { inFrames } from '../base/frames.js';
import { button, columnHeads, el, scroller, setText } from './dom.js';

/** @typedef {import('../exports/chart.js').Table} Table */

/** Rows and cells of a page: a chart of 2,000 tokens has 2,000 rows, and some have 300 columns. */
const MOST = { rows: 200, cells: 4000 };

/** Rows of a page. @param {Table} table */
const pageOf = ({ columns }) => Math.max(5, Math.min(MOST.rows, Math.floor(MOST.cells / columns.length)));

/** One row. @param {Table['rows'][number]} row */
function rowOf([name, ...values]) {
  const shown = (/** @type {string | number | null} */ value) =>
    typeof value === 'string' ? value : Number.isInteger(value) ? String(value) : figure(value, 4);
  return el(
    'tr',
    {},
    el('th', { scope: 'row' }, shown(name)),
    ...values.map((value) => el('td', { class: typeof value !== 'string' && 'figure' }, shown(value))),
  );
}

/** @param {{ title: string, testid: string }} what */
export function createChartTable({ title, testid }) {
  /** @type {Table | null} */ let shown = null;
  /** @type {Table | null} */ let filled = null;
  /** Rows that the visitor asked for. */
  let asked = 0;
  const caption = el('caption', { class: 'unseen' }, title);
  const head = el('thead');
  const lines = el('tbody');
  const more = button('', add, { class: 'link', 'data-testid': `${testid}-more` });
  const region = scroller(`${title}, as a table`, el('table', {}, caption, head, lines), more);
  const element = el(
    'details',
    { class: 'as-table', 'data-testid': `${testid}-table` },
    el('summary', {}, 'As a table'),
    region,
  );
  element.addEventListener('toggle', fill);

  function add() {
    if (!filled) return;
    const table = filled;
    const { rows } = table;
    const page = pageOf(table);
    asked = Math.min(rows.length, asked + page);
    void inFrames(adding(rows, asked), () => filled === table);
    const left = rows.length - asked;
    more.hidden = left === 0;
    setText(more, `Show ${count(Math.min(left, page))} more of ${count(rows.length)} rows`);
  }

  /** @param {Table['rows']} rows @param {number} end @returns {import('../base/frames.js').Drawing} */
  function* adding(rows, end) {
    for (let at = lines.rows.length; at < end; at = lines.rows.length) {
      lines.append(rowOf(rows[at]));
      yield 1 + rows[at].length;
    }
  }

  function fill() {
    if (!shown || !element.open || filled === shown) return;
    filled = shown;
    head.replaceChildren(columnHeads(filled.columns));
    lines.replaceChildren();
    asked = 0;
    add();
  }

  return {
    element,
    /** @param {string} words */
    title(words) {
      setText(caption, words);
    },
    /** @param {Table} table */
    show(table) {
      shown = table;
      fill();
    },
  };
}
