/**
 * Shows tokens as text. A character that is invisible, or that moves its neighbours, gets a visible stand-in.
 */

/** @type {Record<string, string>} */
const STAND_INS = { ' ': '·', '\n': '↵', '\r': '␍', '\t': '⇥', '\u00a0': '⍽', '\u007f': '␡' };

/** Zero-width, joining and direction-changing characters. They would break a line of tokens. */
const UNSEEN = /[\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/;

/** Characters of a name or a message that would hide or move others. */
const HIDING = /(?![\n\t])[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;

/**
 * A name or a message of somebody else, with its invisible and direction-changing characters as `⟨202E⟩`.
 * @param {string} words
 */
export const legible = (words) => words.replace(HIDING, codeOf);

/** @param {string} char */
const codeOf = (char) => `⟨${(char.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}⟩`;

/** Bytes as `pieceShown` writes them. */
const BYTES = /(⟨[0-9A-F]{2}(?: [0-9A-F]{2})*⟩)/;

/**
 * A piece with visible blanks and control characters. An empty piece shows as ∅.
 * @param {string} piece
 */
export function visible(piece) {
  if (piece === '') return '∅';
  // The blanks between bytes are no blanks of the text.
  return piece
    .split(BYTES)
    .map((part, at) => (at % 2 ? part : seen(part)))
    .join('');
}

/** @param {string} text */
function seen(text) {
  let shown = '';
  for (const char of text) {
    const code = char.codePointAt(0) ?? 0;
    if (STAND_INS[char]) shown += STAND_INS[char];
    else if (code < 0x20) shown += String.fromCodePoint(0x2400 + code);
    else if (UNSEEN.test(char)) shown += codeOf(char);
    else shown += char;
  }
  return shown;
}

const decoder = new TextDecoder('utf-8', { fatal: true });

/** The character that UTF-8 bytes encode; null if they encode none. @param {Uint8Array} bytes */
function characterOf(bytes) {
  const text = decoded(bytes);
  return text !== null && [...text].length === 1 ? text : null;
}

/**
 * The text that stands for a token: its piece. A token of incomplete characters shows the characters that it
 * has, and its other bytes as `⟨F0 9F⟩`.
 * @param {string} piece
 * @param {Uint8Array | null} [fragment] the bytes of a token of incomplete characters
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

/**
 * The characters that neighbouring tokens of incomplete characters make up together: at the last token of
 * each character, else null.
 * @param {readonly (Uint8Array | null)[]} fragments
 * @returns {(string | null)[]}
 */
export function wholesOf(fragments) {
  /** @type {(string | null)[]} */ const wholes = fragments.map(() => null);
  for (let first = 0; first < fragments.length; first++) {
    if (!fragments[first] || (first > 0 && fragments[first - 1])) continue;
    /** @type {number[]} */ let bytes = [];
    for (let at = first; fragments[at]; at++) {
      bytes.push(.../** @type {Uint8Array} */ (fragments[at]));
      const text = decoded(Uint8Array.from(bytes));
      if (text === null) continue;
      wholes[at] = text;
      bytes = [];
    }
  }
  return wholes;
}

/** The text that UTF-8 bytes encode; null if they encode none. @param {Uint8Array} bytes */
function decoded(bytes) {
  try {
    return decoder.decode(bytes);
  } catch {
    return null;
  }
}

/** Two hexadecimal digits. @param {number} byte */
const hex = (byte) => byte.toString(16).toUpperCase().padStart(2, '0');

/** The tooltip of a token of incomplete characters. @param {Uint8Array} fragment */
export const fragmentTitle = (fragment) =>
  `Part of a character: ${fragment.length === 1 ? 'byte' : 'bytes'} ${Array.from(fragment, hex).join(' ')}`;

/** A piece in quotes, for a sentence: `" Potter"`. @param {string} piece */
export const quoted = (piece) => `“${visible(piece).replace(/^·/, ' ').replace(/·$/, ' ')}”`;

/**
 * A piece cut to fit a narrow place, at whole characters.
 * @param {string} piece @param {number} most characters
 */
export function short(piece, most) {
  const chars = [...visible(piece)];
  return chars.length <= most ? chars.join('') : `${chars.slice(0, most - 1).join('')}…`;
}

/** Lone halves of a surrogate pair. No tokenizer can read them. */
const LONE = /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;

/** The number of lone surrogates in a text. @param {string} text */
export const loneSurrogates = (text) => text.match(LONE)?.length ?? 0;

/**
 * The text with U+FFFD in place of every lone surrogate. The tokenizer sees this text.
 * @param {string} text
 */
export const wellFormed = (text) => text.replace(LONE, '\ufffd');

const RIGHT_TO_LEFT =
  /\p{Script=Hebrew}|\p{Script=Arabic}|\p{Script=Syriac}|\p{Script=Thaana}|\p{Script=Nko}/u;

/**
 * The direction of a text, by its first letter. A text box with `dir="auto"` finds the direction too, but
 * needs seconds for a megabyte.
 * @param {string} text @returns {'ltr' | 'rtl'}
 */
export function directionOf(text) {
  const letter = /\p{L}/u.exec(text.slice(0, 1000));
  return letter && RIGHT_TO_LEFT.test(letter[0]) ? 'rtl' : 'ltr';
}
