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
  return (plot, width) => {
    const colours = colourScale({ ...figures, most: mostOf(figures) })(false);
    const cells = values.flatMap((line, row) =>
      line.map((value, column) => {
        const spread = sd?.[row]?.[column];
        const text = `${figure(value)}${typeof spread === 'number' ? `\n± ${figure(spread)}` : ''}`;
        return { row, column, text, ...(value === null ? EMPTY : colours(value)) };
      }),
    );
    return drawCells(plot, cells, {
      fontSize: 12,
      padding: 0.04,
      x: { label: 'head' },
      y: { label: 'layer' },
      size: { width, height: 70 + values.length * 44 },
    });
  };
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

/** What each cell shows: a key of its words and colours. @type {WeakMap<HTMLElement, string>} */
const drawn = new WeakMap();

/**
 * Draws a cell if it differs.
 * @param {HTMLElement} cell @param {HeadFigures} figures @param {string} name
 * @param {(value: number) => import('./heat_cells.js').Colours} colours
 */
function fill(cell, figures, name, colours) {
  cell.setAttribute('aria-pressed', String(name === figures.locked));
  const { value, sd, odd } = figureOf(figures, name);
  const colour = value === null ? { fill: 'transparent', ink: 'var(--muted)' } : colours(value);
  const spoken = [
    `Head ${name}, ${figures.unit} ${figure(value)}`,
    sd === null ? '' : `, standard deviation ${figure(sd)}`,
    odd ? `; ${odd}` : '',
  ].join('');
  const words = written(figures, value);
  const key = `${words} ${spoken} ${colour.fill}`;
  if (drawn.get(cell) === key) return 0;
  drawn.set(cell, key);
  cell.replaceChildren(
    el('span', {}, words, odd ? el('span', { class: 'flag' }, ' ⚑') : null),
    ...(sd === null ? [] : [el('span', { class: 'sd' }, `±${figure(sd)}`)]),
  );
  cell.setAttribute('aria-label', spoken);
  cell.title = spoken;
  cell.style.setProperty('--cell', colour.fill);
  cell.style.setProperty('--cell-ink', colour.ink);
  return 1 + cell.children.length;
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

  function draw() {
    if (!shown) return;
    const figures = shown;
    const colours = colourScale({ ...figures, most: mostOf(figures) })(isDark());
    const { length } = figures.values;
    void table.show(length, figures.values[0]?.length ?? 0, (name, cell) =>
      fill(cell, figures, name, colours),
    );
  }
  onSchemeChange(draw);

  return {
    element: chart.element,
    /** @param {HeadFigures} figures */
    show(figures) {
      shown = figures;
      const { values, file, differences, uniform = null } = figures;
      chart.element.style.setProperty('--columns', String(values[0]?.length ?? 0));
      draw();
      const most = figure(mostOf(figures));
      const baseline = uniform === null ? '' : `; uniform attention scores ${figure(uniform, 3)}`;
      setText(
        scale,
        differences
          ? `Red below 0, blue above; the strongest colours are −${most} and +${most}.`
          : `Colours from 0 to ${most}${baseline}.`,
      );
      const subtitle = `${figures.subtitle}${baseline}`;
      chart.show({ file, subtitle, table: tableOf(figures), drawing: drawingOf(figures) });
    },
  };
}
