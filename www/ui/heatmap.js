/**
 * An attention pattern on a canvas: queries down, keys across, the causal triangle in Blues, the future left
 * blank.
 *
 * The pattern is turned into pixels once, with a pyramid of max-pooled halvings (a thin diagonal would vanish
 * under a
 * mean); each frame is then one `drawImage` of the level whose cells are at least a device pixel, plus the
 * labels. A long
 * text's pattern has millions of cells: its pyramid and its large images are made in turns.
 */

import { figure } from '../base/format.js';
import { atOnce, inTimeSlices } from '../base/time_slices.js';
import { short } from '../base/tokens.js';
import { ink } from './colours.js';
import { drawMarks } from './marks.js';
import { labelStep } from './viewport.js';

/** Room for the labels, in CSS pixels: queries on the left, keys below. */
const MARGIN = { left: 74, bottom: 70, top: 6, right: 6 };

/** Cells at least this large carry their figure. */
const FIGURE_PX = 30;
/** Labels need this much of a cell's side. */
const LABEL_PX = 12;

/**
 * One level of the pyramid: `side` x `side` table entries, each the largest of a `scale` x `scale` block.
 * @typedef {{ side: number, scale: number, entries: Uint8Array, image: HTMLCanvasElement | null }} Level
 */

/**
 * What is built or painted in one go; what has a longer side is done in turns. A pyramid's top is always
 * smaller.
 */
export const AT_ONCE = 512;

/**
 * @param {Float32Array | Uint8Array} weights bytes are taken as weights * 255
 * @param {number} n
 * @param {number} max
 * @returns {Generator<void, Level[]>}
 */
function* building(weights, n, max) {
  const entries = weights instanceof Uint8Array ? weights : new Uint8Array(n * n);
  if (entries !== weights) {
    const scale = max > 0 ? 255 / max : 0;
    for (let query = 0; query < n; query++) {
      for (let at = query * n; at <= query * n + query; at++) entries[at] = weights[at] * scale + 0.5;
      yield;
    }
  }
  /** @type {Level[]} */ const levels = [{ side: n, scale: 1, entries, image: null }];
  for (let below = levels[0]; below.side > 256; below = levels[levels.length - 1]) {
    const side = Math.ceil(below.side / 2);
    const pooled = new Uint8Array(side * side);
    for (let query = 0; query < below.side; query++) {
      for (let key = 0; key <= query; key++) {
        const at = (query >> 1) * side + (key >> 1);
        const entry = below.entries[query * below.side + key];
        if (entry > pooled[at]) pooled[at] = entry;
      }
      yield;
    }
    levels.push({ side, scale: below.scale * 2, entries: pooled, image: null });
  }
  return levels;
}

/**
 * @param {Float32Array | Uint8Array} weights bytes are taken as weights * 255
 * @param {number} n
 * @param {number} [max] the weight that gets the last colour
 */
export const pyramid = (weights, n, max = 1) => atOnce(building(weights, n, max));

/**
 * The same, in turns; null where it is not wanted any more.
 * @param {Float32Array} weights
 * @param {number} n
 * @param {number} [max]
 * @param {() => boolean} [wanted]
 */
export const pyramidInSlices = (weights, n, max = 1, wanted = undefined) =>
  inTimeSlices(building(weights, n, max), wanted);

/**
 * Table entries as a canvas of one pixel a cell, the future transparent.
 * @param {Uint8Array} entries
 * @param {number} side
 * @param {Uint8ClampedArray} table
 * @returns {Generator<void, HTMLCanvasElement>}
 */
function* painting(entries, side, table) {
  const canvas = document.createElement('canvas');
  canvas.width = canvas.height = Math.max(1, side);
  const context = canvas.getContext('2d');
  const colours = new Uint32Array(table.buffer);
  const rows = Math.max(1, Math.floor((AT_ONCE * AT_ONCE) / 2 / side));
  for (let first = 0; context && first < side; first += rows) {
    const band = context.createImageData(side, Math.min(rows, side - first));
    const pixels = new Uint32Array(band.data.buffer);
    for (let query = first; query < first + band.height; query++) {
      const [row, to] = [query * side, (query - first) * side];
      for (let key = 0; key <= query; key++) pixels[to + key] = colours[entries[row + key]];
    }
    context.putImageData(band, 0, first);
    yield;
  }
  return canvas;
}

/** @param {Uint8Array} entries @param {number} side @param {Uint8ClampedArray} table */
export const imageOf = (entries, side, table) => atOnce(painting(entries, side, table));

/**
 * The same, in turns; null where it is not wanted any more.
 * @param {Level} level
 * @param {Uint8ClampedArray} table
 * @param {() => boolean} [wanted]
 */
export const imageInSlices = ({ entries, side }, table, wanted) =>
  inTimeSlices(painting(entries, side, table), wanted);

