/**
 * Colours of charts. Patterns use ColorBrewer's Blues, as ARENA's notebook does. A dark page has the same
 * hues from dark to light.
 */

const BLUES = [0xf7fbff, 0xdeebf7, 0xc6dbef, 0x9ecae1, 0x6baed6, 0x4292c6, 0x2171b5, 0x08519c, 0x08306b];
/** The hues for a dark page: weight 0 is nearly the page's colour, weight 1 nearly white. */
const BLUES_ON_DARK = [
  0x1a212b, 0x1b3147, 0x1c456b, 0x1f5c93, 0x2f78b7, 0x5799cf, 0x8bbbe0, 0xbcd9ef, 0xf0f7fd,
];

/** ColorBrewer's RdBu for differences: red below 0, blue above 0. */
const RDBU = [
  0x67001f, 0xb2182b, 0xd6604d, 0xf4a582, 0xfddbc7, 0xf7f7f7, 0xd1e5f0, 0x92c5de, 0x4393c3, 0x2166ac,
  0x053061,
];
const RDBU_ON_DARK = [
  0xffdccf, 0xf4a582, 0xd6604d, 0x9c3a33, 0x52262a, 0x1a212b, 0x1b3a56, 0x1f5c93, 0x4393c3, 0x8bbbe0,
  0xe3f1fb,
];

/**
 * 256 colours as RGBA bytes; entry i is the colour of the weight i/255.
 * @param {boolean} dark @returns {Uint8ClampedArray}
 */
export const bluesTable = (dark) => tableOf(dark ? BLUES_ON_DARK : BLUES);

/**
 * 256 colours as RGBA bytes; the middle entry is the colour of no difference.
 * @param {boolean} dark @returns {Uint8ClampedArray}
 */
export const rdbuTable = (dark) => tableOf(dark ? RDBU_ON_DARK : RDBU);

/** @param {readonly number[]} stops */
function tableOf(stops) {
  const table = new Uint8ClampedArray(256 * 4);
  for (let entry = 0; entry < 256; entry++) {
    const along = (entry / 255) * (stops.length - 1);
    const low = Math.min(Math.floor(along), stops.length - 2);
    const part = along - low;
    for (let channel = 0; channel < 3; channel++) {
      const shift = 16 - 8 * channel;
      const from = (stops[low] >> shift) & 255;
      const to = (stops[low + 1] >> shift) & 255;
      table[entry * 4 + channel] = from + (to - from) * part;
    }
    table[entry * 4 + 3] = 255;
  }
  return table;
}

/**
 * The entry of a table for a weight. A weight outside 0 to 1 takes the nearest end, NaN the lowest entry.
 * @param {number} weight
 */
export const entryOf = (weight) => (weight > 0 ? Math.min(255, Math.round(weight * 255)) : 0);

/** The colour of a weight, for CSS. @param {Uint8ClampedArray} table @param {number} weight */
export function css(table, weight) {
  const at = entryOf(weight) * 4;
  return `rgb(${table[at]} ${table[at + 1]} ${table[at + 2]})`;
}

/**
 * The more legible of black and white on the colour of a weight, by WCAG's relative luminance.
 * @param {Uint8ClampedArray} table @param {number} weight
 */
export function ink(table, weight) {
  const at = entryOf(weight) * 4;
  const [red, green, blue] = [0, 1, 2].map((channel) => {
    const value = table[at + channel] / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  });
  const luminance = 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  return luminance > 0.179 ? '#000000' : '#ffffff';
}
