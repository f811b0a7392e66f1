/** What works anywhere on the page: the keys for the next head and for letting go, and files dropped on it. */

import { neighbour } from './figures/heads.js';
import { sorted } from './library.js';
import { fromFile, MOST } from './link.js';

/** @param {EventTarget | null} target whether keys typed there are text */
const isTextField = (target) =>
  target instanceof HTMLTextAreaElement || (target instanceof HTMLInputElement && target.type === 'text');

/** @param {() => import('./state.js').State} getState @param {import('./state.js').Emit} emit */
export function listenForKeys(getState, emit) {
  document.addEventListener('keydown', (event) => {
    // On many keyboards brackets take AltGr, which Windows reports as Alt and Ctrl together.
    const shortcut = event.metaKey || ((event.altKey || event.ctrlKey) && !event.getModifierState('AltGraph'));
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
 * A saved analysis dropped anywhere opens, and so does a model of the visitor's own.
 * @param {(deed: import('./state.js').Action | import('./models.js').Deed) => void} emit
 */
export function listenForFiles(emit) {
  /** @param {DragEvent} event */
  const hasFile = (event) => event.dataTransfer?.types.includes('Files') ?? false;
  document.addEventListener('dragover', (event) => {
    if (hasFile(event)) event.preventDefault();
  });
  document.addEventListener('drop', async (event) => {
    const files = [...(event.dataTransfer?.files ?? [])];
    if (!files.length) return;
    event.preventDefault();
    const { slots, analysis } = await sorted(files);
    if (Object.keys(slots).length) emit({ type: 'own files', files: files.filter((other) => other !== analysis) });
    else await openAnalysis(analysis ?? files[0]);
  });

  /** @param {File} file */
  async function openAnalysis(file) {
    if (file.size > MOST.file) {
      emit({
        type: 'problem',
        problem: {
          code: 'FileTooLarge',
          detail: `${file.name} has ${file.size} bytes; a saved analysis has at most ${MOST.file}.`,
        },
      });
      return;
    }
    const opened = fromFile(await file.text());
    const unusable = opened.problems.find(({ code }) => code === 'FileBroken' || code === 'LinkVersion');
    if (unusable) emit({ type: 'problem', problem: unusable });
    else emit({ type: 'restore', ...opened });
  }
}
