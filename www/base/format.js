/** Numbers as the page shows them. */

/**
 * A score or weight in two places; an absent one as a dash.
 * @param {number | null | undefined} value
 * @param {number} [places]
 */
export function figure(value, places = 2) {
  if (value === null || value === undefined || !Number.isFinite(value)) return '–';
  const text = value.toFixed(places);
  return text.startsWith('-') ? (Number(text) === 0 ? text.slice(1) : `−${text.slice(1)}`) : text;
}

/** A whole number with thin groups, as 12 345. @param {number} value */
export const count = (value) =>
  Math.round(value)
    .toString()
    .replace(/\B(?=(\d{3})+$)/g, '\u202f');

/** @param {number} bytes */
export const megabytes = (bytes) => (bytes / 1e6).toFixed(1);

/** A number of things in words. @param {number} number @param {string} one @param {string} [many] */
export const counted = (number, one, many = `${one}s`) => `${count(number)} ${number === 1 ? one : many}`;
