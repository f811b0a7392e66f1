/** The page's promise, and its keys. */

import { el, once } from '../ui/dom.js';

const PROMISE = [
  'Text and weights never leave this browser. The model runs here, and a link carries its text after the #,',
  'which browsers send to no server.',
].join(' ');

/** @type {readonly [string, string][]} */
const KEYS = [
  ['[ ]', 'the previous head, the next head'],
  ['Esc', 'unpin the cell, then the head'],
  ['← → ↑ ↓', 'in the pattern, the heads and the tokens: move by one'],
  ['Shift + arrow', 'move by ten'],
  ['+ − 0', 'in the pattern: zoom in, zoom out, show all of it'],
  ['Enter', 'pin the focused head or token'],
];

/** @param {Element} root */
export function footer(root) {
  once(root, () => {
    const keys = KEYS.flatMap(([key, words]) => [el('dt', {}, key), el('dd', {}, words)]);
    root.append(
      el('p', {}, PROMISE),
      el('details', { class: 'keys' }, el('summary', {}, 'Keys'), el('dl', {}, ...keys)),
    );
    return {};
  });
}
