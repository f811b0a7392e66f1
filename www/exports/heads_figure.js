/** All heads as one figure: an SVG with their patterns in rows of layers, and their names. Pure. */

import { nameOf } from '../base/heads.js';
import { escaped } from './picture.js';

/** The side of a pattern, and of its place with the name and the room around it, in pixels. */
export const PATTERN = 64;
const PLACE = { width: 76, height: 92 };
const LEFT = 24;
const TOP = 58;

/** Where a head's pattern is in the figure. @param {number} layer @param {number} head */
const cornerOf = (layer, head) => ({ x: LEFT + head * PLACE.width, y: TOP + layer * PLACE.height });

/**
 * @param {object} figure
 * @param {string} figure.title
 * @param {string} figure.subtitle
 * @param {number} figure.nLayers
 * @param {number} figure.nHeads
 * @param {(layer: number, head: number) => string} figure.imageOf   a head's pattern, as the data: address of
 *   a PNG
 * @returns {string} the SVG
 */
export function headsFigure({ title, subtitle, nLayers, nHeads, imageOf }) {
  const width = Math.max(420, 2 * LEFT + nHeads * PLACE.width);
  const height = TOP + nLayers * PLACE.height + 16;
  const size = `width="${width}" height="${height}"`;
  const heads = [];
  for (let layer = 0; layer < nLayers; layer++) {
    for (let head = 0; head < nHeads; head++) {
      const { x, y } = cornerOf(layer, head);
      const place = `x="${x}" y="${y}" width="${PATTERN}" height="${PATTERN}"`;
      heads.push(
        `<image ${place} preserveAspectRatio="none" href="${imageOf(layer, head)}"/>`,
        `<rect ${place} fill="none" stroke="#e2e6ea"/>`,
        `<text x="${x}" y="${y + PATTERN + 14}">${nameOf(layer, head)}</text>`,
      );
    }
  }
  const style = 'font-family="sans-serif" font-size="11" fill="#1a1f26"';
  return `<svg xmlns="http://www.w3.org/2000/svg" ${size} viewBox="0 0 ${width} ${height}" ${style}>
<rect ${size} fill="#ffffff"/>
<text x="${LEFT}" y="24" font-size="17" font-weight="600">${escaped(title)}</text>
<text x="${LEFT}" y="42">${escaped(subtitle)}</text>
${heads.join('\n')}
</svg>
`;
}
