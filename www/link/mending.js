/**
 * What programs do to links on their way, undone. Each way is tried; the check of a link tells which is
 * right.
 */

/** Longer fragments are taken as they are. */
const MOST_MENDED = 200_000;

/** Characters of a fragment that HTML writes as a numbered entity. */
const OF_FRAGMENTS = new Set('&=+%.-_~#');

/** HTML that was escaped once or more often. A fragment has no `;` of its own. @param {string} text */
const withoutHtml = (text) =>
  text
    .replace(/&(?:amp;)*#(?:x([0-9a-f]{1,4})|(\d{1,5}));/gi, (entity, hex, decimal) => {
      const char = String.fromCharCode(hex ? Number.parseInt(hex, 16) : Number(decimal));
      return OF_FRAGMENTS.has(char) ? char : entity;
    })
    .replace(/&(?:amp;)+/gi, '&');

/** A whole fragment that was percent-encoded: it then has no `=`. @param {string} text */
function withoutWholeEncoding(text) {
  let inner = text;
  for (let times = 0; times < 2 && !inner.includes('=') && /%(?:25)?3D/i.test(inner); times++) {
    try {
      inner = decodeURIComponent(inner);
    } catch {
      return text;
    }
  }
  return inner;
}

/**
 * Punctuation that a sentence put after a link of version 1, which has no end mark. No link of the page ends
 * with such a character.
 * @param {string} text
 */
export const withoutPunctuation = (text) => text.replace(/[.,;:!?)\]}>'"*»”’]+$/, '');

/** The forms that a fragment may have had, the likeliest first. @param {string} fragment */
export function* mended(fragment) {
  const plain = withoutWholeEncoding(withoutHtml(fragment.replace(/^#/, '')));
  yield plain;
  if (fragment.length > MOST_MENDED) return;
  // No link of the page has these blanks: of broken lines, of no width.
  const joined = plain.replace(/(?:[\s\u00ad\u200b]|%20|%0[9AD]|%C2%A0|%C2%AD|%E2%80%8B)+/gi, '');
  yield joined;
  const once = joined.replace(/%25/g, '%');
  yield once;
  yield plain.replace(/%25/g, '%');
  yield once.replace(/%25/g, '%');
}
