/**
 * A heat map of figures in named rows and columns. Each row and each column can be a button. The frame of a
 * chart is around it, and saves it as PNG, SVG and CSV.
 *
 * @typedef {object} Side   a row or a column
 * @property {string} label
 * @property {string} [title]
 * @property {() => void} [act]     the action of the button
 * @property {boolean} [current]    whether it is the pinned one
 *
 * @typedef {object} MatrixFigures
 * @property {Side[]} rows
 * @property {Side[]} columns
 * @property {(number | null)[][]} values `[row][column]`
 * @property {(number | null)[][]} [colouredBy]   the figures that the colours show, if not `values`
 * @property {string} rowsAre             the meaning of a row: `head that writes`
 * @property {string} columnsAre
 * @property {boolean} [differences]      RdBu around 0 instead of Blues from 0 up
 * @property {number} most                the figure with the strongest colour
 * @property {number} [places]            decimals
 * @property {string} scale               the meaning of the colours, in a sentence
 * @property {string} subtitle
 * @property {string} file
 * @property {import('../exports/chart.js').Table} [table]   a table with more than the figures shown
 */

import { figure } from '../base/format.js';
import { inFrames } from '../base/frames.js';
import { createChart } from './chart.js';
import { button, el, isDark, onSchemeChange, scroller, setText } from './dom.js';
import { colourScale, drawCells, EMPTY, signed } from './heat_cells.js';

/** The colours of the cell at a row and a column. @param {MatrixFigures} figures @param {boolean} dark */
function colouring(figures, dark) {
  const colours = colourScale(figures)(dark);
  const { values, colouredBy = values } = figures;
  return (/** @type {number} */ row, /** @type {number} */ column) =>
    values[row][column] === null ? null : colours(colouredBy[row][column] ?? 0);
}

/** A figure as its cell has it. @param {MatrixFigures} figures @param {number | null} value */
const written = ({ differences, colouredBy, places }, value) =>
  differences && !colouredBy && value !== null ? signed(value, places) : figure(value, places);

/**
 * The matrix as a picture.
 * @param {MatrixFigures} figures
 * @returns {import('./chart.js').Content['drawing']}
 */
function drawingOf(figures) {
  const { rows, columns, values, rowsAre, columnsAre, places } = figures;
  const coloursAt = colouring(figures, false);
  // Labels may repeat, as tokens do. Numbers of rows and columns do not repeat.
  const cells = values.flatMap((line, row) =>
    line.map((value, column) => {
      const text = figure(value, places);
      return { row, column, text, ...(coloursAt(row, column) ?? EMPTY) };
    }),
  );
  const longest = Math.max(...rows.map(({ label }) => label.length));
  const labels = (/** @type {Side[]} */ sides) => (/** @type {number} */ at) => sides[at].label;
  return (plot, width) =>
    drawCells(plot, cells, {
      fontSize: 11,
      padding: 0.03,
      x: { label: columnsAre, axis: 'top', tickFormat: labels(columns) },
      y: { label: rowsAre, tickFormat: labels(rows) },
      size: {
        width: Math.max(width, 110 + columns.length * 40),
        height: 80 + rows.length * 22,
        marginLeft: 30 + longest * 7,
        marginTop: 46,
      },
    });
}

/** The figures as a table: a line for every row. @param {MatrixFigures} figures */
const tableOf = ({ rows, columns, values, rowsAre }) => ({
  columns: [rowsAre, ...columns.map(({ label }) => label)],
  rows: rows.map(({ label }, row) => [label, ...values[row]]),
});

/** The heading of a row or a column. @param {Side} side @param {'row' | 'col'} scope */
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

/**
 * One row of the table on the page.
 * @param {MatrixFigures} figures @param {number} row
 * @param {ReturnType<typeof colouring>} coloursAt
 */
function rowOf(figures, row, coloursAt) {
  const { rows, columns, values } = figures;
  const side = rows[row];
  const cells = values[row].map((value, column) => {
    const words = written(figures, value);
    const cell = el('td', { title: `${side.label}, ${columns[column].label}: ${words}` }, words);
    const colours = coloursAt(row, column);
    if (colours) Object.assign(cell.style, { background: colours.fill, color: colours.ink });
    return cell;
  });
  return el('tr', { class: side.current ? 'current' : false }, headOf(side, 'row'), ...cells);
}

/** The label inside an element that has the focus. @param {Element | undefined} element */
function focusedIn(element) {
  const { activeElement } = document;
  const within = activeElement instanceof HTMLElement && element?.contains(activeElement);
  return within ? activeElement.dataset.label : undefined;
}

/**
 * Draws the rows in the place of the rows before. The focus stays on the label that had it.
 * @param {HTMLTableSectionElement} body @param {MatrixFigures} figures
 * @returns {import('../base/frames.js').Drawing}
 */
function* drawing(body, figures) {
  const coloursAt = colouring(figures, isDark());
  const focused = focusedIn(body);
  for (let at = 0; at < figures.rows.length; at++) {
    const row = rowOf(figures, at, coloursAt);
    if (at < body.rows.length) body.rows[at].replaceWith(row);
    else body.append(row);
    if (focused) focusOn(row, focused);
    yield 3 + row.cells.length;
  }
  while (body.rows.length > figures.rows.length) body.deleteRow(-1);
}

/** Moves the focus to a label, if it is here. @param {HTMLElement} part @param {string} focused */
const focusOn = (part, focused) =>
  [...part.querySelectorAll('button')].find(({ dataset }) => dataset.label === focused)?.focus();

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
  chart.body.append(scroller(title, map), scale);
  /** @type {MatrixFigures | null} */ let shown = null;
  onSchemeChange(draw);

  function draw() {
    const figures = shown;
    if (figures) void inFrames(drawing(body, figures), () => shown === figures);
  }

  return {
    element: chart.element,
    title: chart.title,
    fail: chart.fail,
    /** @param {MatrixFigures} figures */
    show(figures) {
      shown = figures;
      const { columns, rowsAre, columnsAre, subtitle, file, table } = figures;
      chart.element.style.setProperty('--columns', String(columns.length));
      const corner = el('td', { class: 'corner' }, `${rowsAre} ↓ ${columnsAre} →`);
      const focused = focusedIn(across);
      across.replaceChildren(corner, ...columns.map((side) => headOf(side, 'col')));
      if (focused) focusOn(across, focused);
      draw();
      setText(scale, figures.scale);
      chart.show({ file, subtitle, table: table ?? tableOf(figures), drawing: drawingOf(figures) });
    },
  };
}
