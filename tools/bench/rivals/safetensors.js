// Reads the weights of the bench's model for libraries that have no reader of their own, and for float64.

/**
 * @typedef {{ dtype: string, shape: number[], data_offsets: [number, number] }} Place
 * @typedef {{ shape: number[], values: Float32Array }} Weight
 *
 * @typedef {object} Layer matrices of all heads side by side, `[rows, columns]`
 * @property {Weight} qk `[d_model, 2 * n_heads * d_head]`, queries first
 * @property {Weight} v `[d_model, n_heads * d_head]`
 * @property {Weight} o `[n_heads * d_head, d_model]`
 * @property {Weight} biasQk
 * @property {Weight} biasV
 * @property {Weight} biasO
 *
 * @typedef {object} Weights
 * @property {Weight} embed `[d_vocab, d_model]`
 * @property {Weight} positions `[n_ctx, d_model]`
 * @property {Layer[]} layers
 * @property {Weight} unembed `[d_model, d_vocab]`
 * @property {Weight} biasU
 */

/**
 * The vocabulary is padded to a multiple of this with tokens of probability 0. The model's 50,278 tokens fill
 * neither the tiles of jax-js nor the vectors of four of TensorFlow.js.
 */
const COLUMNS = 128;

/** What a masked score or logit is. exp() of it is 0. */
export const MASKED = -1e30;

/** @param {number} count @param {number} of */
export const multiple = (count, of) => Math.ceil(count / of) * of;

/**
 * A matrix `[rows, columns]`, or a vector, with more columns.
 * @param {Weight} weight @param {number} filling
 */
export function padded({ shape, values }, filling) {
  const columns = shape[shape.length - 1];
  const wide = multiple(columns, COLUMNS);
  const made = new Float32Array((values.length / columns) * wide).fill(filling);
  for (let row = 0; row < values.length / columns; row++)
    made.set(values.subarray(row * columns, (row + 1) * columns), row * wide);
  return { shape: [...shape.slice(0, -1), wide], values: made };
}

/**
 * The weights as a library's own arrays, with the vocabulary padded.
 * @template Values
 * @param {Weights} read @param {(weight: Weight) => Values} put makes an array of the library
 */
export const placed = ({ embed, positions, layers, unembed, biasU }, put) => ({
  embed: put(embed),
  positions: put(positions),
  layers: layers.map(({ qk, v, o, biasQk, biasV, biasO }) => ({
    ...{ qk: put(qk), v: put(v), o: put(o) },
    ...{ biasQk: put(biasQk), biasV: put(biasV), biasO: put(biasO) },
  })),
  unembed: put(padded(unembed, 0)),
  biasU: put(padded(biasU, MASKED)),
});

/** The f32 of every f16, by its bits. */
function widened() {
  return Float32Array.from({ length: 65_536 }, (_, bits) => {
    const [sign, exponent, fraction] = [bits >> 15 ? -1 : 1, (bits >> 10) & 31, bits & 1023];
    if (exponent === 31) return fraction ? Number.NaN : sign * Number.POSITIVE_INFINITY;
    return sign * (exponent ? 2 ** (exponent - 25) * (1024 + fraction) : 2 ** -24 * fraction);
  });
}

/** @param {Blob} file with f16 tensors @param {Record<string, any>} config @returns {Promise<Weights>} */
export async function readWeights(file, { n_layers, n_heads, d_model, d_head }) {
  const start = 8 + Number(new DataView(await file.slice(0, 8).arrayBuffer()).getBigUint64(0, true));
  /** @type {Record<string, Place>} */ const header = JSON.parse(await file.slice(8, start).text());
  const table = widened();
  const width = n_heads * d_head;

  /** @param {string} name @returns {Promise<Weight>} */
  const read = async (name) => {
    const { dtype, shape, data_offsets: place } = header[name];
    if (dtype !== 'F16') throw new Error(`${name} should be F16; found ${dtype}`);
    const halves = new Uint16Array(await file.slice(start + place[0], start + place[1]).arrayBuffer());
    const values = new Float32Array(halves.length);
    for (let at = 0; at < halves.length; at++) values[at] = table[halves[at]];
    return { shape, values };
  };

  /** Matrices `[head, d_model, d_head]` as one. @param {Weight[]} parts @returns {Weight} */
  const sideBySide = (parts) => {
    const columns = parts.length * width;
    const values = new Float32Array(d_model * columns);
    for (const [part, { values: from }] of parts.entries())
      for (let head = 0; head < n_heads; head++)
        for (let row = 0; row < d_model; row++) {
          const at = (head * d_model + row) * d_head;
          values.set(from.subarray(at, at + d_head), row * columns + part * width + head * d_head);
        }
    return { shape: [d_model, columns], values };
  };

  /** @param {Weight[]} parts @returns {Weight} */
  const joined = (parts) => {
    const values = Float32Array.from(parts.flatMap((part) => [...part.values]));
    return { shape: [values.length], values };
  };

  /** @param {number} layer @returns {Promise<Layer>} */
  const layerOf = async (layer) => {
    const of = (/** @type {string} */ name) => read(`blocks.${layer}.attn.${name}`);
    const [q, k, v, o] = [await of('W_Q'), await of('W_K'), await of('W_V'), await of('W_O')];
    const [biasQ, biasK, biasV, biasO] = [await of('b_Q'), await of('b_K'), await of('b_V'), await of('b_O')];
    return {
      qk: sideBySide([q, k]),
      v: sideBySide([v]),
      o: { ...o, shape: [width, d_model] },
      biasQk: joined([biasQ, biasK]),
      biasV: joined([biasV]),
      biasO,
    };
  };

  const layers = [];
  for (let layer = 0; layer < n_layers; layer++) layers.push(await layerOf(layer));
  return {
    embed: await read('embed.W_E'),
    positions: await read('pos_embed.W_pos'),
    layers,
    unembed: await read('unembed.W_U'),
    biasU: await read('unembed.b_U'),
  };
}
