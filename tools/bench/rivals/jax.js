// The forward pass by jax-js, compiled by its `jit` once for each shape. Each use of an array takes it, unless the
// use says `.ref`.
import { readWeights } from './safetensors.js';

/**
 * @typedef {import('./safetensors.js').Weight} Weight
 * @typedef {import('@jax-js/jax').numpy.Array} Values
 */

/** What a masked score falls by. exp() of it is 0. */
const MASKED = -1e30;

/** @param {import('./types').Setup} setup @returns {Promise<import('./types').Runner>} */
export async function open({ weights: file, config, root, options: { backend } }) {
  /** @type {typeof import('@jax-js/jax')} */
  const jax = await import(`${root}node_modules/@jax-js/jax/dist/index.js`);
  const { numpy: np, nn } = jax;
  const device = /** @type {import('@jax-js/jax').Device} */ (backend);
  if (!(await jax.init(device)).includes(device)) throw new Error(`jax-js has no device ${device} here`);
  jax.defaultDevice(device);

  const { n_layers, n_heads, d_head, d_model } = config;
  const width = n_heads * d_head;
  const read = await readWeights(file, config);
  const put = (/** @type {Weight} */ { shape, values }) => np.array(/** @type {any} */ (values), { shape });
  const model = {
    embed: put(read.embed),
    positions: put(read.positions),
    layers: read.layers.map((layer) => ({
      qk: put(layer.qk),
      v: put(layer.v),
      o: put(layer.o),
      biasQk: put(layer.biasQk),
      biasV: put(layer.biasV),
      biasO: put(layer.biasO),
    })),
    unembed: put(read.unembed),
    biasU: put(read.biasU),
  };
  await jax.blockUntilReady(model);

  /** @type {Map<string, any>} */ const compiled = new Map();
  /** A function compiled for a shape. @param {string} name @param {number[][]} rows @param {() => any} make */
  const forShape = (name, rows, make) => {
    const key = `${name} ${rows.length} ${rows[0].length}`;
    const found = compiled.get(key) ?? jax.jit(make());
    compiled.set(key, found);
    return found;
  };
  /** All arrays of the model, for one use more. */
  const held = () => ({
    embed: model.embed.ref,
    positions: model.positions.ref,
    layers: model.layers.map((layer) =>
      Object.fromEntries(Object.entries(layer).map(([name, of]) => [name, of.ref])),
    ),
    unembed: model.unembed.ref,
    biasU: model.biasU.ref,
  });
  const idsOf = (/** @type {number[][]} */ rows) =>
    np.array(Int32Array.from(rows.flat()), { shape: [rows.length, rows[0].length], dtype: np.int32 });

  return {
    adapter: backend === 'wasm' ? 'wasm, one thread' : await adapterOf(),
    version: '0.1.25',

    async make({ what, rows, layer, head, seqLen = 1 }) {
      const [batch, seq] = [rows.length, rows[0].length];
      if (what === 'unembed') {
        const { embed, unembed, biasU } = model;
        const part = forShape('unembed', rows, () => (/** @type {any} */ of, /** @type {Values} */ ids) => {
          const stream = np.take(of.embed, ids.ref, 0);
          return logProbs(of, stream, ids, batch, seq);
        });
        const given = { embed: embed.ref, unembed: unembed.ref, biasU: biasU.ref };
        return { logProbs: await part(given, idsOf(rows)).data() };
      }
      const name = what === 'edit' ? 'text' : what;
      const pass = forShape(`${name} ${seqLen}`, rows, () =>
        forward(batch, seq, { what, layer, head, seqLen }),
      );
      const keep = (/** @type {number} */ ablated) =>
        np.array(
          Float32Array.from({ length: n_layers * n_heads }, (_, at) => Number(at !== ablated)),
          {
            shape: [n_layers, n_heads],
          },
        );
      const run = async (/** @type {number} */ ablated) => {
        /** @type {Values[]} */ const made = pass(held(), idsOf(rows), keep(ablated));
        return Promise.all(made.map((values) => values.data()));
      };
      const [predicted, ...figures] = await run(-1);
      if (what === 'repeated') return { logProbs: predicted, stripe: figures[0] };
      if (what !== 'ablate') return { logProbs: predicted, means: figures.slice(0, 3), pattern: figures[3] };
      const lossIncrease = [];
      for (let ablated = 0; ablated < n_layers * n_heads; ablated++)
        lossIncrease.push(lossOf((await run(ablated))[0]) - lossOf(predicted));
      return { logProbs: predicted, lossIncrease };
    },
  };

  /**
   * The log-probability of each next token, of a stream `[batch, seq, d_model]`.
   * @param {any} of @param {Values} stream @param {Values} ids @param {number} batch @param {number} seq
   */
  function logProbs(of, stream, ids, batch, seq) {
    const count = batch * (seq - 1);
    const predicting = stream.slice([], [0, seq - 1]).reshape([count, d_model]);
    const logits = np.matmul(predicting, of.unembed).add(of.biasU);
    const total = nn.logsumexp(logits.ref, -1);
    const targets = ids.slice([], [1, seq]).reshape([count]);
    // jit makes no list of pairs, so the target's logit is the sum of a row without the others.
    const chosen = np
      .arange(logits.shape[1])
      .reshape([1, -1])
      .equal(targets.reshape([count, 1]));
    return np.where(chosen, logits, 0).sum(1).sub(total);
  }

  /**
   * A function of the model, the ids and the heads to keep, to compile.
   * @param {number} batch @param {number} seq
   * @param {{ what: string, layer: number, head: number, seqLen: number }} asked
   */
  function forward(batch, seq, { what, layer: shownLayer, head, seqLen }) {
    const heads = (/** @type {Values} */ of) =>
      of.reshape([batch, seq, n_heads, d_head]).transpose([0, 2, 1, 3]);
    return (/** @type {any} */ of, /** @type {Values} */ ids, /** @type {Values} */ keep) => {
      const positions = of.positions.slice([0, seq]);
      const seen = np.tri(seq, seq, 0).greater(0.5);
      let stream = np.take(of.embed, ids.ref, 0);
      /** @type {Values[]} */ const patterns = [];
      for (const [layer, { qk, v, o, biasQk, biasV, biasO }] of of.layers.entries()) {
        const placed = stream.ref.add(positions.ref).reshape([batch * seq, d_model]);
        const both = np.matmul(placed, qk).add(biasQk);
        const query = heads(both.ref.slice([], [0, width]));
        const key = heads(both.slice([], [width, 2 * width]));
        const values = heads(np.matmul(stream.ref.reshape([batch * seq, d_model]), v).add(biasV));
        const scores = np.matmul(query, key.transpose([0, 1, 3, 2])).mul(1 / Math.sqrt(d_head));
        const pattern = nn.softmax(np.where(seen.ref, scores, MASKED), -1);
        const kept = keep.ref.slice(layer).reshape([n_heads, 1, 1]);
        const z = np.matmul(pattern.ref, values).mul(kept).transpose([0, 2, 1, 3]);
        const written = np.matmul(z.reshape([batch * seq, width]), o).add(biasO);
        stream = stream.add(written.reshape([batch, seq, d_model]));
        patterns.push(pattern);
      }
      for (const done of [positions, seen, keep]) done.dispose();
      const predicted = logProbs(of, stream, ids, batch, seq);
      if (what === 'ablate') {
        for (const pattern of patterns) pattern.dispose();
        return [predicted];
      }
      const shown = patterns[shownLayer].ref.slice(0, head);
      const all = np.concatenate(patterns, 1);
      const diagonal = (/** @type {number} */ distance) => np.diagonal(all.ref, -distance, 2, 3).mean([0, 2]);
      const figures =
        what === 'repeated'
          ? [diagonal(seqLen - 1)]
          : [diagonal(0), diagonal(1), all.ref.slice([], [], [], 0).mean([0, 2]), shown.ref];
      all.dispose();
      shown.dispose();
      return [predicted, ...figures];
    };
  }

  async function adapterOf() {
    const found = await /** @type {any} */ (navigator).gpu.requestAdapter();
    const { vendor, architecture, description } = found.info;
    return [vendor, architecture, description].filter(Boolean).join(' ');
  }
}

/** In nats. @param {ArrayLike<number>} logProbs */
const lossOf = (logProbs) => -Array.from(logProbs).reduce((a, b) => a + b, 0) / logProbs.length;
