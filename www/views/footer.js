/** What the page promises, and its keys. */

import { el, once } from '../ui/dom.js';

/** @type {readonly [string, string][]} */
const KEYS = [
  ['[ ]', 'the head before, the head after'],
  ['Esc', 'let go of the cell, then of the head'],
  ['← → ↑ ↓', 'in the pattern, the heads and the tokens: move by one'],
  ['Shift + arrow', 'move by ten'],
  ['+ − 0', 'in the pattern: closer, farther, all of it'],
  ['Enter', 'keep the head or the token in focus'],
];

/** @param {Element} root */
export function footer(root) {
  once(root, () => {
    root.append(
      el(
        'p',
        {},
        'Text and weights never leave this browser: the model runs here, and a link carries its text after the #, which no server sees.',
      ),
      el(
        'details',
        { class: 'keys' },
        el('summary', {}, 'Keys'),
        el('dl', {}, ...KEYS.flatMap(([keys, does]) => [el('dt', {}, keys), el('dd', {}, does)])),
      ),
    );
    return {};
  });
}
