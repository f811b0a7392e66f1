/** NumPy's container: a zip file of uncompressed .npy files. */
import { bytesIn, bytesOf, utf8 } from './arrays.js';
import { crc32, directoryEntry, endOfFile, localHeader } from './zip.js';

const DTYPES = { f32: '<f4', i64: '<i8' };

/** Bytes of a piece whose checksum is computed without a pause. The page can draw between two pieces. */
const PIECE = 4 << 20;

/**
 * The header of a .npy file, version 1.0.
 * @param {Pick<import('./arrays.js').NamedArray, 'dtype' | 'shape'>} array
 */
export function npyHeader({ dtype, shape }) {
  const sides = shape.length === 1 ? `${shape[0]},` : shape.join(', ');
  const words = `{'descr': '${DTYPES[dtype]}', 'fortran_order': False, 'shape': (${sides}), }`;
  // The header ends with a newline, and its length is a multiple of 64 bytes.
  const length = Math.ceil((10 + words.length + 1) / 64) * 64;
  const header = utf8(`\u0000NUMPY\u0001\u0000  ${words.padEnd(length - 11)}\n`);
  header[0] = 0x93;
  new DataView(header.buffer).setUint16(8, length - 10, true);
  return header;
}

/**
 * The .npy file of an array, with its CRC-32.
 * @param {import('./arrays.js').NamedArray} array
 */
async function npy(array) {
  const header = npyHeader(array);
  let crc = crc32(0, header);
  /** @type {Blob[]} */ const content = [new Blob([header])];
  for await (const bytes of bytesIn(array)) {
    for (let at = 0; at < bytes.length; at += PIECE) {
      crc = crc32(crc, bytes.subarray(at, at + PIECE));
      if (bytes.length > PIECE) await new Promise((resolve) => setTimeout(resolve));
    }
    content.push(new Blob([bytes]));
  }
  return { content, size: header.length + bytesOf(array), crc };
}

/**
 * @param {import('./arrays.js').NamedArray[]} arrays
 * @returns {Promise<Blob>} a file for `numpy.load`
 */
export async function npz(arrays) {
  /** @type {Blob[]} */ const parts = [];
  /** @type {Blob[]} */ const directory = [];
  let offset = 0;
  for (const array of arrays) {
    const { content, size, crc } = await npy(array);
    const entry = { name: utf8(`${array.name}.npy`), size, crc, offset };
    const header = localHeader(entry);
    parts.push(header, ...content);
    directory.push(directoryEntry(entry));
    offset += header.size + size;
  }
  const length = directory.reduce((sum, { size }) => sum + size, 0);
  const end = endOfFile(arrays.length, length, offset);
  return new Blob([...parts, ...directory, end], { type: 'application/zip' });
}
