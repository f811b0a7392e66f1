/** A head's pattern as an SVG: its cells as an image, with axes, labels and a colour scale. */

const SIDE = 640;
const LEFT = 96;
const TOP = 54;
const BOTTOM = 96;
const RIGHT = 132;

/** The side of a cell that has room for a label, in pixels. */
const LABEL = 13;

/** Characters that XML cannot hold. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: the expression is there to find them.
const UNWRITABLE = /[\u0000-\u001f\ufffe\uffff]/g;

/** Escapes text for an SVG. @param {string} text */
export const escaped = (text) =>
  text.replace(/[&<>"]/g, (char) => `&#${char.charCodeAt(0)};`).replace(UNWRITABLE, '\ufffd');

/** @param {string} piece */
const shortened = (piece) => ([...piece].length > 12 ? `${[...piece].slice(0, 11).join('')}…` : piece);

/**
 * Labels of queries and keys, as many as there is room for.
 * @param {string[]} pieces
 */
function labels(pieces) {
  const cell = SIDE / pieces.length;
  const step = Math.ceil(LABEL / cell);
  const texts = [];
  for (let at = 0; at < pieces.length; at += step) {
    const label = escaped(step === 1 ? shortened(pieces[at]) : `${at} ${shortened(pieces[at])}`);
    const middle = (at + 0.5) * cell + 3.5;
    const [y, x] = [(TOP + middle).toFixed(1), (LEFT + middle).toFixed(1)];
    const turned = `transform="translate(${x} ${TOP + SIDE + 6}) rotate(-90)"`;
    texts.push(
      `<text x="${LEFT - 6}" y="${y}" text-anchor="end">${label}</text>`,
      `<text ${turned} text-anchor="end">${label}</text>`,
    );
  }
  return texts.join('\n');
}

/**
 * The colour scale, right of the cells.
 * @param {string[]} ramp
 * @param {{ name: string, end: string }} scale
 */
function legend(ramp, { name, end }) {
  const stops = ramp
    .map((colour, at) => `<stop offset="${(at / (ramp.length - 1)).toFixed(3)}" stop-color="${colour}"/>`)
    .join('');
  const [left, words] = [LEFT + SIDE + 24, LEFT + SIDE + 44];
  return `<defs><linearGradient id="ramp" x1="0" y1="1" x2="0" y2="0">${stops}</linearGradient></defs>
<rect x="${left}" y="${TOP}" width="14" height="160" fill="url(#ramp)" stroke="#868f9a"/>
<text x="${words}" y="${TOP + 9}">${escaped(end)}</text><text x="${words}" y="${TOP + 160}">0</text>
<text x="${left}" y="${TOP + 178}">${escaped(name)}</text>`;
}

/**
 * @param {object} picture
 * @param {string} picture.title
 * @param {string} picture.subtitle
 * @param {string[]} picture.pieces   a label for every token
 * @param {string} picture.image      the cells, as the data: address of a PNG
 * @param {number} picture.covers     tokens along a side of the image, which is larger if cells are pooled
 * @param {string[]} picture.ramp     colours from weight 0 to the end of the scale
 * @param {{ name: string, end: string }} picture.scale
 * @returns {string} the SVG
 */
export function svg({ title, subtitle, pieces, image, covers, ramp, scale }) {
  const covered = ((SIDE * covers) / pieces.length).toFixed(2);
  const [width, height] = [LEFT + SIDE + RIGHT, TOP + SIDE + BOTTOM];
  const size = `width="${width}" height="${height}"`;
  const style = 'font-family="sans-serif" font-size="11" fill="#1a1f26"';
  const place = `x="${LEFT}" y="${TOP}" width="${covered}" height="${covered}"`;
  const sharp = 'preserveAspectRatio="none" style="image-rendering:pixelated"';
  const side = `transform="translate(14 ${TOP + SIDE / 2}) rotate(-90)"`;
  return `<svg xmlns="http://www.w3.org/2000/svg" ${size} viewBox="0 0 ${width} ${height}" ${style}>
<rect ${size} fill="#ffffff"/>
<text x="${LEFT}" y="22" font-size="17" font-weight="600">${escaped(title)}</text>
<text x="${LEFT}" y="40">${escaped(subtitle)}</text>
<image ${place} ${sharp} href="${image}"/>
<rect x="${LEFT}" y="${TOP}" width="${SIDE}" height="${SIDE}" fill="none" stroke="#868f9a"/>
${labels(pieces)}
<text x="${LEFT + SIDE / 2}" y="${height - 8}" text-anchor="middle">key position: the token looked at</text>
<text ${side} text-anchor="middle">query position: the token that looks</text>
${legend(ramp, scale)}
</svg>
`;
}
