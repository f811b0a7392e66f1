// Reads reference tensors, and compares the engine's figures with them.
import { expect } from '@playwright/test';

/** @typedef {{ shape: number[], data: ArrayLike<number> }} Tensor */

/**
 * The tensors of a safetensors file: 8 bytes with the header's length, the header in JSON, the data.
 * @param {Buffer} file
 * @returns {Map<string, Tensor>}
 */
export function readSafetensors(file) {
  const data = 8 + Number(file.readBigUInt64LE(0));
  /** @type {Record<string, { dtype: string, shape: number[], data_offsets: [number, number] }>} */
  const { __metadata__: _, ...header } = JSON.parse(file.toString('utf8', 8, data));
  /** @type {Map<string, Tensor>} */
  const tensors = new Map();
  for (const [
    name,
    {
      dtype,
      shape,
      data_offsets: [from, to],
    },
  ] of Object.entries(header)) {
    const bytes = new Uint8Array(file.subarray(data + from, data + to)).buffer;
    if (dtype === 'F32') tensors.set(name, { shape, data: new Float32Array(bytes) });
    else if (dtype === 'I64')
      tensors.set(name, { shape, data: Array.from(new BigInt64Array(bytes), Number) });
    else throw new Error(`${name} is ${dtype}, which no reference tensor here should be`);
  }
  return tensors;
}

/**
 * Largest differences from TransformerLens in float64. The engine computes in f32 (24 bits: 6e-8 relative)
 * and sums up to d_model = 66 terms in another order. Residuals and logits of the fixtures reach 50, where
 * the last bit is 4e-6.
 */
export const TOLERANCE = { pattern: 1e-4, resid: 1e-4, log_probs: 1e-4, logits: 1e-4, score: 1e-4 };

/**
 * @param {string} name
 * @param {ArrayLike<number>} found
 * @param {Tensor} expected
 * @param {number} tolerance
 */
export function expectClose(name, found, { shape, data }, tolerance) {
  expect(found.length, `elements of ${name}, shape [${shape}]`).toBe(data.length);
  let worst = 0;
  let bad = -1;
  for (let at = 0; at < data.length; at++) {
    const error = Math.abs(found[at] - data[at]);
    // NaN is never within a tolerance.
    if (bad < 0 && !(error <= tolerance)) bad = at;
    if (!(error <= worst)) worst = error;
  }
  if (bad < 0) return;
  const coordinates = [];
  for (let axis = shape.length - 1, at = bad; axis >= 0; at = Math.floor(at / shape[axis--]))
    coordinates.unshift(at % shape[axis]);
  throw new Error(
    `${name} of shape [${shape}]: the first bad element is [${coordinates}], ` +
      `${found[bad]} where ${data[bad]} is expected; ` +
      `the largest error is ${worst}, allowed are ${tolerance}`,
  );
}

/** Nested arrays of numbers as one. @param {any} nested @returns {number[]} */
function flat(nested) {
  return Array.isArray(nested) ? nested.flatMap(flat) : [nested];
}

/**
 * Compares nested lists of numbers.
 * @param {string} name
 * @param {unknown} found
 * @param {any} expected nested in the same way
 * @param {number} tolerance
 */
export function close(name, found, expected, tolerance) {
  const shape = [];
  for (let part = expected; Array.isArray(part); part = part[0]) shape.push(part.length);
  expectClose(name, flat(found), { shape, data: flat(expected) }, tolerance);
}
