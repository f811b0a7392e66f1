/**
 * How a token is shown: every character that would be invisible, or would move its neighbours, gets a visible
 * stand-in.
 */

/** @type {Record<string, string>} */
const STAND_INS = { ' ': '·', '\n': '↵', '\r': '␍', '\t': '⇥', '\u00a0': '⍽', '\u007f': '␡' };

/** Zero-width, joining and direction-changing characters, which would break a line of tokens. */
const UNSEEN = /[\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/;

/**
 * A piece with its blanks and control characters made visible. An empty piece shows as ∅.
 * @param {string} piece
 */
export function visible(piece) {
  if (piece === '') return '∅';
  let shown = '';
  for (const char of piece) {
    const code = char.codePointAt(0) ?? 0;
    if (STAND_INS[char]) shown += STAND_INS[char];
    else if (code < 0x20) shown += String.fromCodePoint(0x2400 + code);
    else if (UNSEEN.test(char)) shown += `⟨${code.toString(16).toUpperCase().padStart(4, '0')}⟩`;
    else shown += char;
  }
  return shown;
}

const decoder = new TextDecoder('utf-8', { fatal: true });

/** @param {Uint8Array} bytes of one character @returns {string | null} null where they are none */
function characterOf(bytes) {
  try {
    const text = decoder.decode(bytes);
    return [...text].length === 1 ? text : null;
  } catch {
    return null;
  }
}

/**
 * What stands for a token: its piece, or for one that is no whole characters what of it is text, and the
 * bytes that are not,
 * as `⟨F0 9F⟩`.
 * @param {string} piece @param {Uint8Array | null} [fragment] its bytes
 */
export function pieceShown(piece, fragment = null) {
  if (!fragment) return piece;
  let shown = '';
  /** @type {string[]} */ let loose = [];
  const close = () => {
    if (loose.length) shown += `⟨${loose.join(' ')}⟩`;
    loose = [];
  };
  for (let at = 0; at < fragment.length; ) {
    // UTF-8 has characters of one to four bytes.
    const length = [1, 2, 3, 4].find((length) => characterOf(fragment.subarray(at, at + length)) !== null);
    if (length === undefined) loose.push(hex(fragment[at++]));
    else {
      close();
      shown += characterOf(fragment.subarray(at, at + length));
      at += length;
    }
  }
  close();
  return shown;
}

/** @param {number} byte */
const hex = (byte) => byte.toString(16).toUpperCase().padStart(2, '0');

/** What is told of a fragment under the pointer. @param {Uint8Array} fragment */
export const fragmentTold = (fragment) =>
  `Part of a character: ${fragment.length === 1 ? 'byte' : 'bytes'} ${Array.from(fragment, hex).join(' ')}`;

/** A piece in quotes, for a sentence: `" Potter"`. @param {string} piece */
export const quoted = (piece) => `“${visible(piece).replace(/^·/, ' ').replace(/·$/, ' ')}”`;

/**
 * A shorter piece for a narrow place, cut at whole characters.
 * @param {string} piece @param {number} most
 */
export function short(piece, most) {
  const chars = [...visible(piece)];
  return chars.length <= most ? chars.join('') : `${chars.slice(0, most - 1).join('')}…`;
}

/** Halves of a surrogate pair on their own: no tokenizer can read them. */
const LONE = /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;

/** How many lone surrogates a text holds. @param {string} text */
export const loneSurrogates = (text) => text.match(LONE)?.length ?? 0;

/**
 * The text with every lone surrogate read as U+FFFD, which is what the tokenizer sees.
 * @param {string} text
 */
export const wellFormed = (text) => text.replace(LONE, '\ufffd');

const RIGHT_TO_LEFT =
  /\p{Script=Hebrew}|\p{Script=Arabic}|\p{Script=Syriac}|\p{Script=Thaana}|\p{Script=Nko}/u;

/**
 * Which way a text runs, by its first letter. A text box with `dir="auto"` finds that out too, but takes
 * seconds over
 * a megabyte.
 * @param {string} text @returns {'ltr' | 'rtl'}
 */
export function directionOf(text) {
  const letter = /\p{L}/u.exec(text.slice(0, 1000));
  return letter && RIGHT_TO_LEFT.test(letter[0]) ? 'rtl' : 'ltr';
}
