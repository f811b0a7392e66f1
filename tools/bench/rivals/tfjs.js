// The forward pass by TensorFlow.js, in its array functions. It has no f16, so the weights are widened.
import { MASKED, placed, readWeights } from './safetensors.js';

/**
 * @typedef {import('./safetensors.js').Weight} Weight
 * @typedef {import('@tensorflow/tfjs-core').Tensor} Tensor
 */

/** @param {import('./types').Setup} setup @returns {Promise<import('./types').Runner>} */
export async function open({ weights: file, config, root, options: { backend = 'webgpu' } }) {
  const folder = `${root}node_modules/@tensorflow/`;
  // Each puts itself into `globalThis.tf`.
  await import(`${folder}tfjs-core/dist/tf-core.min.js`);
  await import(`${folder}tfjs-backend-cpu/dist/tf-backend-cpu.min.js`);
  await import(`${folder}tfjs-backend-webgpu/dist/tf-backend-webgpu.min.js`);
  /** @type {typeof import('@tensorflow/tfjs-core')} */ const tf = /** @type {any} */ (globalThis).tf;
  if (!(await tf.setBackend(backend))) throw new Error(`TensorFlow.js has no backend ${backend} here`);
  await tf.ready();

  const { n_layers, n_heads, d_head, d_model } = config;
  const width = n_heads * d_head;
  const put = (/** @type {Weight} */ { shape, values }) => tf.tensor(values, shape);
  const model = placed(await readWeights(file, config), put);
  const whole = tf.ones([n_layers, n_heads]);
  const { vendor, architecture, description } = /** @type {any} */ (tf.backend()).adapterInfo ?? {};

  return {
    adapter: [vendor, architecture, description].filter((word) => typeof word === 'string' && word).join(' '),
    version: tf.version_core,

    async make({ what, rows, layer, head, seqLen = 1 }) {
      if (what === 'unembed') return { logProbs: await data(tf.tidy(() => logProbs(embedded(rows), rows))) };
      if (what === 'ablate') return ablated(rows);
      const { predicted, patterns } = tf.tidy(() => forward(rows, whole));
      const stacked = () => tf.concat(patterns, 1);
      if (what === 'repeated') {
        const stripe = tf.tidy(() => mean(stacked(), (seqLen - 1) * rows[0].length, rows[0].length + 1));
        tf.dispose(patterns);
        return { logProbs: await data(predicted), stripe: await data(stripe) };
      }
      const seq = rows[0].length;
      const [current, previous, first, pattern] = tf.tidy(() => {
        const all = stacked();
        const shown = tf.slice(patterns[layer], [0, head, 0, 0], [1, 1, seq, seq]);
        return [mean(all, 0, seq + 1), mean(all, seq, seq + 1), mean(all, 0, seq), shown];
      });
      tf.dispose(patterns);
      // All are asked for before the first is waited for.
      const [logProbs_, ...figures] = await Promise.all(
        [predicted, current, previous, first, pattern].map(data),
      );
      return { logProbs: logProbs_, means: figures.slice(0, 3), pattern: figures[3] };
    },
  };

  /** The numbers of a tensor, which is freed. @param {Tensor} tensor */
  async function data(tensor) {
    const values = await tensor.data();
    tensor.dispose();
    return values;
  }

  /** Rows of a stream. @param {Tensor} of @returns {Tensor} */
  function flat(of) {
    return tf.reshape(of, [-1, d_model]);
  }

  /** @param {Tensor} rows @param {Tensor} weight @returns {Tensor} */
  function product(rows, weight) {
    return tf.matMul(/** @type {any} */ (rows), /** @type {any} */ (weight));
  }

  /** @param {number[][]} rows @returns {Tensor} */
  function embedded(rows) {
    return tf.gather(model.embed, tf.tensor(rows, [rows.length, rows[0].length], 'int32'));
  }

  /**
   * The log-probability of each next token, of a stream `[batch, seq, d_model]`.
   * @param {Tensor} stream @param {number[][]} rows
   */
  function logProbs(stream, rows) {
    const [batch, seq] = [rows.length, rows[0].length];
    const predicting = flat(tf.slice(stream, [0, 0, 0], [batch, seq - 1, d_model]));
    const logits = tf.add(product(predicting, model.unembed), model.biasU);
    const targets = tf.tensor(
      rows.flatMap((row) => row.slice(1)).map((id, at) => [at, id]),
      [batch * (seq - 1), 2],
      'int32',
    );
    return tf.sub(tf.gatherND(logits, targets), tf.logSumExp(logits, -1));
  }

  /**
   * The log-probabilities, and every layer's patterns `[batch, head, query_pos, key_pos]`.
   * @param {number[][]} rows @param {Tensor} keep `[n_layers, n_heads]`
   */
  function forward(rows, keep) {
    const [batch, seq] = [rows.length, rows[0].length];
    const heads = (/** @type {Tensor} */ of) =>
      tf.transpose(tf.reshape(of, [batch, seq, n_heads, d_head]), [0, 2, 1, 3]);
    const masked = tf.mul(tf.sub(1, tf.linalg.bandPart(tf.ones([seq, seq]), -1, 0)), MASKED);
    const positions = tf.slice(model.positions, [0, 0], [seq, d_model]);
    let stream = embedded(rows);
    const patterns = [];
    for (const [layer, { qk, v, o, biasQk, biasV, biasO }] of model.layers.entries()) {
      const placed = flat(tf.add(stream, positions));
      const both = tf.add(product(placed, qk), biasQk);
      const [query, key] = tf.split(both, 2, 1).map(heads);
      const values = heads(tf.add(product(flat(stream), v), biasV));
      const scores = tf.mul(tf.matMul(query, key, false, true), 1 / Math.sqrt(d_head));
      const pattern = tf.softmax(tf.add(scores, masked));
      const kept = tf.reshape(tf.slice(keep, [layer, 0], [1, n_heads]), [n_heads, 1, 1]);
      const z = tf.transpose(tf.mul(tf.matMul(pattern, values), kept), [0, 2, 1, 3]);
      const written = tf.add(product(tf.reshape(z, [-1, width]), o), biasO);
      stream = tf.add(stream, tf.reshape(written, [batch, seq, d_model]));
      patterns.push(pattern);
    }
    return { predicted: logProbs(stream, rows), patterns };
  }

  /**
   * The mean of every `step`-th cell of each head's pattern, from cell `start` on, over all sequences.
   * @param {Tensor} patterns `[batch, head, query_pos, key_pos]` @param {number} start @param {number} step
   */
  function mean(patterns, start, step) {
    const [batch, heads, seq] = patterns.shape;
    const cells = tf.range(start, seq * seq, step, 'int32');
    return tf.mean(tf.gather(tf.reshape(patterns, [batch, heads, seq * seq]), cells, 2), [0, 2]);
  }

  /** @param {number[][]} rows */
  async function ablated(rows) {
    const pass = async (/** @type {Tensor} */ keep) => {
      const { predicted, patterns } = tf.tidy(() => forward(rows, keep));
      tf.dispose(patterns);
      return data(predicted);
    };
    const loss = (/** @type {ArrayLike<number>} */ of) =>
      -Array.from(of).reduce((a, b) => a + b, 0) / of.length;
    const logProbs = await pass(whole);
    const lossIncrease = [];
    for (let head = 0; head < n_layers * n_heads; head++) {
      const keep = tf.tensor(
        Float32Array.from({ length: n_layers * n_heads }, (_, at) => Number(at !== head)),
        [n_layers, n_heads],
      );
      lossIncrease.push(loss(await pass(keep)) - loss(logProbs));
      keep.dispose();
    }
    return { logProbs, lossIncrease };
  }
}
