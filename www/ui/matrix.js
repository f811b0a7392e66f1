/**
 * Figures in rows and columns as a heat map: the figure in every cell, rows and columns by name, each of
 * which can be a
 * button. The frame of a chart is about it: saved as PNG, SVG and CSV.
 *
 * @typedef {{ label: string, title?: string, act?: () => void, current?: boolean }} Side      of a row or a
 *   column
 *
 * @typedef {object} MatrixFigures
 * @property {Side[]} rows
 * @property {Side[]} columns
 * @property {(number | null)[][]} values `[row][column]`
 * @property {(number | null)[][]} [colouredBy]   what the colours show, where that is not the figures
 * @property {string} rowsAre             what a row is: `head that writes`
 * @property {string} columnsAre
 * @property {boolean} [differences]      RdBu around 0 instead of Blues from 0 up
 * @property {number} most                the value of the strongest colour
 * @property {number} [places]
 * @property {string} scale               what the colours say, in a sentence
 * @property {string} subtitle
 * @property {string} file
 * @property {import('../exports/chart.js').Table} [table]   where more is saved than is shown
 */

import { figure } from '../base/format.js';
import { createChart } from './chart.js';
import { bluesTable, css, ink, rdbuTable } from './colours.js';
import { button, el, isDark, onSchemeChange, setText } from './dom.js';

/** @param {MatrixFigures} figures @param {number | null} value */
const along = ({ differences = false, most }, value) => {
  const share = most > 0 ? (value ?? 0) / most : 0;
  return differences ? (share + 1) / 2 : share;
};

/** @param {MatrixFigures} figures @param {boolean} dark */
const coloursOf = ({ differences }, dark) => (differences ? rdbuTable(dark) : bluesTable(dark));

/** @param {MatrixFigures} figures @returns {import('./chart.js').Content['drawing']} */
function drawingOf(figures) {
  const { rows, columns, values, rowsAre, columnsAre, places } = figures;
  const colours = coloursOf(figures, false);
  const cells = values.flatMap((line, row) =>
    line.map((value, column) => {
      const at = along(figures, (figures.colouredBy ?? values)[row][column]);
      // Labels may repeat, as tokens do; positions do not.
      return {
        row,
        column,
        text: figure(value, places),
        fill: value === null ? 'none' : css(colours, at),
        ink: value === null ? '#000000' : ink(colours, at),
      };
    }),
  );
  const longest = Math.max(...rows.map(({ label }) => label.length));
  return (plot, width) =>
    plot.plot({
      width: Math.max(width, 110 + columns.length * 40),
      height: 80 + rows.length * 22,
      marginLeft: 30 + longest * 7,
      marginTop: 46,
      className: 'plotted',
      style: { fontSize: '11px', fontFamily: 'var(--sans)', background: 'none' },
      padding: 0.03,
      x: {
        label: columnsAre,
        axis: 'top',
        labelAnchor: 'center',
        labelArrow: 'none',
        tickSize: 0,
        tickFormat: (/** @type {number} */ at) => columns[at].label,
      },
      y: {
        label: rowsAre,
        labelArrow: 'none',
        tickSize: 0,
        tickFormat: (/** @type {number} */ at) => rows[at].label,
      },
      color: { type: 'identity' },
      marks: [
        plot.cell(cells, { x: 'column', y: 'row', fill: 'fill' }),
        plot.text(cells, { x: 'column', y: 'row', text: 'text', fill: 'ink' }),
      ],
    });
}

/** @param {{ title: string, testid: string }} what */
export function createMatrix({ title, testid }) {
  const chart = createChart({ title, testid });
  const body = el('tbody');
  const across = el('tr');
  const map = el(
    'table',
    { class: 'matrix', 'data-testid': `${testid}-matrix` },
    el('caption', { class: 'unseen' }, title),
    el('thead', {}, across),
    body,
  );
  const scale = el('p', { class: 'hint' });
  const scroller = el('div', { class: 'scroller', tabindex: 0, role: 'region', 'aria-label': title }, map);
  chart.body.append(scroller, scale);
  /** @type {MatrixFigures | null} */ let shown = null;
  onSchemeChange(() => shown && colour(shown));

  /** @param {MatrixFigures} figures */
  function colour(figures) {
    const colours = coloursOf(figures, isDark());
    figures.values.forEach((line, row) =>
      line.forEach((value, column) => {
        const { style } = body.rows[row].cells[column + 1];
        const at = along(figures, (figures.colouredBy ?? figures.values)[row][column]);
        style.background = value === null ? '' : css(colours, at);
        style.color = value === null ? '' : ink(colours, at);
      }),
    );
  }

  return {
    element: chart.element,
    title: chart.title,
    fail: chart.fail,
    /** @param {MatrixFigures} figures */
    show(figures) {
      shown = figures;
      chart.element.style.setProperty('--columns', String(figures.columns.length));
      const { rows, columns, values, rowsAre, columnsAre, places, subtitle, file, table } = figures;
      const signed = (/** @type {number | null} */ value) =>
        `${figures.differences && !figures.colouredBy && value !== null && Number(value.toFixed(places ?? 2)) > 0 ? '+' : ''}${figure(value, places)}`;
      across.replaceChildren(
        el('td', { class: 'corner' }, `${rowsAre} ↓ ${columnsAre} →`),
        ...columns.map((side) => headOf(side, 'col')),
      );
      // The focus stays on the row or column that it was on.
      const { activeElement } = document;
      const focused =
        activeElement instanceof HTMLElement && map.contains(activeElement)
          ? activeElement.dataset.label
          : undefined;
      body.replaceChildren(
        ...rows.map((side, row) =>
          el(
            'tr',
            { class: side.current ? 'current' : false },
            headOf(side, 'row'),
            ...values[row].map((value, column) =>
              el('td', { title: `${side.label}, ${columns[column].label}: ${signed(value)}` }, signed(value)),
            ),
          ),
        ),
      );
      if (focused)
        [...map.querySelectorAll('button')].find((other) => other.dataset.label === focused)?.focus();
      colour(figures);
      setText(scale, figures.scale);
      const all = table ?? {
        columns: [rowsAre, ...columns.map(({ label }) => label)],
        rows: rows.map(({ label }, row) => [label, ...values[row]]),
      };
      chart.show({ file, subtitle, table: all, drawing: drawingOf(figures) });
    },
  };
}

/** @param {Side} side @param {'row' | 'col'} scope */
function headOf({ label, title, act, current }, scope) {
  const inner = act
    ? button(label, act, {
        class: 'head-link',
        'data-label': label,
        'aria-label': title,
        'aria-pressed': current === undefined ? undefined : String(current),
      })
    : label;
  return el('th', { scope, title: act ? false : title }, inner);
}
