/** The safetensors container: a JSON header with names, shapes and offsets, then the numbers. */
import { bytesIn, bytesOf, utf8 } from './arrays.js';

const DTYPES = { f32: 'F32', i64: 'I64' };

/**
 * @param {import('./arrays.js').NamedArray[]} arrays
 * @param {Record<string, string>} [metadata]
 * @returns {Promise<Blob>} the file
 */
export async function safetensors(arrays, metadata = {}) {
  // Wider numbers come first, as the format's own writer has them: every array is then aligned.
  const ordered = [...arrays].sort(
    (left, right) => Number(right.dtype === 'i64') - Number(left.dtype === 'i64'),
  );
  /** @type {Record<string, unknown>} */ const header = { __metadata__: metadata };
  let end = 0;
  for (const { name, dtype, shape } of ordered) {
    const start = end;
    end += bytesOf({ dtype, shape });
    header[name] = { dtype: DTYPES[dtype], shape, data_offsets: [start, end] };
  }
  const json = utf8(JSON.stringify(header));
  const padded = new Uint8Array(8 + Math.ceil(json.length / 8) * 8).fill(0x20);
  new DataView(padded.buffer).setBigUint64(0, BigInt(padded.length - 8), true);
  padded.set(json, 8);
  /** @type {Blob[]} */ const parts = [new Blob([padded])];
  for (const array of ordered) for await (const bytes of bytesIn(array)) parts.push(new Blob([bytes]));
  return new Blob(parts, { type: 'application/octet-stream' });
}
