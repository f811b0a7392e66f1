/** Keys and files for the whole page: the next head, unpinning, and files that are dropped. */

import { neighbour } from '../base/heads.js';

/** Whether keys typed into an element are text. @param {EventTarget | null} target */
const isTextField = (target) =>
  target instanceof HTMLTextAreaElement || (target instanceof HTMLInputElement && target.type === 'text');

/**
 * Whether a key belongs to the browser: Alt and ← goes back. @param {KeyboardEvent} event
 */
export const isShortcut = ({ altKey, ctrlKey, metaKey }) => altKey || ctrlKey || metaKey;

/**
 * Listens for `[`, `]` and Escape.
 * @param {() => import('../state/state.js').State} getState
 * @param {import('../state/state.js').Emit} emit
 */
export function listenForKeys(getState, emit) {
  document.addEventListener('keydown', (event) => {
    // On many keyboards brackets need AltGr, which Windows reports as Alt and Ctrl together.
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
 * Takes files that are dropped anywhere on the page, as if the visitor had chosen them.
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
