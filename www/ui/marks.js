/**
 * Draws marks over a pattern: a dot in every cell of the numerator, an outline around the cells of the
 * denominator. The two differ in shape, not only in colour. If cells are smaller than a dot, blocks of cells
 * carry the marks.
 */

import { DENOMINATOR, NUMERATOR } from '../figures/marks.js';
import { el } from './dom.js';

/** The side of the smallest block with a visible dot, in CSS pixels. */
const LEAST_PX = 4;
/** The side from which a cell shows its figure in the middle, and the dot in its corner. */
const ROOMY_PX = 30;

/**
 * @param {CanvasRenderingContext2D} context @param {import('../figures/marks.js').MarkLevel[]} levels
 * @param {import('./viewport.js').Viewport} viewport
 * @param {{ left: number, top: number, side: number }} plot
 * @param {number} cellPx @param {{ paper: string, mark: string }} style
 */
export function drawMarks(context, levels, viewport, plot, cellPx, style) {
  const level = levels.find(({ scale }) => cellPx * scale >= LEAST_PX) ?? levels[levels.length - 1];
  const { side, scale, cells } = level;
  const blockPx = cellPx * scale;
  const x0 = plot.left - viewport.key0 * cellPx;
  const y0 = plot.top - viewport.query0 * cellPx;
  /** @param {number} start @returns {[number, number]} blocks on screen, from and beyond the last */
  const seen = (start) => [
    Math.floor(start / scale),
    Math.min(side, Math.ceil((start + viewport.span) / scale)),
  ];
  const [firstQuery, lastQuery] = seen(viewport.query0);
  const [firstKey, lastKey] = seen(viewport.key0);

  const outline = new Path2D();
  const dots = new Path2D();
  const radius = Math.max(1.1, Math.min(4, blockPx * 0.2));
  for (let query = firstQuery; query < lastQuery; query++) {
    for (let key = firstKey; key < Math.min(lastKey, query + 1); key++) {
      const at = query * side + key;
      const mark = cells[at];
      if (!mark) continue;
      const [x, y] = [x0 + key * blockPx, y0 + query * blockPx];
      if (mark & DENOMINATOR) {
        // Only where a neighbour is not in it, so that a whole row of cells is one box.
        /** @param {boolean} within @param {number} step */
        const open = (within, step) => !within || !(cells[at + step] & DENOMINATOR);
        if (open(query > 0, -side)) line(outline, x, y, x + blockPx, y);
        if (open(query < side - 1, side)) line(outline, x, y + blockPx, x + blockPx, y + blockPx);
        if (open(key > 0, -1)) line(outline, x, y, x, y + blockPx);
        if (open(key < query, 1)) line(outline, x + blockPx, y, x + blockPx, y + blockPx);
      }
      if (mark & NUMERATOR) {
        const roomy = blockPx >= ROOMY_PX;
        const [cx, cy] = roomy ? [x + blockPx - 7, y + 7] : [x + blockPx / 2, y + blockPx / 2];
        dots.moveTo(cx + radius, cy);
        dots.arc(cx, cy, radius, 0, 2 * Math.PI);
      }
    }
  }
  // The halo in the colour of paper makes a mark visible on the palest and on the darkest cell.
  const bold = blockPx >= 8;
  stroke(context, outline, style.paper, bold ? 3 : 2);
  stroke(context, outline, style.mark, bold ? 1.5 : 1);
  if (blockPx >= 8) stroke(context, dots, style.paper, 2);
  context.fillStyle = style.mark;
  context.fill(dots);
}

/**
 * The meaning of the two marks, for the place below a pattern.
 * @param {string} [numerator] @param {string} [denominator]
 */
export function markLegend(numerator = 'in the numerator', denominator = 'in the denominator') {
  const dot = el('span', { class: 'mark-dot', 'aria-hidden': 'true' });
  const box = el('span', { class: 'mark-box', 'aria-hidden': 'true' });
  return el(
    'p',
    { class: 'mark-legend hint' },
    el('span', {}, dot, numerator),
    el('span', {}, box, denominator),
  );
}

/** @param {Path2D} path @param {number} x0 @param {number} y0 @param {number} x1 @param {number} y1 */
function line(path, x0, y0, x1, y1) {
  path.moveTo(x0, y0);
  path.lineTo(x1, y1);
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {Path2D} path
 * @param {string} colour
 * @param {number} width
 */
function stroke(context, path, colour, width) {
  context.strokeStyle = colour;
  context.lineWidth = width;
  context.lineCap = 'square';
  context.stroke(path);
}
