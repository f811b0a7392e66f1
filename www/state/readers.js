/**
 * Readers of settings as a link writes them. A link is hostile input: a reader returns null for anything that
 * is no value of its setting, and every size has a cap.
 */

import { parseHead } from '../base/heads.js';
import { wellFormed } from '../base/tokens.js';

/** Caps. Texts are in UTF-16 units. */
export const MOST = Object.freeze({
  position: 1_000_000,
  batch: 1_000,
  token: 256,
  list: 256,
  texts: 400_000,
});

/**
 * A whole number.
 * @param {number} least
 * @param {number} most
 * @returns {(written: string) => number | null}
 */
export const whole = (least, most) => (written) =>
  /^\d{1,10}$/.test(written) && Number(written) >= least && Number(written) <= most ? Number(written) : null;

/** A position in the tokens, or a length. */
export const position = whole(0, MOST.position);

/** A number from 0 to 1 with at most 6 decimals. @param {string} written */
export const share = (written) =>
  /^\d?\.?\d{1,6}$/.test(written) && Number(written) <= 1 ? Number(written) : null;

/** A head's name, `1.4`. @param {string} written */
export const head = (written) => (parseHead(written) ? written : null);

/** One of some names. @template {string} Name @param {readonly Name[]} names */
export const oneOf = (names) => (/** @type {string} */ written) =>
  names.find((name) => name === written) ?? null;

/** A name of the page's own. Whether it exists is asked where it is used: a newer page may have added it. */
export const pageName = (/** @type {string} */ written) =>
  /^[a-z][a-z-]{0,31}$/.test(written) ? written : null;

/** A model of the catalogue, of the visitor, or of the hub: `owner/name`. @param {string} written */
export const modelId = (written) =>
  /^[\w.-]{1,64}$|^[\w.-]{1,96}\/[\w.-]{1,96}$/.test(written) ? written : null;

/**
 * A list of names with blanks between them; a name that comes twice is read once.
 * @param {(written: string) => string | null} one
 * @returns {(written: string) => string[] | null}
 */
export const listOf = (one) => (written) => {
  const names = [...new Set(written.split(' '))];
  return names.length <= MOST.list && names.every((name) => one(name) !== null) ? names : null;
};

/** A list of layers with blanks between them. @param {string} written */
export const layers = (written) => listOf(layer)(written)?.map(Number) ?? null;

/** An earlier and a later layer. @param {string} written */
export function layerPair(written) {
  const pair = layers(written);
  return pair?.length === 2 && pair[0] < pair[1] ? pair : null;
}

/** One token, or two, as JSON. @param {string} written */
export function tokens(written) {
  const list = texts(written);
  return list && list.length <= 2 && list.every((token) => token !== '' && token.length <= MOST.token)
    ? list
    : null;
}

/** A layer's number, without a leading zero. @param {string} written */
const layer = (written) => (/^(?:0|[1-9]\d{0,3})$/.test(written) ? written : null);

/** The way `listOf` reads it. @param {readonly (string | number)[]} list */
export const listed = (list) => list.join(' ');

/**
 * A text; lone surrogates become U+FFFD. Its length has no cap here: a saved analysis holds longer texts than
 * a link.
 * @param {string} written
 */
export const text = (written) => wellFormed(written);

/** A list of texts, as JSON. @param {string} written @returns {string[] | null} */
export function texts(written) {
  try {
    const list = written.length <= MOST.texts ? JSON.parse(written) : null;
    return Array.isArray(list) && list.length <= MOST.list && list.every((item) => typeof item === 'string')
      ? list.map(wellFormed)
      : null;
  } catch {
    return null;
  }
}
