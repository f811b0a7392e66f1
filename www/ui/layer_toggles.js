/** A row of switches, one a layer: a button is pressed while its layer is chosen. */

import { button, changed, el } from './dom.js';

/**
 * @param {object} what
 * @param {string} what.legend
 * @param {string} what.testid
 * @param {(layer: number) => string} what.nameOf the switch in words: `Ablate the MLP of layer 3`
 * @param {(layer: number) => void} act the action of a switch
 */
export function createLayerToggles({ legend, testid, nameOf }, act) {
  const toggles = el('div', { class: 'layer-toggles' });
  const element = el(
    'fieldset',
    { class: 'switch', 'data-testid': testid },
    el('legend', {}, legend),
    toggles,
  );
  /** @type {HTMLButtonElement[]} */ let buttons = [];
  const memory = {};
  return {
    element,
    /** @param {number} nLayers @param {readonly number[]} chosen */
    show(nLayers, chosen) {
      if (buttons.length !== nLayers) {
        buttons = Array.from({ length: nLayers }, (_, layer) =>
          button(String(layer), () => act(layer), {
            class: 'chip',
            'data-layer': String(layer),
            'aria-label': nameOf(layer),
          }),
        );
        toggles.replaceChildren(...buttons);
      } else if (!changed(memory, chosen)) return;
      buttons.forEach((toggle, layer) => toggle.setAttribute('aria-pressed', String(chosen.includes(layer))));
    },
  };
}
