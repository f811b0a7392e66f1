/**
 * A text's tokens as elements, each with its index and a figure. A long text's stand in pages that are laid
 * out when they
 * come in sight, and are made and coloured in turns: those in sight first.
 */

import { inTimeSlices } from '../base/time_slices.js';
import { fragmentTitle, visible } from '../base/tokens.js';
import { el } from './dom.js';

/** Tokens of a page. The text of one page is laid out as it always was. */
const PAGE = 64;

/**
 * A text of more pages has only those in sight laid out; of a shorter one all can be searched and read out.
 */
const FEW = 8;

/** Longer pieces are cut by the style sheet, at a cost for each that is. */
const LONG_PIECE = 20;

/**
 * @typedef {{ element: HTMLElement, piece: HTMLElement, weight: HTMLElement, shown: string }} Token
 *   `shown`: what it is coloured for
 * @typedef {(token: Token, position: number) => void} Paint
 */

/** @param {HTMLElement} list where they stand */
export function createTokenList(list) {
  /** @type {Token[]} */ let tokens = [];
  /** @type {HTMLElement[]} */ let pages = [];
  /** @type {Paint} */ let paint = () => {};
  // A text, or colours, that come later end the work on those before.
  let text = 0;
  let colours = 0;

  /**
   * Pages that came in sight, laid out one a frame: a jump to the middle of a text is no long task.
   * @type {Set<Element>}
   */
  const waiting = new Set();
  // What scrolls in a moment is laid out already, where browsers know that margin.
  const margins = /** @type {IntersectionObserverInit} */ ({ rootMargin: '200px', scrollMargin: '200px' });
  const sight = new IntersectionObserver((entries) => {
    if (waiting.size === 0) requestAnimationFrame(layOut);
    for (const { target, isIntersecting } of entries) {
      if (isIntersecting) waiting.add(target);
      // The token that the Tab key leads to stays, in sight or not.
      else if (!target.querySelector('[tabindex="0"]')) far(target);
    }
  }, margins);
  function layOut() {
    for (const page of [...waiting].slice(0, 1)) near(page);
    if (waiting.size > 0) requestAnimationFrame(layOut);
  }
  /** @param {Element} page */
  function near(page) {
    page.classList.remove('far');
    waiting.delete(page);
  }
  /** @param {Element} page */
  function far(page) {
    page.classList.add('far');
    waiting.delete(page);
  }

  /** @param {string} text @param {Uint8Array | null} fragment @param {number} position @returns {Token} */
  function tokenOf(text, fragment, position) {
    const words = visible(text);
    const kind = `piece${words.length > LONG_PIECE ? ' long' : ''}${fragment ? ' fragment' : ''}`;
    const piece = el('span', { class: kind, title: fragment && fragmentTitle(fragment) }, words);
    const weight = el('span', { class: 'weight' });
    const option = {
      role: 'option',
      tabindex: position === 0 ? 0 : -1,
      'aria-selected': 'false',
      'data-position': position,
    };
    const element = el(
      'span',
      { class: 'token', ...option },
      el('span', { class: 'index' }, String(position)),
      piece,
      weight,
    );
    return { element, piece, weight, shown: '' };
  }

  /** @param {string[]} pieces @param {(Uint8Array | null)[]} fragments @returns {Generator<void, void>} */
  function* making(pieces, fragments) {
    for (let first = 0; first < pieces.length; first += PAGE) {
      /** @type {Token[]} */ const made = [];
      for (let position = first; position < Math.min(first + PAGE, pieces.length); position++) {
        const token = tokenOf(pieces[position], fragments[position], position);
        paint(token, position);
        made.push(token);
        // The first page comes in one go, so that the list is never seen without tokens.
        if (first > 0 && position % 32 === 31) yield;
      }
      const last = first + made.length - 1;
      const many = pieces.length > FEW * PAGE;
      const kind =
        pieces.length <= PAGE ? 'page' : first === 0 || !many ? 'page one-of-many' : 'page one-of-many far';
      const page = el('div', { class: kind, role: 'group', 'aria-label': `Tokens ${first} to ${last}` });
      page.append(...made.map(({ element }) => element));
      tokens.push(...made);
      pages.push(page);
      list.append(page);
      if (many) sight.observe(page);
    }
  }

  /** @returns {Generator<void, void>} */
  function* colouring() {
    const { scrollTop } = list;
    const inSight =
      Math.max(
        0,
        pages.length > 1
          ? pages.findIndex(({ offsetTop, offsetHeight }) => offsetTop + offsetHeight > scrollTop)
          : 0,
      ) * PAGE;
    for (let turn = 0; turn < tokens.length; turn++) {
      const position = (inSight + turn) % tokens.length;
      paint(tokens[position], position);
      if (turn % 32 === 31) yield;
    }
  }

  return {
    /** The elements; of a long text those that are there so far. */
    get tokens() {
      return tokens;
    },
    /** A token that is about to be the focus, wherever it stands. @param {number} position */
    reach(position) {
      const token = tokens[position];
      const page = token?.element.parentElement;
      if (page) near(page);
      return token;
    },
    /**
     * Another text.
     * @param {string[]} pieces
     * @param {(Uint8Array | null)[]} fragments the bytes of those that are no whole characters
     */
    show(pieces, fragments) {
      const mine = ++text;
      colours++;
      tokens = [];
      pages = [];
      paint = () => {};
      sight.disconnect();
      waiting.clear();
      list.replaceChildren();
      void inTimeSlices(making(pieces, fragments), () => text === mine);
    },
    /** Colours every token, those that are still to come as they come. @param {Paint} how */
    colour(how) {
      const mine = ++colours;
      paint = how;
      void inTimeSlices(colouring(), () => colours === mine);
    },
    /** Colours every token again, whatever it showed. */
    forget() {
      for (const token of tokens) token.shown = '';
    },
  };
}
