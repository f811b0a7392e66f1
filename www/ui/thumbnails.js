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
import { hasThumbnail } from '../state/thumbnails.js';
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

/** The element of a row, out of sight. @param {Row} row @param {Cell[]} cells */
const rowOf = ({ label }, cells) =>
  el(
    'div',
    { class: 'layer far', role: 'group', 'aria-label': label },
    el('span', { class: 'layer-name', 'aria-hidden': 'true' }, label),
    el('div', { class: 'heads' }, ...cells.map(({ button }) => button)),
  );

/**
 * Rows of thumbnails, drawn in frames. Pictures are painted when their row comes into sight, and shown while
 * it is there: the browser copies every shown picture in every frame that changes one.
 * @param {HTMLElement} place of the rows
 * @param {import('../state/state.js').Emit} emit
 */
export function createThumbnails(place, emit) {
  /** @type {Map<Element, Cell[]>} */ const rows = new Map();
  /** @type {Map<string, HTMLButtonElement>} */ const buttons = new Map();
  /** @type {Shown | null} */ let shown = null;
  const memory = {};
  const sight = new IntersectionObserver(
    (entries) => {
      for (const { target, isIntersecting } of entries) target.classList.toggle('far', !isIntersecting);
      paintNear();
    },
    { rootMargin: '200px' },
  );

  function paintNear() {
    const wanted = shown;
    if (wanted) void inFrames(painting(wanted), () => shown === wanted);
  }

  /** @param {Shown} shown @returns {import('../base/frames.js').Drawing} */
  function* painting({ of }) {
    const dark = isDark();
    const table = bluesTable(dark);
    for (const [row, cells] of rows) {
      for (const cell of row.classList.contains('far') ? [] : cells) {
        if (cell.painted[0] === of.thumbnails && cell.painted[1] === dark) continue;
        if (!hasThumbnail(of.thumbnails, cell.name)) continue;
        paint(cell.canvas, thumbnailOf(of, cell.name), of.thumbnails.side, table);
        cell.painted = [of.thumbnails, dark];
        yield 1;
      }
    }
  }

  /** Makes the cells of a row. @param {Row} row */
  function add(row) {
    const cells = row.names.map((name) => cellOf(name, emit));
    for (const { name, button } of cells) buttons.set(name, button);
    const element = rowOf(row, cells);
    rows.set(element, cells);
    place.append(element);
    sight.observe(element);
    return 3 + 4 * cells.length;
  }

  /** @param {Shown} wanted @returns {import('../base/frames.js').Drawing} */
  function* drawing(wanted) {
    for (const row of wanted.rows.slice(rows.size)) yield add(row);
    for (const cells of rows.values()) {
      for (const cell of cells) {
        write(cell, wanted.aboutOf(cell.name));
        cell.button.setAttribute('aria-pressed', String(cell.name === wanted.pressed));
      }
      yield cells.length;
    }
  }

  return {
    buttons,
    /**
     * Shows rows of heads. A later call ends the drawing of an earlier one.
     * @param {Shown} wanted
     * @returns {Promise<boolean>} whether all was drawn, but for pictures
     */
    show(wanted) {
      shown = wanted;
      if (changed(memory, JSON.stringify(wanted.rows))) {
        sight.disconnect();
        rows.clear();
        buttons.clear();
        place.replaceChildren();
      }
      const drawn = inFrames(drawing(wanted), () => shown === wanted);
      paintNear();
      return drawn;
    },
  };
}
