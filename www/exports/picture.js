/** A head's pattern as a picture: an SVG of its cells as an image, with axes, labels and a scale. */

const SIDE = 640;
const LEFT = 96;
const TOP = 54;
const BOTTOM = 96;
const RIGHT = 132;

/** Text for an SVG. @param {string} text */
export const escaped = (text) =>
  text
    .replace(/[&<>"]/g, (char) => `&#${char.charCodeAt(0)};`)
    .replace(/[\u0000-\u001f\ufffe\uffff]/g, '\ufffd');

/** @param {string} piece */
const shortened = (piece) => ([...piece].length > 12 ? `${[...piece].slice(0, 11).join('')}…` : piece);

/**
 * @param
 *   {{ title: string, subtitle: string, pieces: string[], image: string, covers: number, ramp: string[], scale: { name: string, end: string } }}
 *   what
 *   `image` the cells as a PNG's data: address, which covers so many tokens; `ramp` colours from weight 0 to
 *   the scale's end
 * @returns {string}
 */
export function svg({ title, subtitle, pieces, image, covers, ramp, scale }) {
  const n = pieces.length;
  const cell = SIDE / n;
  // As many labels as there is room for.
  const step = Math.ceil(13 / cell);
  const marks = [];
  for (let at = 0; at < n; at += step) {
    const label = escaped(step === 1 ? shortened(pieces[at]) : `${at} ${shortened(pieces[at])}`);
    const middle = (at + 0.5) * cell;
    marks.push(
      `<text x="${LEFT - 6}" y="${(TOP + middle + 3.5).toFixed(1)}" text-anchor="end">${label}</text>`,
      `<text transform="translate(${(LEFT + middle + 3.5).toFixed(1)} ${TOP + SIDE + 6}) rotate(-90)" text-anchor="end">${label}</text>`,
    );
  }
  // Pooled cells may stand a part of one beyond the last token.
  const covered = ((SIDE * covers) / n).toFixed(2);
  const [width, height] = [LEFT + SIDE + RIGHT, TOP + SIDE + BOTTOM];
  const stops = ramp
    .map((colour, at) => `<stop offset="${(at / (ramp.length - 1)).toFixed(3)}" stop-color="${colour}"/>`)
    .join('');
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" font-family="sans-serif" font-size="11" fill="#1a1f26">
<rect width="${width}" height="${height}" fill="#ffffff"/>
<defs><linearGradient id="ramp" x1="0" y1="1" x2="0" y2="0">${stops}</linearGradient></defs>
<text x="${LEFT}" y="22" font-size="17" font-weight="600">${escaped(title)}</text>
<text x="${LEFT}" y="40">${escaped(subtitle)}</text>
<image x="${LEFT}" y="${TOP}" width="${covered}" height="${covered}" preserveAspectRatio="none" style="image-rendering:pixelated" href="${image}"/>
<rect x="${LEFT}" y="${TOP}" width="${SIDE}" height="${SIDE}" fill="none" stroke="#868f9a"/>
${marks.join('\n')}
<text x="${LEFT + SIDE / 2}" y="${height - 8}" text-anchor="middle">key position: the token looked at</text>
<text transform="translate(14 ${TOP + SIDE / 2}) rotate(-90)" text-anchor="middle">query position: the token that looks</text>
<rect x="${LEFT + SIDE + 24}" y="${TOP}" width="14" height="160" fill="url(#ramp)" stroke="#868f9a"/>
<text x="${LEFT + SIDE + 44}" y="${TOP + 9}">${escaped(scale.end)}</text><text x="${LEFT + SIDE + 44}" y="${TOP + 160}">0</text>
<text x="${LEFT + SIDE + 24}" y="${TOP + 178}">${escaped(scale.name)}</text>
</svg>
`;
}
