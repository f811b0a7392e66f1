/** The page's promise, where to read on, and its keys. */

import { el, once } from '../ui/dom.js';

const PROMISE =
  'Text and weights never leave this browser. A link carries its text after the #, which no server sees.';

/** @type {readonly { label: string, href: string, title: string }[]} */
const LINKS = [
  {
    label: 'Definitions',
    href: 'docs/definitions.html',
    title: 'Every figure of this page, with its formula',
  },
  {
    label: 'ARENA 1.2',
    href: 'https://github.com/callummcdougall/ARENA_3.0',
    title: 'The exercise that this page re-creates',
  },
  {
    label: 'Elhage et al. 2021',
    href: 'https://transformer-circuits.pub/2021/framework/index.html',
    title: 'A Mathematical Framework for Transformer Circuits',
  },
  {
    label: 'Olsson et al. 2022',
    href: 'https://transformer-circuits.pub/2022/in-context-learning-and-induction-heads/index.html',
    title: 'In-context Learning and Induction Heads',
  },
];

/** @type {readonly [string, string][]} */
const KEYS = [
  ['[ ]', 'the previous head, the next head'],
  ['Esc', 'unpin the cell, then the head'],
  ['← → ↑ ↓', 'in the pattern, the heads and the tokens: move by one'],
  ['Shift + arrow', 'move by ten'],
  ['+ − 0', 'in the pattern: zoom in, zoom out, show all of it'],
  ['Enter', 'pin the focused head or token'],
];

/** The repository, where the site was built for one: tools/site/about.js names it. */
function repository() {
  const link = document.querySelector('link[rel="code-repository"]');
  const href = link?.getAttribute('href');
  return href ? [{ label: 'Source', href, title: 'The code of this page' }] : [];
}

/** @param {Element} root */
export function footer(root) {
  once(root, () => {
    const keys = KEYS.flatMap(([key, words]) => [el('dt', {}, key), el('dd', {}, words)]);
    const links = [...LINKS, ...repository()].map(({ label, href, title }) =>
      el('a', { class: 'link', href, title, rel: 'noopener' }, label),
    );
    root.append(
      el('p', {}, PROMISE),
      el('nav', { class: 'read-on', 'aria-label': 'Read on' }, ...links),
      el('details', { class: 'keys' }, el('summary', {}, 'Keys'), el('dl', {}, ...keys)),
    );
    return {};
  });
}
