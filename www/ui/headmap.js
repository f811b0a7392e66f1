/**
 * A heat map with one figure for every head: layers down, heads across, the figure in every cell. Hover or
 * focus previews a head, a click or Enter pins it, arrow keys move.
 *
 * @typedef {import('../figures/heads.js').Scores} Scores
 * @typedef {(number | null | undefined)[][]} Optional
 *
 * @typedef {object} HeadFigures
 * @property {Scores} values              `[layer][head]`
 * @property {Optional} [sd]              standard deviations
 * @property {number | null} [uniform]    the uniform baseline
 * @property {boolean} [differences]      RdBu around 0 instead of Blues from 0 up
 * @property {number} [most]              the figure with the strongest colour; by default 1, or the largest
 *   difference
 * @property {string} unit                the name of the figure: `strict induction stripe`
 * @property {string} subtitle            the model and the settings
 * @property {string} file                the name of saved files, without the ending
 * @property {(name: string) => string | null} [flag]   a remark on a head's figure
 * @property {string | null} locked       the pinned head
 */

import { figure } from '../base/format.js';
import { nameOf, parseHead } from '../base/heads.js';
import { inTimeSlices } from '../base/time_slices.js';
import { createChart } from './chart.js';
import { el, isDark, onSchemeChange, setText } from './dom.js';
import { createHeadTable } from './head_table.js';
import { colourScale, drawCells, EMPTY, largest, signed } from './heat_cells.js';

/** The figure with the strongest colour. @param {HeadFigures} figures */
const mostOf = ({ values, differences, most }) => most ?? (differences ? largest(values) : 1);

/** @param {HeadFigures} figures @param {number | null} value */
const written = ({ differences }, value) => (differences && value !== null ? signed(value) : figure(value));

/**
 * The map as a picture.
 * @param {HeadFigures} figures
 * @returns {import('./chart.js').Content['drawing']}
 */
function drawingOf(figures) {
  const { values, sd } = figures;
  const colours = colourScale({ ...figures, most: mostOf(figures) })(false);
  const cells = values.flatMap((line, row) =>
    line.map((value, column) => {
      const spread = sd?.[row]?.[column];
      const text = `${figure(value)}${typeof spread === 'number' ? `\n± ${figure(spread)}` : ''}`;
      return { row, column, text, ...(value === null ? EMPTY : colours(value)) };
    }),
  );
  return (plot, width) =>
    drawCells(plot, cells, {
      fontSize: 12,
      padding: 0.04,
      x: { label: 'head' },
      y: { label: 'layer' },
      size: { width, height: 70 + values.length * 44 },
    });
}

/**
 * One figure of a head, with its remark and its standard deviation.
 * @param {HeadFigures} figures @param {string} name
 */
function figureOf(figures, name) {
  const { layer, head } = parseHead(name) ?? { layer: 0, head: 0 };
  const value = figures.values[layer][head];
  return { value, sd: figures.sd?.[layer]?.[head] ?? null, odd: figures.flag?.(name) ?? null };
}

/** @param {HTMLElement} cell @param {HeadFigures} figures @param {string} name */
function fill(cell, figures, name) {
  const { value, sd, odd } = figureOf(figures, name);
  cell.replaceChildren(
    el('span', {}, written(figures, value), odd ? el('span', { class: 'flag' }, ' ⚑') : null),
    ...(sd === null ? [] : [el('span', { class: 'sd' }, `±${figure(sd)}`)]),
  );
  const spoken = [
    `Head ${name}, ${figures.unit} ${figure(value)}`,
    sd === null ? '' : `, standard deviation ${figure(sd)}`,
    odd ? `; ${odd}` : '',
  ].join('');
  cell.setAttribute('aria-label', spoken);
  cell.title = spoken;
  cell.setAttribute('aria-pressed', String(name === figures.locked));
}

/**
 * Fills the cells, one row after the other.
 * @param {HeadFigures} figures @param {Map<string, HTMLElement>} cells @param {number} columns of a row
 * @returns {Generator<void, void>}
 */
function* filling(figures, cells, columns) {
  let at = 0;
  for (const [name, cell] of cells) {
    fill(cell, figures, name);
    if (++at % columns === 0) yield;
  }
}

/** @param {HeadFigures} figures @returns {import('../exports/chart.js').Table} */
function tableOf({ values, sd, unit }) {
  const rows = values.flatMap((line, layer) =>
    line.map((value, head) => [nameOf(layer, head), value, ...(sd ? [sd[layer]?.[head] ?? null] : [])]),
  );
  return { columns: ['head', unit, ...(sd ? ['standard deviation'] : [])], rows };
}

/** @param {{ title: string, testid: string }} what @param {import('../state/state.js').Emit} emit */
export function createHeadmap({ title, testid }, emit) {
  const chart = createChart({ title, testid });
  const pin = (/** @type {string} */ head) => emit({ type: 'lock', head });
  const table = createHeadTable({ title, testid: `${testid}-map` }, pin, emit);
  const scale = el('p', { class: 'hint' });
  chart.body.append(table.element, scale);
  /** @type {HeadFigures | null} */ let shown = null;

  function colour() {
    if (!shown) return;
    const colours = colourScale({ ...shown, most: mostOf(shown) })(isDark());
    for (const [name, cell] of table.buttons) {
      const { value } = figureOf(shown, name);
      const { fill, ink } = value === null ? { fill: 'transparent', ink: 'var(--muted)' } : colours(value);
      cell.style.setProperty('--cell', fill);
      cell.style.setProperty('--cell-ink', ink);
    }
  }
  onSchemeChange(colour);

  return {
    element: chart.element,
    /** @param {HeadFigures} figures */
    show(figures) {
      shown = figures;
      const { values, file, differences, uniform = null } = figures;
      const columns = values[0]?.length ?? 0;
      table.fit(values.length, columns);
      chart.element.style.setProperty('--columns', String(columns));
      // The first cells are filled at once; of a model of hundreds of heads the others follow.
      void inTimeSlices(filling(figures, table.buttons, columns), () => shown === figures);
      const most = figure(mostOf(figures));
      const baseline = uniform === null ? '' : `; uniform attention scores ${figure(uniform, 3)}`;
      setText(
        scale,
        differences
          ? `Red below 0, blue above; the strongest colours are −${most} and +${most}.`
          : `Colours from 0 to ${most}${baseline}.`,
      );
      colour();
      const subtitle = `${figures.subtitle}${baseline}`;
      chart.show({ file, subtitle, table: tableOf(figures), drawing: drawingOf(figures) });
    },
  };
}
