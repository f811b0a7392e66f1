/** Keys for the buttons of heads: the Tab key reaches one button, arrow keys move from there. */

import { neighbour } from '../base/heads.js';
import { isShortcut } from './gestures.js';

/**
 * @param {HTMLElement} container of the buttons
 * @param {ReadonlyMap<string, HTMLButtonElement>} buttons by the heads' names
 * @param {() => { nLayers: number, nHeads: number }} shape
 * @returns {(name: string | undefined) => void} makes a head the one that the Tab key reaches
 */
export function listenForArrows(container, buttons, shape) {
  const headOf = (/** @type {Event} */ { target }) =>
    target instanceof HTMLElement ? target.dataset.head : undefined;
  /** @param {string | undefined} name */
  function tabTo(name) {
    if (!name || !buttons.has(name)) return;
    for (const [other, button] of buttons) {
      const tabIndex = other === name ? 0 : -1;
      if (button.tabIndex !== tabIndex) button.tabIndex = tabIndex;
    }
  }
  container.addEventListener('focusin', (event) => tabTo(headOf(event)));
  container.addEventListener('keydown', (event) => {
    const from = headOf(event);
    const { nLayers, nHeads } = shape();
    /** @type {Record<string, number>} */
    const steps = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -nHeads, ArrowDown: nHeads };
    if (!from || !(event.key in steps) || isShortcut(event)) return;
    event.preventDefault();
    buttons.get(neighbour(from, steps[event.key], nLayers, nHeads))?.focus();
  });
  return tabTo;
}
