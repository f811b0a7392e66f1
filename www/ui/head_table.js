/**
 * A button for every head, layers down, heads across. Hover or focus previews; Tab reaches one, and arrows
 * move from there.
 */

import { nameOf, neighbour } from '../base/heads.js';
import { el, previewHeads } from './dom.js';

/**
 * @param {{ title: string, testid: string }} what
 * @param {(head: string) => void} act what a click or Enter does
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
  let shape = [0, 0];

  /** Tab reaches one cell, the one that was reached last. @param {string | undefined} name */
  function tabTo(name) {
    if (!name || !buttons.has(name)) return;
    for (const [other, cell] of buttons) cell.tabIndex = other === name ? 0 : -1;
  }
  body.addEventListener('focusin', ({ target }) =>
    tabTo(target instanceof HTMLElement ? target.dataset.head : undefined),
  );
  body.addEventListener('keydown', (event) => {
    const from = event.target instanceof HTMLElement ? event.target.dataset.head : undefined;
    const [nLayers, nHeads] = shape;
    /** @type {Record<string, number>} */
    const steps = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -nHeads, ArrowDown: nHeads };
    if (!from || !(event.key in steps)) return;
    event.preventDefault();
    buttons.get(neighbour(from, steps[event.key], nLayers, nHeads))?.focus();
  });

  return {
    element: el('div', { class: 'headmap-scroller' }, table),
    buttons,
    /** Makes the buttons of a model of this shape. @param {number} nLayers @param {number} nHeads */
    fit(nLayers, nHeads) {
      if (shape[0] === nLayers && shape[1] === nHeads) return;
      shape = [nLayers, nHeads];
      buttons.clear();
      across.replaceChildren(
        el('td'),
        ...Array.from({ length: nHeads }, (_, head) => el('th', { scope: 'col' }, String(head))),
      );
      const rows = Array.from({ length: nLayers }, (_, layer) => {
        const cells = Array.from({ length: nHeads }, (_, head) => {
          const name = nameOf(layer, head);
          const cell = el('button', { type: 'button', tabindex: -1, 'data-head': name });
          cell.addEventListener('click', () => act(name));
          buttons.set(name, cell);
          return el('td', {}, cell);
        });
        return el(
          'tr',
          {},
          el('th', { scope: 'row' }, el('span', { class: 'word' }, 'Layer '), String(layer)),
          ...cells,
        );
      });
      body.replaceChildren(...rows);
      tabTo(nameOf(0, 0));
    },
  };
}
