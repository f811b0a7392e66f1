/**
 * Arrays under TransformerLens' names, and the two containers they are saved in. Nothing here holds more than
 * one array in
 * memory: each becomes part of a Blob as soon as it is there, and a browser keeps large blobs on the disk.
 *
 * @typedef
 *   {{ name: string, dtype: 'f32' | 'i64', shape: number[], parts: AsyncIterable<Float32Array> | Iterable<Float32Array | BigInt64Array> }}
 *   NamedArray
 *   `parts` in row-major order, together as long as the shape
 */

const BYTES = { f32: 4, i64: 8 };

/** @param {Pick<NamedArray, 'dtype' | 'shape'>} array */
export const bytesOf = ({ dtype, shape }) => shape.reduce((product, side) => product * side, BYTES[dtype]);

/** @param {string} text @returns {Uint8Array<ArrayBuffer>} */
export const utf8 = (text) => new Uint8Array(new TextEncoder().encode(text));

/**
 * The bytes of every part, in turn. Every platform that browsers run on keeps numbers with the low byte
 * first, as both
 * containers want them.
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
