/** Writes numbers as the page shows them. */

/**
 * A score or weight with two decimals; a dash for an absent value.
 * @param {number | null | undefined} value
 * @param {number} [places] decimals
 */
export function figure(value, places = 2) {
  if (value === null || value === undefined || !Number.isFinite(value)) return '–';
  const text = value.toFixed(places);
  return text.startsWith('-') ? (Number(text) === 0 ? text.slice(1) : `−${text.slice(1)}`) : text;
}

/** A whole number with a thin space between thousands, as 12 345. @param {number} value */
export const count = (value) =>
  Math.round(value)
    .toString()
    .replace(/\B(?=(\d{3})+$)/g, '\u202f');

/** Bytes as megabytes with one decimal, without the unit. @param {number} bytes */
export const megabytes = (bytes) => (bytes / 1e6).toFixed(1);

/**
 * A number with its noun: `1 sequence`, `10 sequences`.
 * @param {number} number @param {string} one the singular @param {string} [many] the plural
 */
export const counted = (number, one, many = `${one}s`) => `${count(number)} ${number === 1 ? one : many}`;

/** A share from 0 to 1 without its leading zero, as .89. @param {number | null | undefined} value */
export const bare = (value) => figure(value).replace(/^(−?)0(?=\.)/, '$1');
