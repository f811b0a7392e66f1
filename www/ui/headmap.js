/**
 * One figure a head as a heat map: layers down, heads across, the figure in every cell. Hovering or focusing
 * a cell previews
 * its head, a click or Enter locks it, arrows move.
 *
 * @typedef {import('../figures/heads.js').Scores} Scores
 * @typedef {(number | null | undefined)[][]} Optional
 *
 * @typedef {object} HeadFigures
 * @property {Scores} values              `[layer][head]`
 * @property {Optional} [sd]              their standard deviations
 * @property {number | null} [nullLine]   what uniform attention scores
 * @property {boolean} [differences]      RdBu around 0 instead of Blues from 0 to 1
 * @property {number} [most]              the value of the strongest colour; 1, for differences the largest of
 *   them
 * @property {string} unit                what a figure is, for the table: `strict induction score`
 * @property {string} subtitle            what they are of
 * @property {string} file                what the files saved are called
 * @property {(name: string) => string | null} [flag]   what is odd about a head's figure, in words
 * @property {string | null} locked       the head that is kept
 */

import { figure } from '../base/format.js';
import { nameOf, parseHead } from '../base/heads.js';
import { createChart } from './chart.js';
import { bluesTable, css, ink, rdbuTable } from './colours.js';
import { el, isDark, onSchemeChange, setText } from './dom.js';
import { createHeadTable } from './head_table.js';

/**
 * Where each figure stands on its scale, from 0 to 1.
 * @param {HeadFigures} figures
 * @returns {{ most: number, along(value: number): number, table(dark: boolean): Uint8ClampedArray }}
 */
function scaleOf({ values, differences = false, most }) {
  const largest = Math.max(...values.flat().map((value) => Math.abs(value ?? 0)));
  const top = most ?? (differences ? largest : 1);
  // Where nothing differs everything has the middle's colour.
  const share = (/** @type {number} */ value) => (top > 0 ? value / top : 0);
  return {
    most: top,
    along: (value) => (differences ? (share(value) + 1) / 2 : share(value)),
    table: differences ? rdbuTable : bluesTable,
  };
}

/**
 * The same map for a picture.
 * @param {HeadFigures} figures
 * @returns {import('./chart.js').Content['drawing']}
 */
function drawingOf(figures) {
  const { values, sd } = figures;
  const scale = scaleOf(figures);
  const table = scale.table(false);
  const cells = values.flatMap((row, layer) =>
    row.map((value, head) => {
      const spread = sd?.[layer]?.[head];
      const at = value === null ? 0 : scale.along(value);
      const text = `${figure(value)}${typeof spread === 'number' ? `\n± ${figure(spread)}` : ''}`;
      return {
        layer,
        head,
        text,
        fill: value === null ? 'none' : css(table, at),
        ink: value === null ? '#000000' : ink(table, at),
      };
    }),
  );
  return (plot, width) =>
    plot.plot({
      width,
      height: 70 + values.length * 44,
      className: 'plotted',
      style: { fontSize: '12px', fontFamily: 'var(--sans)', background: 'none' },
      padding: 0.04,
      x: { label: 'head', labelAnchor: 'center', labelArrow: 'none', tickSize: 0 },
      y: { label: 'layer', labelArrow: 'none', tickSize: 0 },
      color: { type: 'identity' },
      marks: [
        plot.cell(cells, { x: 'head', y: 'layer', fill: 'fill' }),
        plot.text(cells, { x: 'head', y: 'layer', text: 'text', fill: 'ink' }),
      ],
    });
}

/**
 * @param {{ title: string, testid: string }} what @param {import('../state/state.js').Emit} emit
 */
export function createHeadmap({ title, testid }, emit) {
  const chart = createChart({ title, testid });
  const table = createHeadTable(
    { title, testid: `${testid}-map` },
    (head) => emit({ type: 'lock', head }),
    emit,
  );
  const { buttons } = table;
  const scale = el('p', { class: 'hint' });
  chart.body.append(table.element, scale);
  /** @type {HeadFigures | null} */ let shown = null;

  function colour() {
    if (!shown) return;
    const { along, table: colouring } = scaleOf(shown);
    const colours = colouring(isDark());
    for (const [name, cell] of buttons) {
      const { layer, head } = parseHead(name) ?? { layer: 0, head: 0 };
      const value = shown.values[layer][head];
      cell.style.setProperty('--cell', value === null ? 'transparent' : css(colours, along(value)));
      cell.style.setProperty('--cell-ink', value === null ? 'var(--muted)' : ink(colours, along(value)));
    }
  }
  onSchemeChange(colour);

  return {
    element: chart.element,
    /** @param {HeadFigures} figures */
    show(figures) {
      shown = figures;
      const { values, sd, flag, locked, unit, file, differences, nullLine = null } = figures;
      table.fit(values.length, values[0]?.length ?? 0);
      chart.element.style.setProperty('--columns', String(values[0]?.length ?? 0));
      for (const [name, cell] of buttons) {
        const { layer, head } = parseHead(name) ?? { layer: 0, head: 0 };
        const [value, spread, odd] = [values[layer][head], sd?.[layer]?.[head] ?? null, flag?.(name) ?? null];
        cell.replaceChildren(
          el(
            'span',
            {},
            `${differences && value !== null && value > 0.005 ? '+' : ''}${figure(value)}${odd ? ' ⚑' : ''}`,
          ),
          ...(spread === null ? [] : [el('span', { class: 'sd' }, `±${figure(spread)}`)]),
        );
        const spoken = `Head ${name}, ${unit} ${figure(value)}${spread === null ? '' : `, standard deviation ${figure(spread)}`}${odd ? `; ${odd}` : ''}`;
        cell.setAttribute('aria-label', spoken);
        cell.title = spoken;
        cell.setAttribute('aria-pressed', String(name === locked));
      }
      const { most } = scaleOf(figures);
      const uniform = nullLine === null ? '' : `uniform attention scores ${figure(nullLine, 3)}`;
      setText(
        scale,
        differences
          ? `Red below 0, blue above; the strongest colours are −${figure(most)} and +${figure(most)}.`
          : `Colours from 0 to ${figure(most)}${uniform && `; ${uniform}`}.`,
      );
      colour();
      const columns = ['head', unit, ...(sd ? ['standard deviation'] : [])];
      const rows = values.flatMap((row, layer) =>
        row.map((value, head) => [nameOf(layer, head), value, ...(sd ? [sd[layer]?.[head] ?? null] : [])]),
      );
      const subtitle = uniform ? `${figures.subtitle}; ${uniform}` : figures.subtitle;
      chart.show({ file, subtitle, table: { columns, rows }, drawing: drawingOf(figures) });
    },
  };
}
