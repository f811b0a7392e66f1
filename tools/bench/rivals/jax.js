// The forward pass by jax-js, compiled by its `jit` once for each shape. Each use of an array takes it,
// unless it says `.ref`.
//
// Its products are cut into tiles that fill the matrix exactly: 50,278 columns have no such tiles and take 40
// times as long as 50,304. So the vocabulary is padded with tokens of probability 0, and a sequence with
// tokens at its end, which no other position sees.
import { MASKED, multiple, placed, readWeights } from './safetensors.js';

/**
 * @typedef {import('./safetensors.js').Weight} Weight
 * @typedef {import('@jax-js/jax').numpy.Array} Values
 */

/** A sequence is padded to a multiple of this. */
const ROWS = 16;

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
  const put = (/** @type {Weight} */ { shape, values }) => np.array(/** @type {any} */ (values), { shape });
  const model = placed(await readWeights(file, config), put);
  await jax.blockUntilReady(model);

  /** @type {Map<string, any>} */ const compiled = new Map();
  /**
   * A function compiled for a shape.
   * @param {string} name
   * @param {number[][]} rows
   * @param {() => any} make
   */
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
  /** Ids with the padding. @param {number[][]} rows */
  const idsOf = (rows) => {
    const wide = multiple(rows[0].length, ROWS);
    const all = rows.flatMap((row) => [...row, ...Array(wide - row.length).fill(0)]);
    return np.array(Int32Array.from(all), { shape: [rows.length, wide], dtype: np.int32 });
  };

  return {
    adapter: backend === 'wasm' ? 'wasm, one thread' : await adapterOf(),
    version: (await (await fetch(`${root}node_modules/@jax-js/jax/package.json`)).json()).version,

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
    const wide = multiple(seq, ROWS);
    const count = batch * wide;
    const logits = np.matmul(stream.reshape([count, d_model]), of.unembed).add(of.biasU);
    const total = nn.logsumexp(logits.ref, -1);
    // Each position's target is the next token. The last one's is of no use.
    const targets = np.concatenate([ids.ref.slice([], [1, wide]), ids.slice([], [0, 1])], 1);
    // jit has no gather of pairs, so the target's logit is the sum of a row without the others.
    const chosen = np
      .arange(logits.shape[1])
      .reshape([1, -1])
      .equal(targets.reshape([count, 1]));
    const all = np.where(chosen, logits, 0).sum(1).sub(total);
    return all.reshape([batch, wide]).slice([], [0, seq - 1]);
  }

  /**
   * A function of the model, the ids and the heads to keep, to compile.
   * @param {number} batch @param {number} seq
   * @param {{ what: string, layer: number, head: number, seqLen: number }} asked
   */
  function forward(batch, seq, { what, layer: shownLayer, head, seqLen }) {
    const wide = multiple(seq, ROWS);
    const heads = (/** @type {Values} */ of) =>
      of.reshape([batch, wide, n_heads, d_head]).transpose([0, 2, 1, 3]);
    const flat = (/** @type {Values} */ of) => of.reshape([batch * wide, -1]);
    return (/** @type {any} */ of, /** @type {Values} */ ids, /** @type {Values} */ keep) => {
      const positions = of.positions.slice([0, wide]);
      const seen = np.tri(wide, wide, 0).greater(0.5);
      let stream = np.take(of.embed, ids.ref, 0);
      /** @type {Values[]} */ const patterns = [];
      for (const [layer, { qk, v, o, biasQk, biasV, biasO }] of of.layers.entries()) {
        const both = np.matmul(flat(stream.ref.add(positions.ref)), qk).add(biasQk);
        const query = heads(both.ref.slice([], [0, width]));
        const key = heads(both.slice([], [width, 2 * width]));
        const values = heads(np.matmul(flat(stream.ref), v).add(biasV));
        const scores = np.matmul(query, key.transpose([0, 1, 3, 2])).mul(1 / Math.sqrt(d_head));
        const pattern = nn.softmax(np.where(seen.ref, scores, MASKED), -1);
        const kept = keep.ref.slice(layer).reshape([n_heads, 1, 1]);
        const z = np.matmul(pattern.ref, values).mul(kept).transpose([0, 2, 1, 3]);
        const written = np.matmul(flat(z), o).add(biasO);
        stream = stream.add(written.reshape([batch, wide, d_model]));
        patterns.push(pattern.slice([], [], [0, seq], [0, seq]));
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