/**
 * @typedef {object} Scene
 * @property {Level[]} levels
 * @property {import('./viewport.js').Viewport} viewport     in cells of the text
 * @property {number} n                                      tokens
 * @property {Float32Array | null} weights                   for the figures in the cells; null while only a
 *   thumbnail is there
 * @property {number} [max]                                 the weight at the far end of the scale; 1
 * @property {string[]} pieces
 * @property {Uint8ClampedArray} table
 * @property {import('../state/state.js').Cell} cell               the crosshair
 * @property {import('../figures/marks.js').MarkLevel[] | null} [marks]   cells that a score counted
 * @property
 *   {{ paper: string, mark: string, ink: string, muted: string, line: string, accent: string, sans: string, mono: string }}
 *   style
 */

/** The square the cells are drawn in. @param {HTMLCanvasElement} canvas */
export function plotOf(canvas) {
  const side = Math.max(
    1,
    Math.min(
      canvas.clientWidth - MARGIN.left - MARGIN.right,
      canvas.clientHeight - MARGIN.top - MARGIN.bottom,
    ),
  );
  return { left: MARGIN.left, top: MARGIN.top, side };
}

/**
 * @param {HTMLCanvasElement} canvas @param {Scene} scene
 * @returns {Level | null} the level that should have been drawn, where a coarser one was since it is not
 *   painted yet
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
 * @typedef {{ left: number, top: number, side: number }} Plot
 * @param {CanvasRenderingContext2D} context
 * @param {Scene} scene
 * @param {Plot} plot
 * @param {number} devicePx of one cell
 */
function drawCells(context, { levels, viewport, n, table }, plot, devicePx) {
  const right = levels.find(({ scale }) => devicePx * scale >= 1) ?? levels[levels.length - 1];
  const level =
    levels.slice(levels.indexOf(right)).find(({ image, side }) => image || side <= AT_ONCE) ?? right;
  level.image ??= imageOf(level.entries, level.side, table);
  // A thumbnail has fewer cells than the text; a pyramid level may stand half a cell beyond it.
  const perToken = level.scale === 1 ? level.side / n : 1 / level.scale;
  context.imageSmoothingEnabled = false;
  context.drawImage(
    level.image,
    viewport.key0 * perToken,
    viewport.query0 * perToken,
    viewport.span * perToken,
    viewport.span * perToken,
    plot.left,
    plot.top,
    plot.side,
    plot.side,
  );
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
      context.fillStyle = ink(table, weight / max);
      const at = {
        x: plot.left + (key + 0.5 - viewport.key0) * cellPx,
        y: plot.top + (query + 0.5 - viewport.query0) * cellPx,
      };
      context.fillText(figure(weight), at.x, at.y);
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
  context.lineWidth = 1;
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
  context.strokeStyle = style.paper;
  context.lineWidth = 4;
  context.strokeRect(x - shift, y - shift, grown, grown);
  context.strokeStyle = style.accent;
  context.lineWidth = 2;
  context.strokeRect(x - shift, y - shift, grown, grown);
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {Scene} scene
 * @param {Plot} plot
 * @param {number} cellPx
 */
function drawLabels(context, { viewport, n, pieces, cell, style }, plot, cellPx) {
  const named = cellPx >= LABEL_PX;
  const step = named ? 1 : labelStep(cellPx, 26);
  context.textBaseline = 'middle';
  /** @param {number} position */
  const wanted = (position) => (named ? short(pieces[position] ?? '', 9) : String(position));

  /** @param {number} position @param {number} start @param {boolean} query @param {boolean} strong */
  const label = (position, start, query, strong) => {
    const along = (position + 0.5 - start) * cellPx;
    if (along < 0 || along > plot.side) return;
    context.save();
    if (query) context.translate(plot.left - 7, plot.top + along);
    else {
      context.translate(plot.left + along, plot.top + plot.side + 7);
      if (named || strong) context.rotate(-Math.PI / 2);
      else context.translate(0, 6);
    }
    context.textAlign = query || named || strong ? 'right' : 'center';
    context.font = `${strong ? '600 ' : ''}11px ${strong || named ? style.mono : style.sans}`;
    const text = strong ? short(pieces[position] ?? '', 9) : wanted(position);
    context.fillStyle = strong ? style.accent : style.muted;
    context.fillText(text, 0, 0.5);
    context.restore();
  };

  for (const [start, query] of /** @type {const} */ ([
    [viewport.query0, true],
    [viewport.key0, false],
  ])) {
    const strong = query ? cell.query : cell.key;
    const first = Math.ceil(Math.max(0, Math.floor(start)) / step) * step;
    for (let position = first; position < Math.min(n, start + viewport.span); position += step) {
      const covered = strong !== null && Math.abs(position - strong) * cellPx < (named ? cellPx : 20);
      if (!covered) label(position, start, query, false);
    }
    if (strong !== null) label(strong, start, query, true);
  }
}
