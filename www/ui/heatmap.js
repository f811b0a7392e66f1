/**
 * Draws an attention pattern on a canvas: queries down, keys across, the causal triangle in Blues, the future
 * blank. A frame is one `drawImage` of a level whose cells have at least a device pixel, then the labels.
 *
 * @typedef {import('./pyramid.js').Level} Level
 * @typedef {{ left: number, top: number, side: number }} Plot   the square of the cells, in CSS pixels
 *
 * @typedef {object} Scene
 * @property {Level[]} levels
 * @property {import('./viewport.js').Viewport} viewport          in cells of the text
 * @property {number} n                                           tokens
 * @property {Float32Array | null} weights                        for the figures in the cells; null for a
 *   thumbnail
 * @property {number} [max]                                       the weight at the far end of the scale; 1
 * @property {string[]} pieces
 * @property {Uint8ClampedArray} table
 * @property {import('../state/state.js').Cell} cell              the crosshair
 * @property {import('../figures/marks.js').MarkLevel[] | null} [marks]   cells that a score counts
 * @property {Style} style
 *
 * @typedef {Record<'paper' | 'ink' | 'muted' | 'line' | 'accent' | 'mark' | 'sans' | 'mono', string>} Style
 */

import { figure } from '../base/format.js';
import { short } from '../base/tokens.js';
import { ink } from './colours.js';
import { drawMarks } from './marks.js';
import { AT_ONCE, imageOf } from './pyramid.js';
import { labelStep } from './viewport.js';

/** Room for the labels, in CSS pixels: queries on the left, keys below. */
const MARGIN = { left: 74, bottom: 56, top: 6, right: 6 };
/** The most characters of a token that have that room, on the left and below. */
const MOST_CHARACTERS = { query: 9, key: 7 };

/** The side from which a cell shows its figure, in CSS pixels. */
const FIGURE_PX = 30;
/** The side from which a cell has the label of its token. */
const LABEL_PX = 12;
/** The least distance of two labels that are numbers of a text of `n` tokens. @param {number} n */
export const numberRoom = (n) => 12 + 7 * String(Math.max(1, n - 1)).length;

/** The square of the cells. @param {HTMLCanvasElement} canvas @returns {Plot} */
export function plotOf(canvas) {
  const width = canvas.clientWidth - MARGIN.left - MARGIN.right;
  const height = canvas.clientHeight - MARGIN.top - MARGIN.bottom;
  return { left: MARGIN.left, top: MARGIN.top, side: Math.max(1, Math.min(width, height)) };
}

/**
 * @param {HTMLCanvasElement} canvas @param {Scene} scene
 * @returns {Level | null} the level of the right size, if a coarser level was drawn because this one has no
 *   image yet
 */
export function draw(canvas, scene) {
  const ratio = globalThis.devicePixelRatio || 1;
  const [width, height] = [Math.round(canvas.clientWidth * ratio), Math.round(canvas.clientHeight * ratio)];
  if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height });
  const context = canvas.getContext('2d');
  if (!context) return null;
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.clearRect(0, 0, canvas.clientWidth, canvas.clientHeight);
  const plot = plotOf(canvas);
  const cellPx = plot.side / scene.viewport.span;

  context.save();
  context.beginPath();
  context.rect(plot.left, plot.top, plot.side, plot.side);
  context.clip();
  const missing = drawCells(context, scene, plot, cellPx * ratio);
  if (scene.weights && cellPx >= FIGURE_PX) drawFigures(context, scene, plot, cellPx);
  if (scene.marks) drawMarks(context, scene.marks, scene.viewport, plot, cellPx, scene.style);
  drawCrosshair(context, scene, plot, cellPx);
  context.restore();
  drawLabels(context, scene, plot, cellPx);
  return missing;
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {Scene} scene
 * @param {Plot} plot
 * @param {number} devicePx of one cell
 */
