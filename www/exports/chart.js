/** What a chart is saved as: its table as CSV, and its drawing as an SVG that needs no page around it. */

import { escaped } from './picture.js';

/** @typedef {{ columns: string[], rows: (string | number | null)[][] }} Table */

/**
 * One value in CSV, quoted where it must be (RFC 4180); an absent one is empty.
 * @param {string | number | null} value
 */
function cell(value) {
  const text = value === null ? '' : String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** @param {Table} table */
export const csvOf = ({ columns, rows }) =>
  [columns, ...rows].map((row) => row.map(cell).join(',')).join('\r\n') + '\r\n';

const LEFT = 16;
const TOP = 50;
const BOTTOM = 12;

/**
 * A chart on paper, whatever the page's own colours are: the page's `var(--name)` replaced by `colours`, its
 * name above it.
 * @param
 *   {{ title: string, subtitle: string, drawing: string, width: number, height: number, colours: Record<string, string> }}
 *   what
 *   `drawing` a whole svg element of that width and height
 * @returns {string}
 */
export function onPaper({ title, subtitle, drawing, width, height, colours }) {
  const own = drawing.replace(/var\((--[\w-]+)\)/g, (_, name) => escaped(colours[name] ?? 'currentColor'));
  const [outer, below] = [width + 2 * LEFT, height + TOP + BOTTOM];
  const ink = escaped(colours['--ink'] ?? '#000000');
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${outer}" height="${below}" viewBox="0 0 ${outer} ${below}" font-family="sans-serif" font-size="12" color="${ink}" fill="${ink}">
<rect width="${outer}" height="${below}" fill="${escaped(colours['--paper'] ?? '#ffffff')}"/>
<text x="${LEFT}" y="22" font-size="16" font-weight="600">${escaped(title)}</text>
<text x="${LEFT}" y="40">${escaped(subtitle)}</text>
<g transform="translate(${LEFT} ${TOP})">
${own}
</g>
</svg>
`;
}
