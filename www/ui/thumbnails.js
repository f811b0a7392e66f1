/**
 * Thumbnails of heads, as buttons: the pattern small, the name, and a word about the head. Hover or focus
 * previews a head, a click or Enter pins it.
 *
 * @typedef {object} Cell
 * @property {string} name
 * @property {HTMLButtonElement} button
 * @property {HTMLCanvasElement} canvas
 * @property {HTMLElement} score
 * @property {unknown[]} painted          the thumbnails and the colours of its picture
 *
 * @typedef {{ words: string, spoken: string, named: boolean, ablated: boolean }} About   a head in words
 * @typedef {{ label: string, names: string[] }} Row
 *
 * @typedef {object} Shown
 * @property {Row[]} rows
 * @property {Pick<import('../state/state.js').Result, 'thumbnails' | 'model'>} of
 * @property {(name: string) => About} aboutOf
 * @property {string | null} pressed      the pinned head
 */

import { inFrames } from '../base/frames.js';
import { thumbnailOf } from '../state/pattern_shown.js';
import { bluesTable } from './colours.js';
import { changed, el, isDark, setText } from './dom.js';
import { imageOf } from './pyramid.js';

/**
 * The least side of a thumbnail's bitmap, in pixels. Every cell has whole pixels there, and the browser
 * scales it by area: no row of cells is lost.
 */
const BITMAP = 128;

/** @param {string} name @param {import('../state/state.js').Emit} emit @returns {Cell} */
function cellOf(name, emit) {
  const canvas = el('canvas', { 'aria-hidden': 'true', width: 1, height: 1 });
  const score = el('span', { class: 'score' });
  const button = el(
    'button',
    { type: 'button', class: 'head', 'data-testid': 'head', 'data-head': name, tabindex: -1 },
    canvas,
    el('span', { class: 'name' }, name),
    score,
  );
  button.addEventListener('click', () => emit({ type: 'lock', head: name }));
  return { name, button, canvas, score, painted: [] };
}

/**
 * Draws a thumbnail.
 * @param {HTMLCanvasElement} canvas @param {Uint8Array} weights `[side, side]`
 * @param {number} side @param {Uint8ClampedArray} table
 */
function paint(canvas, weights, side, table) {
  const scale = Math.ceil(BITMAP / side);
  Object.assign(canvas, { width: side * scale, height: side * scale });
  const context = canvas.getContext('2d');
  if (!context) return;
  context.imageSmoothingEnabled = false;
  context.drawImage(imageOf(weights, side, table), 0, 0, canvas.width, canvas.height);
}

/** Writes about a head. @param {Cell} cell @param {About} about */
function write({ button, score }, { words, spoken, named, ablated }) {
  setText(score, words);
  button.setAttribute('aria-label', spoken);
  button.classList.toggle('named', named);
  button.classList.toggle('ablated', ablated);
}

/** The element of a row. @param {Row} row @param {Cell[]} cells */
const rowOf = ({ label }, cells) =>
  el(
    'div',
    { class: 'layer', role: 'group', 'aria-label': label },
    el('span', { class: 'layer-name', 'aria-hidden': 'true' }, label),
    el('div', { class: 'heads' }, ...cells.map(({ button }) => button)),
  );

/**
 * Rows of thumbnails, drawn in frames.
 * @param {HTMLElement} place of the rows
 * @param {import('../state/state.js').Emit} emit
 */
export function createThumbnails(place, emit) {
  /** @type {Map<string, Cell>} */ const cells = new Map();
  /** @type {Map<string, HTMLButtonElement>} */ const buttons = new Map();
  const memory = {};
  let drawings = 0;

  /** Makes the cells of a row. @param {Row} row */
  function add(row) {
    const made = row.names.map((name) => cellOf(name, emit));
    for (const cell of made) {
      cells.set(cell.name, cell);
      buttons.set(cell.name, cell.button);
    }
    place.append(rowOf(row, made));
    return 3 + 4 * made.length;
  }

  /** @param {Shown} shown @returns {import('../base/frames.js').Drawing} */
  function* drawing({ rows, of, aboutOf, pressed }) {
    const dark = isDark();
    const table = bluesTable(dark);
    for (const [at, row] of rows.entries()) {
      if (at >= place.children.length) yield add(row);
      for (const name of row.names) {
        const cell = /** @type {Cell} */ (cells.get(name));
        write(cell, aboutOf(name));
        cell.button.setAttribute('aria-pressed', String(name === pressed));
        if (cell.painted[0] !== of.thumbnails || cell.painted[1] !== dark)
          paint(cell.canvas, thumbnailOf(of, name), of.thumbnails.side, table);
        cell.painted = [of.thumbnails, dark];
        yield 1;
      }
    }
  }

  return {
    buttons,
    /**
     * Shows rows of heads. A later call ends the drawing of an earlier one.
     * @param {Shown} shown
     * @returns {Promise<boolean>} whether all was drawn
     */
    show(shown) {
      const mine = ++drawings;
      if (changed(memory, JSON.stringify(shown.rows))) {
        cells.clear();
        buttons.clear();
        place.replaceChildren();
      }
      return inFrames(drawing(shown), () => drawings === mine);
    },
  };
}
