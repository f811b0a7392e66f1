/** The files of a chart: its table as CSV, and its drawing as an SVG that needs no page around it. */

import { escaped } from './picture.js';

/** @typedef {{ columns: string[], rows: (string | number | null)[][] }} Table */

/**
 * One value in CSV, quoted if RFC 4180 requires quotes; an absent value is empty.
 * @param {string | number | null} value
 */
function cell(value) {
  const text = value === null ? '' : String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** @param {Table} table */
export const csvOf = ({ columns, rows }) =>
  [columns, ...rows].map((row) => `${row.map(cell).join(',')}\r\n`).join('');

const LEFT = 16;
const TOP = 50;
const BOTTOM = 12;

/**
 * A chart below its title, in the colours of paper, whatever colours the page has.
 *
 * @param {object} chart
 * @param {string} chart.title
 * @param {string} chart.subtitle
 * @param {string} chart.drawing    an svg element of `width` by `height` pixels
 * @param {number} chart.width
 * @param {number} chart.height
 * @param {Record<string, string>} chart.colours   the values of the `var(--name)` in the drawing
 * @returns {string} the SVG
 */
export function onPaper({ title, subtitle, drawing, width, height, colours }) {
  const own = drawing.replace(/var\((--[\w-]+)\)/g, (_, name) => escaped(colours[name] ?? 'currentColor'));
  const [outer, below] = [width + 2 * LEFT, height + TOP + BOTTOM];
  const ink = escaped(colours['--ink'] ?? '#000000');
  const size = `width="${outer}" height="${below}"`;
  const style = `font-family="sans-serif" font-size="12" color="${ink}" fill="${ink}"`;
  return `<svg xmlns="http://www.w3.org/2000/svg" ${size} viewBox="0 0 ${outer} ${below}" ${style}>
<rect ${size} fill="${escaped(colours['--paper'] ?? '#ffffff')}"/>
<text x="${LEFT}" y="22" font-size="16" font-weight="600">${escaped(title)}</text>
<text x="${LEFT}" y="40">${escaped(subtitle)}</text>
<g transform="translate(${LEFT} ${TOP})">
${own}
</g>
</svg>
`;
}
