/** The Share menu: copies the link, or saves the analysis as a file. */

import { count } from '../base/format.js';
import { button, changed, el, once, setText } from '../ui/dom.js';
import { createMenu } from '../ui/menu.js';

const LINK =
  'The link opens this analysis and checks that the figures come out the same. The text is in the link, ' +
  'after the #, which browsers send to no server.';

/** @typedef {(command: { type: 'copy link' } | { type: 'save file' }) => void} Emit */

/** @param {Element} root @param {import('../state/state.js').State} state @param {Emit} emit */
export function share(root, state, emit) {
  const parts = once(root, () => build(root, emit));
  const { result, copied } = state;
  if (!changed(parts.memory, result, copied)) return;
  parts.copy.disabled = parts.save.disabled = !result || result.precomputed === true;
  setText(parts.copy, copied === null ? 'Copy link' : 'Copied');
  setText(parts.said, copied === null ? '' : `${count(copied)} characters`);
}

/** @param {Element} root @param {Emit} emit */
function build(root, emit) {
  const copy = button('Copy link', () => emit({ type: 'copy link' }), {
    class: 'primary',
    'data-testid': 'copy-link',
  });
  const said = el('span', { class: 'said', role: 'status', 'data-testid': 'copied' });
  const save = button('Save as a file', () => emit({ type: 'save file' }), {
    class: 'chip',
    title: 'A file for texts too long for a link. Drop it on this page to open it',
    'data-testid': 'save-file',
  });
  const menu = createMenu(
    { label: 'Share', name: 'Share this analysis', testid: 'share' },
    el('p', { class: 'copy' }, copy, said),
    el('p', { class: 'hint' }, LINK),
    el('p', { class: 'chips' }, save),
  );
  root.append(menu.element);
  return { copy, said, save, memory: {} };
}
