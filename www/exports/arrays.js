/**
 * Arrays with TransformerLens' names, and the bytes of their parts. The two containers, npz and safetensors,
 * save them. Only one part is in memory at a time: each becomes part of a Blob as soon as it is computed, and
 * browsers keep large blobs on disk.
 *
 * @typedef {Iterable<Float32Array | BigInt64Array> | AsyncIterable<Float32Array>} Parts
 * @typedef {object} NamedArray
 * @property {string} name
 * @property {'f32' | 'i64'} dtype
 * @property {number[]} shape
 * @property {Parts} parts   the numbers in row-major order; together they fill the shape
 */

const BYTES = { f32: 4, i64: 8 };

/** The size of an array in bytes. @param {Pick<NamedArray, 'dtype' | 'shape'>} array */
export const bytesOf = ({ dtype, shape }) => shape.reduce((product, side) => product * side, BYTES[dtype]);

/** @param {string} text @returns {Uint8Array<ArrayBuffer>} */
export const utf8 = (text) => new Uint8Array(new TextEncoder().encode(text));

/**
 * The bytes of every part, in order. Both containers store numbers with the low byte first, as every platform
 * with a browser does.
 * @param {NamedArray} array @returns {AsyncGenerator<Uint8Array<ArrayBuffer>>}
 */
export async function* bytesIn({ name, dtype, shape, parts }) {
  let left = bytesOf({ dtype, shape });
  for await (const part of parts) {
    left -= part.byteLength;
    yield new Uint8Array(/** @type {ArrayBuffer} */ (part.buffer), part.byteOffset, part.byteLength);
  }
  if (left !== 0) throw new Error(`${name}: its parts are ${left} bytes short of its shape`);
}
