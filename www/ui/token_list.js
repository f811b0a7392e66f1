/**
 * The tokens of a text as elements, each with its index and a figure. The tokens of a long text are in pages,
 * which the browser lays out when they come into sight. Tokens are made and coloured in time slices, the
 * visible ones first.
 */

import { inTimeSlices } from '../base/time_slices.js';
import { fragmentTitle, visible, wholesOf } from '../base/tokens.js';
import { el } from './dom.js';

/** Tokens of a page. */
const PAGE = 64;

/**
 * The most pages that are all laid out: the browser can search them and read them out. Of a longer text only
 * the visible pages are laid out.
 */
const FEW = 8;

/** The style sheet cuts longer pieces. Each cut piece costs layout time. */
const LONG_PIECE = 20;

/**
 * @typedef {object} Token
 * @property {string} key     of what it says: a token that says the same in another text is kept
 * @property {HTMLElement} element
 * @property {HTMLElement} piece
 * @property {HTMLElement} weight
 * @property {string} shown   a key of the weight and colour that it shows
 * @property {boolean} endsLine whether its text ends a line
 * @typedef {(token: Token, position: number) => void} Paint
 */

/**
 * An unpainted token.
 * @param {string} text @param {Uint8Array | null} fragment
 * @param {string | null} whole the characters that this token completes
 * @param {number} position @returns {Token}
 */
function tokenOf(text, fragment, whole, position) {
  const words = visible(text);
  const kind = `piece${words.length > LONG_PIECE ? ' long' : ''}${fragment ? ' fragment' : ''}`;
  const completed = whole ? el('b', { class: 'whole' }, ` = ${visible(whole)}`) : null;
  const piece = el('span', { class: kind, title: fragment && fragmentTitle(fragment) }, words, completed);
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
  const key = keyOf(text, fragment, whole);
  return { key, element, piece, weight, shown: '', endsLine: text.endsWith('\n') };
}

/** @param {string} text @param {Uint8Array | null} fragment @param {string | null} whole */
const keyOf = (text, fragment, whole) => JSON.stringify([text, fragment && [...fragment], whole]);

/**
 * The element of a page with its tokens.
 * @param {Token[]} tokens
 * @param {number} first the position of the first token
 * @param {number} count tokens of the whole text
 */
function pageOf(tokens, first, count) {
  const kinds = ['page'];
  // The tokens of a shorter text are one flow: its pages are no boxes.
  if (count > FEW * PAGE) kinds.push('one-of-many');
  // Pages after the first wait until they come into sight.
  if (count > FEW * PAGE && first > 0) kinds.push('far');
  const label = `Tokens ${first} to ${first + tokens.length - 1}`;
  return el(
    'div',
    { class: kinds.join(' '), role: 'group', 'aria-label': label },
    ...tokens.flatMap(({ element, endsLine }) =>
      endsLine ? [element, el('span', { class: 'line-end' })] : [element],
    ),
  );
}

/**
 * Lays out the pages that come into sight, one in each frame: a jump to the middle of a text is then no long
 * task.
 */
function createSight() {
  /** Pages that wait for their frame. @type {Set<Element>} */ const waiting = new Set();
  // Pages near the visible ones are laid out ahead, in browsers that know the margin.
  const margins = /** @type {IntersectionObserverInit} */ ({ rootMargin: '200px', scrollMargin: '200px' });
  const observer = new IntersectionObserver((entries) => {
    if (waiting.size === 0) requestAnimationFrame(layOut);
    for (const { target, isIntersecting } of entries) {
      if (isIntersecting) waiting.add(target);
      // The page of the token that the Tab key reaches stays laid out.
      else if (!target.querySelector('[tabindex="0"]')) hide(target);
    }
  }, margins);
  function layOut() {
    const [page] = waiting;
    if (page) near(page);
    if (waiting.size > 0) requestAnimationFrame(layOut);
  }
  /** @param {Element} page */
  function near(page) {
    page.classList.remove('far');
    waiting.delete(page);
  }
  /** @param {Element} page */
  function hide(page) {
    page.classList.add('far');
    waiting.delete(page);
  }
  return {
    /** Lays out a page now. */
    near,
    /** @param {Element} page */
    watch: (page) => observer.observe(page),
    /** @param {Element} page */
    forget(page) {
      observer.unobserve(page);
      waiting.delete(page);
    },
  };
}

