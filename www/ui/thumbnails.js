/**
 * Thumbnails of heads, as buttons: the pattern small, the name, and a word about the head. Hover or focus
 * previews a head, a click or Enter pins it.
 *
 * @typedef {object} Cell
 * @property {string} name
 * @property {HTMLButtonElement} button
 * @property {HTMLCanvasElement} canvas
 * @property {HTMLElement} score
 *
 * @typedef {{ words: string, spoken: string, named: boolean, ablated: boolean }} About   a head in words
 */

import { inTimeSlices } from '../base/time_slices.js';
import { thumbnailOf } from '../state/pattern_shown.js';
import { bluesTable } from './colours.js';
import { el, isDark, setText } from './dom.js';
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
  return { name, button, canvas, score };
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

/**
 * Rows of thumbnails.
 * @param {HTMLElement} place of the rows
 * @param {import('../state/state.js').Emit} emit
 */
export function createThumbnails(place, emit) {
  /** @type {Cell[]} */ let cells = [];
  /** @type {Map<string, HTMLButtonElement>} */ const buttons = new Map();
  let drawing = 0;

  return {
    buttons,
    /** Makes the cells of these rows. @param {{ label: string, names: string[] }[]} rows */
    fit(rows) {
      buttons.clear();
      const made = rows.map(({ label, names }) => ({
        label,
        cells: names.map((name) => cellOf(name, emit)),
      }));
      cells = made.flatMap((row) => row.cells);
      for (const { name, button } of cells) buttons.set(name, button);
      place.replaceChildren(
        ...made.map((row) =>
          el(
            'div',
            { class: 'layer', role: 'group', 'aria-label': row.label },
            el('span', { class: 'layer-name', 'aria-hidden': 'true' }, row.label),
            el('div', { class: 'heads' }, ...row.cells.map(({ button }) => button)),
          ),
        ),
      );
    },
    /**
     * Draws the pictures, some in each frame.
     * @param {Pick<import('../state/state.js').Result, 'thumbnails' | 'model'>} of
     */
    draw(of) {
      const mine = ++drawing;
      const table = bluesTable(isDark());
      const drawn = cells;
      const { side } = of.thumbnails;
      function* painting() {
        for (const [at, { canvas, name }] of drawn.entries()) {
          paint(canvas, thumbnailOf(of, name), side, table);
          if (at % 16 === 15) yield;
        }
      }
      void inTimeSlices(painting(), () => mine === drawing);
    },
    /** Writes about every head. @param {(name: string) => About} aboutOf */
    describe(aboutOf) {
      for (const { name, button, score } of cells) {
        const { words, spoken, named, ablated } = aboutOf(name);
        setText(score, words);
        button.setAttribute('aria-label', spoken);
        button.classList.toggle('named', named);
        button.classList.toggle('ablated', ablated);
      }
    },
    /** @param {string | null} head the pinned head */
    press(head) {
      for (const { name, button } of cells) button.setAttribute('aria-pressed', String(name === head));
    },
  };
}
