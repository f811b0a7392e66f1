/**
 * Terms of the field in a sentence. Hover or focus shows what a term means; a click opens its definition.
 * One tip serves the whole page, so that it can stay inside the window.
 */

import { termOf } from '../base/glossary.js';
import { el, setText } from './dom.js';

/** Pixels between the tip, its term and the edges of the window. */
const ROOM = 8;

/** @type {HTMLElement | null} */ let tip = null;

/** The tip of the page. */
function tipElement() {
  if (tip) return tip;
  tip = el('div', { class: 'term-tip', id: 'term-tip', role: 'tooltip', hidden: true });
  document.body.append(tip);
  const hide = () => {
    if (tip) tip.hidden = true;
  };
  addEventListener('scroll', hide, { passive: true, capture: true });
  addEventListener('keydown', ({ key }) => key === 'Escape' && hide());
  return tip;
}

/** Shows a term's meaning under the term, or above where there is no room. @param {HTMLElement} term */
function show(term) {
  const meaning = termOf(term.textContent ?? '');
  if (!meaning) return;
  const shown = tipElement();
  setText(shown, meaning.words);
  shown.hidden = false;
  const at = term.getBoundingClientRect();
  const left = Math.max(ROOM, Math.min(at.left, innerWidth - shown.offsetWidth - ROOM));
  const below = at.bottom + ROOM;
  const fits = below + shown.offsetHeight < innerHeight;
  shown.style.setProperty('inset-inline-start', `${left}px`);
  shown.style.setProperty('inset-block-start', `${fits ? below : at.top - shown.offsetHeight - ROOM}px`);
}

/** A term as a link to its definition; plain text for words without an entry. @param {string} written */
export function term(written) {
  const meaning = termOf(written);
  if (!meaning) return written;
  const link = el('a', {
    class: 'term',
    href: `docs/definitions.html#${meaning.anchor}`,
    'aria-describedby': 'term-tip',
  });
  setText(link, written);
  const hide = () => {
    tipElement().hidden = true;
  };
  link.addEventListener('pointerenter', () => show(link));
  link.addEventListener('focus', () => show(link));
  link.addEventListener('pointerleave', hide);
  link.addEventListener('blur', hide);
  // The element that describes the link has to be there before it is shown.
  tipElement();
  return link;
}

/**
 * A sentence with its terms, which stand in square brackets: `An [induction head] looks back.`
 * @param {string} words
 * @returns {(Node | string)[]}
 */
export const withTerms = (words) =>
  words.split(/\[([^\]]+)\]/).map((part, at) => (at % 2 ? term(part) : part));

/**
 * The heading of a section, and a paragraph that introduces it.
 * @param {string} id of the heading
 * @param {string} title
 * @param {string} words its terms stand in square brackets
 * @param {'lead' | 'hint'} kind
 */
export const introduction = (id, title, words, kind) => [
  el('h2', { id }, title),
  el('p', { class: kind }, ...withTerms(words)),
];
