/**
 * A table with a button for every head: layers down, heads across. Hover or focus previews a head. The table
 * is drawn in frames, a layer at a time.
 */

import { inFrames } from '../base/frames.js';
import { nameOf } from '../base/heads.js';
import { el, previewHeads } from './dom.js';
import { listenForArrows } from './head_keys.js';

/** A table of more layers has low rows, so that all of it is in view. */
const MOST_ROWS = 12;

/**
 * @typedef {(name: string, button: HTMLButtonElement) => number} Fill   draws one head, and returns the
 *   number of elements that it made or changed
 */

/**
 * @param {{ title: string, testid: string }} what
 * @param {(head: string) => void} act the action of a click or Enter
 * @param {import('../state/state.js').Emit} emit
 */
export function createHeadTable({ title, testid }, act, emit) {
  const body = el('tbody');
  const across = el('tr');
  const table = el(
    'table',
    { class: 'headmap', 'data-testid': testid },
    el('caption', { class: 'unseen' }, title),
    el('thead', {}, across),
    body,
  );
  previewHeads(body, emit);
  /** @type {Map<string, HTMLButtonElement>} */ const buttons = new Map();
  let shape = { nLayers: 0, nHeads: 0 };
  let drawing = 0;
  const tabTo = listenForArrows(body, buttons, () => shape);

  /** @param {number} layer @param {number} head */
  function cellOf(layer, head) {
    const name = nameOf(layer, head);
    const button = el('button', { type: 'button', tabindex: -1, 'data-head': name });
    button.addEventListener('click', () => act(name));
    buttons.set(name, button);
    return el('td', {}, button);
  }

  /** Empties the table for a model of another shape. @param {number} nLayers @param {number} nHeads */
  function fit(nLayers, nHeads) {
    if (shape.nLayers === nLayers && shape.nHeads === nHeads) return;
    shape = { nLayers, nHeads };
    buttons.clear();
    table.classList.toggle('dense', nLayers > MOST_ROWS);
    const heads = Array.from({ length: nHeads }, (_, head) => el('th', { scope: 'col' }, String(head)));
    across.replaceChildren(el('td'), ...heads);
    body.replaceChildren();
  }

  /** Makes the row of a layer. @param {number} layer */
  function add(layer) {
    const name = el('th', { scope: 'row' }, el('span', { class: 'word' }, 'Layer '), String(layer));
    body.append(
      el('tr', {}, name, ...Array.from({ length: shape.nHeads }, (_, head) => cellOf(layer, head))),
    );
    if (layer === 0) tabTo(nameOf(0, 0));
    return 3 + 2 * shape.nHeads;
  }

  /** @param {Fill} fill @returns {import('../base/frames.js').Drawing} */
  function* filling(fill) {
    const { nLayers, nHeads } = shape;
    for (let layer = 0; layer < nLayers; layer++) {
      let elements = layer < body.rows.length ? 0 : add(layer);
      for (let head = 0; head < nHeads; head++) {
        const name = nameOf(layer, head);
        elements += fill(name, /** @type {HTMLButtonElement} */ (buttons.get(name)));
      }
      yield elements;
    }
  }

  return {
    element: el('div', { class: 'headmap-scroller' }, table),
    /** Makes a head the one that the Tab key reaches. */
    tabTo,
    /**
     * Draws every head of a model of this shape. A later call ends the drawing of an earlier one.
     * @param {number} nLayers @param {number} nHeads @param {Fill} fill
     */
    show(nLayers, nHeads, fill) {
      fit(nLayers, nHeads);
      const mine = ++drawing;
      return inFrames(filling(fill), () => drawing === mine);
    },
  };
}
