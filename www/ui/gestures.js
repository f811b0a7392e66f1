/**
 * What works anywhere on the page: the keys for the next head and for letting go, and files dropped on it.
 */

import { neighbour } from '../base/heads.js';

/** @param {EventTarget | null} target whether keys typed there are text */
const isTextField = (target) =>
  target instanceof HTMLTextAreaElement || (target instanceof HTMLInputElement && target.type === 'text');

/**
 * @param {() => import('../state/state.js').State} getState
 * @param {import('../state/state.js').Emit} emit
 */
export function listenForKeys(getState, emit) {
  document.addEventListener('keydown', (event) => {
    // On many keyboards brackets take AltGr, which Windows reports as Alt and Ctrl together.
    const shortcut =
      event.metaKey || ((event.altKey || event.ctrlKey) && !event.getModifierState('AltGraph'));
    if (event.defaultPrevented || shortcut || isTextField(event.target)) return;
    const { result, view } = getState();
    if (event.key === 'Escape') emit({ type: 'let go' });
    else if ((event.key === '[' || event.key === ']') && result) {
      const { n_layers, n_heads } = result.model.config;
      emit({ type: 'lock', head: neighbour(view.head, event.key === ']' ? 1 : -1, n_layers, n_heads) });
    }
  });
}

/**
 * Files dropped anywhere are taken as those that are chosen are.
 * @param {(command: import('../models/models.js').Command) => void} emit
 */
export function listenForFiles(emit) {
  document.addEventListener('dragover', (event) => {
    if (event.dataTransfer?.types.includes('Files')) event.preventDefault();
  });
  document.addEventListener('drop', (event) => {
    const files = [...(event.dataTransfer?.files ?? [])];
    if (!files.length) return;
    event.preventDefault();
    emit({ type: 'own files', files });
  });
}