/** @param {HTMLElement} list the parent of the pages */
export function createTokenList(list) {
  /** @type {Token[]} */ let tokens = [];
  /** @type {HTMLElement[]} */ const pages = [];
  /** @type {Paint} */ let paint = () => {};
  const sight = createSight();
  // A later text ends the work on the text before, and later colours the work on the colours before.
  let text = 0;
  let colours = 0;
  /** Whether the pages of the text are boxes, of which those in sight are laid out. */
  let isLong = false;

  /**
   * The number of pages at the start that say the same in another text. Pages are boxes in a long text only,
   * so pages of a short text are none of a long one.
   * @param {string[]} pieces @param {(Uint8Array | null)[]} fragments @param {(string | null)[]} wholes
   */
  function keptPages(pieces, fragments, wholes) {
    if (pieces.length > FEW * PAGE !== isLong) return 0;
    const same = (/** @type {number} */ at) =>
      at < pieces.length && tokens[at]?.key === keyOf(pieces[at], fragments[at], wholes[at]);
    let kept = 0;
    while (kept < tokens.length && same(kept)) kept++;
    // A shorter page may be cut off at the end of either text.
    return kept === pieces.length && kept === tokens.length ? pages.length : Math.floor(kept / PAGE);
  }

  /**
   * @param {string[]} pieces @param {(Uint8Array | null)[]} fragments @param {(string | null)[]} wholes
   * @returns {Generator<void, void>}
   */
  function* making(pieces, fragments, wholes) {
    const count = pieces.length;
    for (let first = pages.length * PAGE; first < count; first += PAGE) {
      /** @type {Token[]} */ const made = [];
      for (let position = first; position < Math.min(first + PAGE, count); position++) {
        const token = tokenOf(pieces[position], fragments[position], wholes[position], position);
        paint(token, position);
        made.push(token);
        // The first page is made without pauses: the list is never seen without tokens.
        if (first > 0 && position % 32 === 31) yield;
      }
      const page = pageOf(made, first, count);
      tokens.push(...made);
      pages.push(page);
      list.append(page);
      if (count > FEW * PAGE) sight.watch(page);
    }
  }

  /** The position of the first token of the first visible page. */
  function firstInSight() {
    const { scrollTop } = list;
    const visiblePage = pages.findIndex(
      ({ offsetTop, offsetHeight }) => offsetTop + offsetHeight > scrollTop,
    );
    return Math.max(0, visiblePage) * PAGE;
  }

  /** @returns {Generator<void, void>} */
  function* colouring() {
    const first = pages.length > 1 ? firstInSight() : 0;
    for (let step = 0; step < tokens.length; step++) {
      const position = (first + step) % tokens.length;
      paint(tokens[position], position);
      if (step % 32 === 31) yield;
    }
  }

  return {
    /** The tokens that are made so far. */
    get tokens() {
      return tokens;
    },
    /** Lays out a token that is about to have the focus, and returns it. @param {number} position */
    reach(position) {
      const token = tokens[position];
      const page = token?.element.parentElement;
      if (page) sight.near(page);
      return token;
    },
    /**
     * Shows another text.
     * @param {string[]} pieces
     * @param {(Uint8Array | null)[]} fragments the bytes of tokens of incomplete characters
     */
    show(pieces, fragments) {
      const mine = ++text;
      colours++;
      paint = () => {};
      const wholes = wholesOf(fragments);
      const kept = keptPages(pieces, fragments, wholes);
      isLong = pieces.length > FEW * PAGE;
      for (const page of pages.splice(kept)) {
        sight.forget(page);
        page.remove();
      }
      tokens = tokens.slice(0, kept * PAGE);
      void inTimeSlices(making(pieces, fragments, wholes), () => text === mine);
    },
    /** Colours every token. Tokens that are made later get their colours then. @param {Paint} how */
    colour(how) {
      const mine = ++colours;
      paint = how;
      void inTimeSlices(colouring(), () => colours === mine);
    },
    /** Makes the next `colour` paint every token, whatever it shows. */
    forget() {
      for (const token of tokens) token.shown = '';
    },
  };
}
