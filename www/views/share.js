/** The Share menu: copies the link, the picture, or code for TransformerLens; saves the analysis. */

import { count } from '../base/format.js';
import { button, changed, el, once, setText } from '../ui/dom.js';
import { createMenu } from '../ui/menu.js';

const LINK =
  'The link opens this analysis and checks that the figures come out the same. The text is in the link, ' +
  'after the #, which browsers send to no server.';

const CODE =
  'A Python script that runs the same tokens through the same weights, and prints the figures shown here ' +
  'beside its own.';

/**
 * @typedef {import('../work/exporting.js').Command} Exporting
 * @typedef {(command: { type: 'copy link' } | { type: 'save file' } | Exporting) => void} Emit
 */

/** @param {Element} root @param {import('../state/state.js').State} state @param {Emit} emit */
export function share(root, state, emit) {
  const parts = once(root, () => build(root, emit));
  const { result, copied } = state;
  if (!changed(parts.memory, result, copied)) return;
  for (const { button, what, label } of parts.buttons) {
    button.disabled = !result || result.precomputed === true;
    setText(button, copied?.what === what ? 'Copied' : label);
  }
  setText(parts.said, copied?.what === 'link' ? `${count(copied.length)} characters` : '');
}

/** @param {Element} root @param {Emit} emit */
function build(root, emit) {
  const link = button('Copy link', () => emit({ type: 'copy link' }), {
    class: 'primary',
    'data-testid': 'copy-link',
  });
  const picture = button('Copy picture', () => emit({ type: 'copy', what: 'picture' }), {
    class: 'chip',
    title: 'The pattern that is shown, as an image',
    'data-testid': 'copy-picture',
  });
  const code = button('Copy as TransformerLens code', () => emit({ type: 'copy', what: 'code' }), {
    class: 'chip',
    'data-testid': 'copy-code',
  });
  const said = el('span', { class: 'said', role: 'status', 'data-testid': 'copied' });
  const save = button('Save as a file', () => emit({ type: 'save file' }), {
    class: 'chip',
    title: 'A file for texts too long for a link. Drop it on this page to open it',
    'data-testid': 'save-file',
  });
  const menu = createMenu(
    { label: 'Share', name: 'Share this analysis', testid: 'share' },
    el('p', { class: 'copy' }, link, said),
    el('p', { class: 'hint' }, LINK),
    el('p', { class: 'chips' }, picture, save),
    el('p', { class: 'chips' }, code),
    el('p', { class: 'hint' }, CODE),
  );
  root.append(menu.element);
  const buttons = [
    { button: link, what: 'link', label: 'Copy link' },
    { button: picture, what: 'picture', label: 'Copy picture' },
    { button: code, what: 'code', label: 'Copy as TransformerLens code' },
    { button: save, what: 'file', label: 'Save as a file' },
  ];
  return { buttons, said, memory: {} };
}
