// Reads a safetensors file of f32 and i64 tensors: the fixtures and the golden patterns.
import { readFileSync } from 'node:fs';

/**
 * @typedef {{ shape: number[], data: Float32Array | number[] }} Tensor
 * @param {URL | string} file
 * @returns {Record<string, Tensor>}
 */
export function readTensors(file) {
  const bytes = readFileSync(file);
  const length = Number(bytes.readBigUInt64LE(0));
  /** @type {Record<string, { dtype: string, shape: number[], data_offsets: [number, number] }>} */
  const header = JSON.parse(bytes.toString('utf8', 8, 8 + length));
  /** @type {Record<string, Tensor>} */ const tensors = {};
  for (const [name, { dtype, shape, data_offsets }] of Object.entries(header)) {
    if (name === '__metadata__') continue;
    const [from, to] = data_offsets.map((offset) => 8 + length + offset);
    const own = bytes.buffer.slice(bytes.byteOffset + from, bytes.byteOffset + to);
    tensors[name] = {
      shape,
      data: dtype === 'I64' ? Array.from(new BigInt64Array(own), Number) : new Float32Array(own),
    };
  }
  return tensors;
}

/**
 * One head's pattern out of `[head, query_pos, key_pos]`.
 * @param {Tensor} tensor
 * @param {number} at how many patterns come before it
 */
export function patternIn({ shape, data }, at) {
  const cells = shape[shape.length - 1] ** 2;
  return Float32Array.from(data.slice(at * cells, (at + 1) * cells));
}
