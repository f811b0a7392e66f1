// Joins PNGs of one size into an animated PNG. A PNG's pixels are in its IDAT chunks; the frames after the
// first carry theirs in fdAT chunks. Format: https://www.w3.org/TR/png-3/#apng-frame-based-animation
import { crc32 } from 'node:zlib';

const SIGNATURE = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);

/** The chunks of a PNG. @param {Buffer} png @returns {{ type: string, data: Buffer }[]} */
function chunksOf(png) {
  if (!png.subarray(0, 8).equals(SIGNATURE)) throw new Error('A frame is no PNG.');
  const chunks = [];
  for (let at = 8; at < png.length; ) {
    const length = png.readUInt32BE(at);
    const type = png.toString('latin1', at + 4, at + 8);
    chunks.push({ type, data: png.subarray(at + 8, at + 8 + length) });
    at += 12 + length;
  }
  return chunks;
}

/** A chunk with its length and checksum. @param {string} type @param {Buffer} data */
function chunk(type, data) {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const ends = Buffer.alloc(8);
  ends.writeUInt32BE(data.length, 0);
  ends.writeUInt32BE(crc32(body), 4);
  return Buffer.concat([ends.subarray(0, 4), body, ends.subarray(4)]);
}

/** Numbers of 4 bytes. @param {...number} numbers */
function words(...numbers) {
  const bytes = Buffer.alloc(4 * numbers.length);
  numbers.forEach((number, at) => bytes.writeUInt32BE(number, 4 * at));
  return bytes;
}

/**
 * The animated PNG, which plays forever.
 * @param {{ png: Buffer, ms: number }[]} frames of one size and kind; ms: how long a frame is shown
 * @throws when a frame is no PNG, or of another size or kind than the first
 */
export function animated(frames) {
  const all = frames.map(({ png, ms }) => ({ chunks: chunksOf(png), ms }));
  const header = all[0].chunks[0].data;
  const [width, height] = [header.readUInt32BE(0), header.readUInt32BE(4)];
  let sequence = 0;
  const parts = [SIGNATURE, chunk('IHDR', header), chunk('acTL', words(frames.length, 0))];
  all.forEach(({ chunks, ms }, index) => {
    if (!chunks[0].data.equals(header)) throw new Error(`Frame ${index} has another size or kind.`);
    const delay = Buffer.alloc(6);
    delay.writeUInt16BE(ms, 0);
    delay.writeUInt16BE(1000, 2);
    parts.push(chunk('fcTL', Buffer.concat([words(sequence++, width, height, 0, 0), delay])));
    for (const { type, data } of chunks) {
      if (type !== 'IDAT') continue;
      parts.push(index ? chunk('fdAT', Buffer.concat([words(sequence++), data])) : chunk('IDAT', data));
    }
  });
  return Buffer.concat([...parts, chunk('IEND', Buffer.alloc(0))]);
}
