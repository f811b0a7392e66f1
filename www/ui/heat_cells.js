/**
 * The cells of a heat map of figures: their colours, and their picture as an SVG.
 *
 * @typedef {{ fill: string, ink: string }} Colours                    of a cell and of the figure in it
 * @typedef {{ row: number, column: number, text: string } & Colours} Cell
 */

import { figure } from '../base/format.js';
import { bluesTable, css, ink, rdbuTable } from './colours.js';

/**
 * The colours of cells: Blues from 0 to `most`, or RdBu around 0 for differences.
 * @param {{ differences?: boolean, most: number }} scale
 * @returns {(dark: boolean) => (value: number) => Colours}
 */
export function colourScale({ differences = false, most }) {
  // If every figure is 0, every cell has the colour of 0.
  const share = (/** @type {number} */ value) => (most > 0 ? value / most : 0);
  return (dark) => {
    const table = differences ? rdbuTable(dark) : bluesTable(dark);
    return (value) => {
      const weight = differences ? (share(value) + 1) / 2 : share(value);
      return { fill: css(table, weight), ink: ink(table, weight) };
    };
  };
}

/** A cell without a figure, in a picture. @type {Readonly<Colours>} */
export const EMPTY = Object.freeze({ fill: 'none', ink: '#000000' });

/**
 * The largest absolute figure; 0 if there is none.
 * @param {readonly (readonly (number | null)[])[]} values
 */
export const largest = (values) => Math.max(...values.flat().map((value) => Math.abs(value ?? 0)));

/**
 * A difference with its sign. A difference that rounds to 0 has none.
 * @param {number} value @param {number} [places] decimals
 */
export const signed = (value, places = 2) =>
  `${Number(value.toFixed(places)) > 0 ? '+' : ''}${figure(value, places)}`;

/**
 * @param {import('./plot.js').Plot} plot
 * @param {Cell[]} cells
 * @param {object} how
 * @param {number} how.fontSize
 * @param {number} how.padding   between two cells, as a share of a cell
 * @param {import('@observablehq/plot').ScaleOptions} how.x
 * @param {import('@observablehq/plot').ScaleOptions} how.y
 * @param {import('@observablehq/plot').PlotOptions} how.size   width, height and margins in pixels
 */
export function drawCells(plot, cells, { fontSize, padding, x, y, size }) {
  const place = { x: 'column', y: 'row' };
  return plot.plot({
    ...size,
    className: 'plotted',
    style: { fontSize: `${fontSize}px`, fontFamily: 'var(--sans)', background: 'none' },
    padding,
    x: { labelAnchor: 'center', labelArrow: 'none', tickSize: 0, ...x },
    y: { labelArrow: 'none', tickSize: 0, ...y },
    color: { type: 'identity' },
    marks: [
      plot.cell(cells, { ...place, fill: 'fill' }),
      plot.text(cells, { ...place, text: 'text', fill: 'ink' }),
    ],
  });
}
