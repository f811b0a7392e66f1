/**
 * The pairs of a fragment, `key=value` with `&` between them, and the check over all of them.
 *
 * Chat programs, mail and markdown change links. So a written value has no character that one of them takes
 * for the end of a link or for its own markup.
 */

/** The key of the last pair. Its value is the check. */
const END = 'end';

/** What ends a link, and its check. @type {RegExp} */
const MARK = new RegExp(`&${END}=([0-9a-z]{7})`, 'g');

/** Most pairs that are read. */
const MOST_PAIRS = 64;

/** @param {string} char */
const escaped = (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`;

/**
 * Blanks that programs put into links, and how a link writes its own: a space, a line feed, a carriage
 * return, a tab, a space that does not break, a soft hyphen, a space of no width. So a percent-encoded blank
 * is never of the link.
 * @type {readonly (readonly [string, string])[]}
 */
const BLANKS = [
  ['%20', '+'],
  ['%0A', ',n'],
  ['%0D', ',r'],
  ['%09', ',t'],
  ['%C2%A0', ',s'],
  ['%C2%AD', ',h'],
  ['%E2%80%8B', ',z'],
];

/**
 * Percent-encodes. Blanks have a writing of their own.
 * @param {string} text
 */
const encoded = (text) =>
  BLANKS.reduce(
    (now, [code, ours]) => now.replaceAll(code, ours),
    encodeURIComponent(text).replace(/[!'()*~_]|\.$|-(?=-)/g, escaped),
  );

/** @param {string} text */
const decoded = (text) =>
  decodeURIComponent(BLANKS.reduce((now, [code, ours]) => now.replaceAll(ours, code), text));

/** As version 1 was written. @param {string} text */
const decodedFirst = (text) => decodeURIComponent(text.replace(/\+/g, ' '));

/** A value without its last characters, where those are the beginning of an escape. @param {string} value */
const withoutCutEscape = (value) => value.replace(/(?:%[0-9A-Fa-f]{2}){0,3}%?[0-9A-Fa-f]?$/, '');

/**
 * A checksum of pairs, seven digits of base 36. It holds for the values, however they are encoded.
 * @param {Readonly<Record<string, string>>} pairs
 */
export function checkOf(pairs) {
  let hash = 0x811c9dc5;
  for (const key of Object.keys(pairs).sort()) {
    const pair = `${key}=${pairs[key]}\n`;
    for (let at = 0; at < pair.length; at++) {
      // Both bytes of a UTF-16 unit, as in FNV-1a.
      const unit = pair.charCodeAt(at);
      hash = Math.imul(Math.imul(hash ^ (unit & 0xff), 0x01000193) ^ (unit >> 8), 0x01000193);
    }
  }
  return (hash >>> 0).toString(36).padStart(7, '0');
}

/**
 * Writes pairs in their order, with the end mark.
 * @param {[string, string][]} pairs
 */
export const written = (pairs) =>
  [...pairs, [END, checkOf(Object.fromEntries(pairs))]]
    .map(([key, value]) => `${key}=${encoded(value)}`)
    .join('&');

/** A fragment with the end mark that its pairs need. @param {string} fragment */
export const ended = (fragment) => `${fragment}&${END}=${checkOf(pairsIn(fragment).given)}`;

/**
 * @typedef {object} Pairs
 * @property {Record<string, string>} given
 * @property {string[]} unread            keys with a broken encoding
 * @property {Record<string, string>} beginning   of the last value, where its encoding breaks off
 * @property {boolean} whole              whether the end mark is there and the check holds
 * @property {string | null} ends         the check in the link; null without an end mark
 */

/**
 * Reads the pairs of a fragment. The first of several pairs with one key counts. What follows the end mark is
 * not of the link.
 * @param {string} fragment
 * @returns {Pairs}
 */
export function pairsIn(fragment) {
  const mark = [...fragment.matchAll(MARK)].at(-1);
  const body = (mark ? fragment.slice(0, mark.index) : fragment).replace(/^#/, '');
  /** @type {Record<string, string>} */ const given = Object.create(null);
  /** @type {string[]} */ const unread = [];
  /** @type {Record<string, string>} */ const beginning = {};
  const read = body.startsWith('v=1') ? decodedFirst : decoded;
  const pairs = body.split('&', MOST_PAIRS);
  for (const [at, pair] of pairs.entries()) {
    const split = pair.indexOf('=');
    const key = split < 0 ? pair : pair.slice(0, split);
    if (key in given) continue;
    const value = split < 0 ? '' : pair.slice(split + 1);
    try {
      given[key] = read(value);
    } catch {
      unread.push(key);
      // The end of a link that was cut inside a character.
      if (!mark && at === pairs.length - 1) beginning[key] = decodedBeginning(value);
    }
  }
  const ends = mark?.[1] ?? null;
  return { given, unread, beginning, ends, whole: unread.length === 0 && ends === checkOf(given) };
}

/** The beginning of a value that can be decoded. @param {string} value */
function decodedBeginning(value) {
  try {
    return decoded(withoutCutEscape(value));
  } catch {
    return '';
  }
}
