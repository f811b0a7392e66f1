/** NumPy's container: a zip of .npy files, stored as they are, with zip64 where sizes ask for it. */
import { bytesIn, bytesOf, utf8 } from './arrays.js';

const DTYPES = { f32: '<f4', i64: '<i8' };

/** What fits 32 bits; from here on a size or a place is in a zip64 field. */
const FULL = 0xffffffff;

/** The first day a zip can name. */
const DATE = 0x0021;

/**
 * What begins a .npy file, version 1.0.
 * @param {Pick<import('./arrays.js').NamedArray, 'dtype' | 'shape'>} array
 */
export function npyHeader({ dtype, shape }) {
  const sides = shape.length === 1 ? `${shape[0]},` : shape.join(', ');
  const words = `{'descr': '${DTYPES[dtype]}', 'fortran_order': False, 'shape': (${sides}), }`;
  // All of it a multiple of 64 bytes long, ended by a newline.
  const length = Math.ceil((10 + words.length + 1) / 64) * 64;
  const header = utf8(`\u0000NUMPY\u0001\u0000  ${words.padEnd(length - 11)}\n`);
  header[0] = 0x93;
  new DataView(header.buffer).setUint16(8, length - 10, true);
  return header;
}

/** @type {Uint32Array | undefined} */ let table;

/**
 * The CRC-32 of zip files, of more bytes after those that gave `crc`.
 * @param {number} crc
 * @param {Uint8Array} bytes
 */
export function crc32(crc, bytes) {
  table ??= Uint32Array.from({ length: 256 }, (_, entry) => {
    for (let bit = 0; bit < 8; bit++) entry = entry & 1 ? (entry >>> 1) ^ 0xedb88320 : entry >>> 1;
    return entry;
  });
  const of = table;
  crc = ~crc;
  for (let at = 0; at < bytes.length; at++) crc = (crc >>> 8) ^ of[(crc ^ bytes[at]) & 255];
  return ~crc >>> 0;
}

/** @param {[bytes: 2 | 4 | 8, value: number][]} fields little-endian @param {Uint8Array[]} after */
function record(fields, ...after) {
  const length = fields.reduce((sum, [bytes]) => sum + bytes, 0);
  const view = new DataView(new ArrayBuffer(length));
  let at = 0;
  for (const [bytes, value] of fields) {
    if (bytes === 2) view.setUint16(at, value, true);
    else if (bytes === 4) view.setUint32(at, value, true);
    else view.setBigUint64(at, BigInt(value), true);
    at += bytes;
  }
  return new Blob([view.buffer, .../** @type {Uint8Array<ArrayBuffer>[]} */ (after)]);
}

/**
 * @param {import('./arrays.js').NamedArray[]} arrays
 * @returns {Promise<Blob>} for `numpy.load`
 */
export async function npz(arrays) {
  /** @type {Blob[]} */ const parts = [];
  /** @type {Blob[]} */ const directory = [];
  let offset = 0;
  for (const array of arrays) {
    const name = utf8(`${array.name}.npy`);
    const header = npyHeader(array);
    const size = header.length + bytesOf(array);
    let crc = crc32(0, header);
    /** @type {Blob[]} */ const content = [new Blob([header])];
    for await (const bytes of bytesIn(array)) {
      // A large array's sum is made in pieces, so that the page can draw in between.
      for (let at = 0; at < bytes.length; at += 4 << 20) {
        crc = crc32(crc, bytes.subarray(at, at + (4 << 20)));
        if (bytes.length > 4 << 20) await new Promise((resolve) => setTimeout(resolve));
      }
      content.push(new Blob([bytes]));
    }
    const large = size >= FULL || offset >= FULL;
    const small = large ? FULL : size;
    /** @type {[2 | 4 | 8, number][]} */ const common = [
      [2, large ? 45 : 20],
      [2, 0x0800],
      [2, 0],
      [2, 0],
      [2, DATE],
      [4, crc],
      [4, small],
      [4, small],
      [2, name.length],
    ];
    const sizes = record([
      [2, 1],
      [2, 16],
      [8, size],
      [8, size],
    ]);
    const sizesAndPlace = record([
      [2, 1],
      [2, 24],
      [8, size],
      [8, size],
      [8, offset],
    ]);
    const local = [
      record([[4, 0x04034b50], ...common, [2, large ? 20 : 0]], name),
      ...(large ? [sizes] : []),
    ];
    const central = record(
      [
        [4, 0x02014b50],
        [2, 45],
        ...common,
        [2, large ? 28 : 0],
        [2, 0],
        [2, 0],
        [2, 0],
        [4, 0],
        [4, large ? FULL : offset],
      ],
      name,
    );
    directory.push(central, ...(large ? [sizesAndPlace] : []));
    parts.push(...local, ...content);
    offset += local.reduce((sum, { size: bytes }) => sum + bytes, 0) + size;
  }
  const length = directory.reduce((sum, { size }) => sum + size, 0);
  const count = arrays.length;
  const end = [
    record([
      [4, 0x06054b50],
      [2, 0],
      [2, 0],
      [2, count],
      [2, count],
      [4, Math.min(FULL, length)],
      [4, Math.min(FULL, offset)],
      [2, 0],
    ]),
  ];
  if (offset >= FULL) {
    end.unshift(
      record([
        [4, 0x06064b50],
        [8, 44],
        [2, 45],
        [2, 45],
        [4, 0],
        [4, 0],
        [8, count],
        [8, count],
        [8, length],
        [8, offset],
      ]),
      record([
        [4, 0x07064b50],
        [4, 0],
        [8, offset + length],
        [4, 1],
      ]),
    );
  }
  return new Blob([...parts, ...directory, ...end], { type: 'application/zip' });
}