function drawCells(context, { levels, viewport, n, table }, plot, devicePx) {
  const right = levels.find(({ scale }) => devicePx * scale >= 1) ?? levels[levels.length - 1];
  const ready = (/** @type {Level} */ { image, side }) => image !== null || side <= AT_ONCE;
  const level = levels.slice(levels.indexOf(right)).find(ready) ?? right;
  level.image ??= imageOf(level.entries, level.side, table);
  // A thumbnail has fewer cells than the text. A level of a pyramid may reach half a cell past the text.
  const perToken = level.scale === 1 ? level.side / n : 1 / level.scale;
  const span = viewport.span * perToken;
  const from = { x: viewport.key0 * perToken, y: viewport.query0 * perToken };
  context.imageSmoothingEnabled = false;
  context.drawImage(level.image, from.x, from.y, span, span, plot.left, plot.top, plot.side, plot.side);
  return level === right ? null : right;
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {Scene} scene
 * @param {Plot} plot
 * @param {number} cellPx
 */
function drawFigures(context, { viewport, n, weights, max = 1, table, style }, plot, cellPx) {
  if (!weights) return;
  context.font = `${cellPx >= 44 ? 12 : 10}px ${style.sans}`;
  context.textAlign = 'center';
  context.textBaseline = 'middle';
  const last = {
    query: Math.min(n, Math.ceil(viewport.query0 + viewport.span)),
    key: Math.min(n, Math.ceil(viewport.key0 + viewport.span)),
  };
  for (let query = Math.floor(viewport.query0); query < last.query; query++) {
    for (let key = Math.floor(viewport.key0); key < Math.min(last.key, query + 1); key++) {
      const weight = weights[query * n + key];
      const x = plot.left + (key + 0.5 - viewport.key0) * cellPx;
      const y = plot.top + (query + 0.5 - viewport.query0) * cellPx;
      context.fillStyle = ink(table, weight / max);
      context.fillText(figure(weight), x, y);
    }
  }
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {Scene} scene
 * @param {Plot} plot
 * @param {number} cellPx
 */
function drawCrosshair(context, { viewport, cell, style }, plot, cellPx) {
  const thickness = Math.max(1, cellPx);
  /** @param {number} x @param {number} y @param {number} width @param {number} height */
  const band = (x, y, width, height) => {
    context.globalAlpha = 0.16;
    context.fillStyle = style.accent;
    context.fillRect(x, y, width, height);
    context.globalAlpha = 1;
  };
  const y = plot.top + ((cell.query ?? 0) - viewport.query0) * cellPx;
  const x = plot.left + ((cell.key ?? 0) - viewport.key0) * cellPx;
  if (cell.query !== null) band(plot.left, y, plot.side, thickness);
  if (cell.key !== null) band(x, plot.top, thickness, plot.side);
  if (cell.query === null || cell.key === null) return;
  const grown = Math.max(thickness, 7);
  const shift = (grown - thickness) / 2;
  for (const [colour, width] of /** @type {const} */ ([
    [style.paper, 4],
    [style.accent, 2],
  ])) {
    context.strokeStyle = colour;
    context.lineWidth = width;
    context.strokeRect(x - shift, y - shift, grown, grown);
  }
}

/**
 * Labels of both sides: tokens if the cells have room for them, else numbers. The labels of the crosshair are
 * strong, and hide the labels next to them.
 * @param {CanvasRenderingContext2D} context
 * @param {Scene} scene
 * @param {Plot} plot
 * @param {number} cellPx
 */
function drawLabels(context, { viewport, n, pieces, cell, style }, plot, cellPx) {
  const named = cellPx >= LABEL_PX;
  const step = named ? 1 : labelStep(cellPx, numberRoom(n));
  const sides = /** @type {const} */ ([
    { start: viewport.query0, chosen: cell.query, query: true },
    { start: viewport.key0, chosen: cell.key, query: false },
  ]);
  for (const { start, chosen, query } of sides) {
    /** @param {number} position @param {boolean} strong */
    const label = (position, strong) => {
      const along = (position + 0.5 - start) * cellPx;
      const token = named || strong;
      const text = token
        ? short(pieces[position] ?? '', query ? MOST_CHARACTERS.query : MOST_CHARACTERS.key)
        : String(position);
      drawLabel(context, text, { along, query, token, strong }, plot, style);
    };
    const first = Math.ceil(Math.max(0, Math.floor(start)) / step) * step;
    for (let position = first; position < Math.min(n, start + viewport.span); position += step) {
      const hidden = chosen !== null && Math.abs(position - chosen) * cellPx < (named ? cellPx : 20);
      if (!hidden) label(position, false);
    }
    if (chosen !== null) label(chosen, true);
  }
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {string} text
 * @param {object} how
 * @param {number} how.along      CSS pixels from the beginning of the side
 * @param {boolean} how.query     on the left, else below
 * @param {boolean} how.token     the text is a token, else a number
 * @param {boolean} how.strong
 * @param {Plot} plot
 * @param {Style} style
 */
function drawLabel(context, text, { along, query, token, strong }, plot, style) {
  if (along < 0 || along > plot.side) return;
  context.save();
  context.font = `${strong ? '600 ' : ''}11px ${token ? style.mono : style.sans}`;
  if (query) context.translate(plot.left - 7, plot.top + along);
  else {
    context.translate(plot.left + along, plot.top + plot.side + 7);
    if (token) context.rotate(-Math.PI / 2);
    else {
      // The last number stays inside the canvas.
      const over = along + context.measureText(text).width / 2 - plot.side - MARGIN.right;
      context.translate(-Math.max(0, over), 6);
    }
  }
  context.textBaseline = 'middle';
  context.textAlign = query || token ? 'right' : 'center';
  context.fillStyle = strong ? style.accent : style.muted;
  context.fillText(text, 0, 0.5);
  context.restore();
}
