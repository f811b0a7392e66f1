/**
 * The frame of a chart: its title, the chart itself, how to save it, and the same figures as a table.
 *
 * @typedef {import('../exports/chart.js').Table} Table
 * @typedef {import('./plot.js').Plot} Plot
 *
 * @typedef {object} Content
 * @property {string} file                what the files saved are called, without their ending
 * @property {string} subtitle            what it is of, for the picture: the model, the settings
 * @property {Table} table                the same figures, as numbers
 * @property {(plot: Plot, width: number) => SVGElement | HTMLElement} drawing   the chart for a picture;
 *   `width` in pixels
 */

import { count, figure } from '../base/format.js';
import { csvOf, onPaper } from '../exports/chart.js';
import { button, el, setText } from './dom.js';
import { loadPlot } from './plot.js';
import { download, painted } from './save.js';

/** How wide a picture is, in pixels of the SVG. */
const WIDTH = 760;

/** Rows of a table that are laid out at once. */
const PAGE = 200;

/** A line of a table. @param {Table['rows'][number]} row */
function lineOf([name, ...values]) {
  const shown = (/** @type {string | number | null} */ value) =>
    typeof value === 'string' ? value : Number.isInteger(value) ? String(value) : figure(value, 4);
  return el(
    'tr',
    {},
    el('th', { scope: 'row' }, shown(name)),
    ...values.map((value) => el('td', { class: typeof value !== 'string' && 'figure' }, shown(value))),
  );
}

/**
 * The page's colours in the light, whatever they are now: those of the first `:root` rule.
 * @returns {Record<string, string>}
 */
function paperColours() {
  /** @type {Record<string, string>} */ const colours = { '--sans': 'sans-serif', '--mono': 'monospace' };
  for (const sheet of document.styleSheets) {
    for (const rule of sheet.cssRules) {
      if (!(rule instanceof CSSStyleRule) || rule.selectorText !== ':root') continue;
      for (const name of rule.style) {
        if (name.startsWith('--')) colours[name] ??= rule.style.getPropertyValue(name).trim();
      }
    }
  }
  return colours;
}

/** @param {string} title @param {Content} content @returns {Promise<Blob>} */
async function svgOf(title, { subtitle, drawing }) {
  const drawn = drawing(await loadPlot(), WIDTH);
  const [width, height] = ['width', 'height'].map((side) => Number(drawn.getAttribute(side)));
  const text = onPaper({
    title,
    subtitle,
    width,
    height,
    drawing: new XMLSerializer().serializeToString(drawn),
    colours: paperColours(),
  });
  return new Blob([text], { type: 'image/svg+xml' });
}

/**
 * @param {{ title: string, testid: string }} what
 * @returns
 *   {{ element: HTMLElement, body: HTMLElement, title(words: string): void, show(content: Content): void, fail(thrown: unknown, again: () => void): void }}
 *   `body` takes the chart; `show` says what it shows now; `fail` tells that it could not be drawn
 */
export function createChart({ title, testid }) {
  /** @type {Content | null} */ let content = null;
  const heading = el('h3', {}, title);
  const told = el('p', { class: 'standing', role: 'status' });
  /** @param {'png' | 'svg' | 'csv'} kind */
  const saving = (kind) =>
    button(kind.toUpperCase(), () => void save(kind), {
      class: 'tool',
      'aria-label': `Save “${title}” as ${kind.toUpperCase()}`,
      title: `Save as ${kind.toUpperCase()}`,
      'data-testid': `${testid}-${kind}`,
    });
  const body = el('div', { class: 'chart-body' });
  const table = el('div', {
    class: 'scroller',
    tabindex: 0,
    role: 'region',
    'aria-label': `${title}, as a table`,
  });
  const asTable = el(
    'details',
    { class: 'as-table', 'data-testid': `${testid}-table` },
    el('summary', {}, 'As a table'),
    table,
  );
  asTable.addEventListener('toggle', fillTable);

  /** @param {'png' | 'svg' | 'csv'} kind */
  async function save(kind) {
    if (!content) return;
    const { file, table: figures } = content;
    setText(told, '');
    try {
      if (kind === 'csv') return download(`${file}.csv`, new Blob([csvOf(figures)], { type: 'text/csv' }));
      const drawn = await svgOf(heading.textContent ?? '', content);
      download(`${file}.${kind}`, kind === 'svg' ? drawn : await painted(drawn));
    } catch (thrown) {
      fail(thrown, () => void save(kind));
    }
  }

  /** @param {unknown} thrown @param {() => void} again */
  function fail(thrown, again) {
    const { name, message } = /** @type {Error} */ (thrown);
    const why =
      name === 'ChartFetch'
        ? 'The chart could not be drawn: a part of the page was not fetched.'
        : 'The picture could not be made.';
    const retry = button('Try again', () => {
      told.replaceChildren();
      again();
    });
    told.replaceChildren(el('span', { title: message }, `${why} Its figures are in the table. `), retry);
  }

  /** @type {Table | null} */ let filled = null;

  /**
   * The table is made when it is opened, and a long one's lines a page at a time: a chart of 2,000 tokens has
   * as many.
   */
  function fillTable() {
    if (!content || !asTable.open || filled === content.table) return;
    filled = content.table;
    const { columns, rows } = filled;
    const head = el('tr', {}, ...columns.map((words) => el('th', { scope: 'col' }, words)));
    const lines = el('tbody');
    const more = button('', add, { class: 'link', 'data-testid': `${testid}-more` });
    function add() {
      const from = lines.rows.length;
      lines.append(...rows.slice(from, from + PAGE).map(lineOf));
      const left = rows.length - lines.rows.length;
      more.hidden = left === 0;
      setText(more, `Show ${count(Math.min(left, PAGE))} more of ${count(rows.length)} rows`);
    }
    add();
    table.replaceChildren(
      el(
        'table',
        {},
        el('caption', { class: 'unseen' }, heading.textContent ?? ''),
        el('thead', {}, head),
        lines,
      ),
      more,
    );
  }

  const element = el(
    'figure',
    { class: 'chart', 'data-testid': testid },
    el(
      'div',
      { class: 'section-head' },
      heading,
      el('div', { class: 'tools' }, saving('png'), saving('svg'), saving('csv')),
    ),
    body,
    told,
    asTable,
  );
  return {
    element,
    body,
    title: (words) => setText(heading, words),
    show(next) {
      content = next;
      fillTable();
    },
    fail,
  };
}
