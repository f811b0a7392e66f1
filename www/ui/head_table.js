/** A table with a button for every head: layers down, heads across. Hover or focus previews a head. */

import { nameOf } from '../base/heads.js';
import { el, previewHeads } from './dom.js';
import { listenForArrows } from './head_keys.js';

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
  const tabTo = listenForArrows(body, buttons, () => shape);

  /** @param {number} layer @param {number} head */
  function cellOf(layer, head) {
    const name = nameOf(layer, head);
    const button = el('button', { type: 'button', tabindex: -1, 'data-head': name });
    button.addEventListener('click', () => act(name));
    buttons.set(name, button);
    return el('td', {}, button);
  }

  return {
    element: el('div', { class: 'headmap-scroller' }, table),
    buttons,
    /** Makes a head the one that the Tab key reaches. */
    tabTo,
    /** Makes the buttons for a model of this shape. @param {number} nLayers @param {number} nHeads */
    fit(nLayers, nHeads) {
      if (shape.nLayers === nLayers && shape.nHeads === nHeads) return;
      shape = { nLayers, nHeads };
      buttons.clear();
      const heads = Array.from({ length: nHeads }, (_, head) => head);
      across.replaceChildren(el('td'), ...heads.map((head) => el('th', { scope: 'col' }, String(head))));
      const rows = Array.from({ length: nLayers }, (_, layer) => {
        const name = el('th', { scope: 'row' }, el('span', { class: 'word' }, 'Layer '), String(layer));
        return el('tr', {}, name, ...heads.map((head) => cellOf(layer, head)));
      });
      body.replaceChildren(...rows);
      tabTo(nameOf(0, 0));
    },
  };
}
