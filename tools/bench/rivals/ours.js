// The forward pass by Headscope, through its public interface.

/**
 * @typedef {import('../../../www/engine/headscope.js').Model} Model
 * @typedef {import('./types').Work} Work
 */

/** A head that writes nothing. Its width is the smallest that every backend takes. */
const D_HEAD = 4;

/** @param {import('./types').Setup} setup @returns {Promise<import('./types').Runner>} */
export async function open({ weights, config, root, options: { backend, helpers } }) {
  /** @type {typeof import('../../../www/engine/headscope.js')} */
  const { Headscope } = await import(`${root}dist/headscope.js`);
  const engine = await Headscope.open({ backend: /** @type {'cpu' | 'webgpu'} */ (backend), helpers });
  const model = await engine.loadModel({ weights, config });
  /** @type {Promise<Model> | undefined} */ let unembedding;
  // An edit resumes from the text before, while somebody holds that run.
  /** @type {import('../../../www/engine/headscope.js').Run | undefined} */ let earlier;

  return {
    adapter: engine.backend === 'cpu' ? `${engine.adapter}, ${engine.helpers + 1} cores` : engine.adapter,
    version: '',
    memory: () => engine.memory(),
    close: () => engine.close(),

    async prepare({ what, before = [] }) {
      earlier?.free();
      earlier = what === 'edit' ? await model.run(before) : undefined;
      if (what !== 'unembed') return;
      unembedding ??= embeddingsOf(weights, config, engine);
      await unembedding;
    },

    async make(work) {
      const { what, rows } = work;
      if (what === 'repeated') return repeated(rows);
      const used = what === 'unembed' ? await /** @type {Promise<Model>} */ (unembedding) : model;
      const run = await used.run(rows[0]);
      try {
        return await (what === 'ablate'
          ? ablated(run)
          : what === 'unembed'
            ? predicted(run)
            : text(run, work));
      } finally {
        run.free();
      }
    },
  };

  /** @param {import('../../../www/engine/headscope.js').Run} run @param {Work} work */
  async function text(run, { layer, head }) {
    const [logProbs, detected, pattern] = await Promise.all([
      run.logProbs(),
      run.detect(),
      run.pattern(layer, head),
    ]);
    const { current, previous, first } = detected.mean;
    return { logProbs, means: [current, previous, first].map((mean) => mean.flat().map(Number)), pattern };
  }

  /** @param {import('../../../www/engine/headscope.js').Run} run */
  async function predicted(run) {
    return { logProbs: await run.logProbs() };
  }

  /** @param {import('../../../www/engine/headscope.js').Run} run */
  async function ablated(run) {
    const { lossIncrease } = await model.ablateAll({ on: run });
    return { logProbs: await run.logProbs(), lossIncrease: lossIncrease.flat() };
  }

  /** @param {number[][]} tokens */
  async function repeated(tokens) {
    const { logProbs, stripe } = await model.repeated({ tokens });
    return { logProbs: logProbs.flat(), stripe: stripe.flat() };
  }
}

/**
 * A model of the same embeddings whose one head writes nothing: the embedding and the unembedding alone.
 * @param {Blob} weights @param {Record<string, any>} config
 * @param {import('../../../www/engine/headscope.js').Headscope} engine
 */
async function embeddingsOf(weights, config, engine) {
  const start = 8 + Number(new DataView(await weights.slice(0, 8).arrayBuffer()).getBigUint64(0, true));
  /** @type {Record<string, { dtype: string, shape: number[], data_offsets: number[] }>} */
  const found = JSON.parse(await weights.slice(8, start).text());
  const { d_model } = config;
  /** @type {Record<string, object>} */ const header = {};
  /** @type {BlobPart[]} */ const parts = [];
  let end = 0;
  const add = (/** @type {string} */ name, /** @type {number[]} */ shape, /** @type {Blob} */ bytes) => {
    header[name] = { dtype: 'F16', shape, data_offsets: [end, end + bytes.size] };
    end += bytes.size;
    parts.push(bytes);
  };
  for (const name of ['embed.W_E', 'pos_embed.W_pos', 'unembed.W_U', 'unembed.b_U']) {
    const { shape, data_offsets: place } = found[name];
    add(name, shape, weights.slice(start + place[0], start + place[1]));
  }
  const zeros = new Blob([new Uint8Array(2 * d_model * D_HEAD)]);
  for (const part of 'QKV') add(`blocks.0.attn.W_${part}`, [1, d_model, D_HEAD], zeros);
  add('blocks.0.attn.W_O', [1, D_HEAD, d_model], zeros);
  const json = new TextEncoder().encode(JSON.stringify(header));
  const length = new DataView(new ArrayBuffer(8));
  length.setBigUint64(0, BigInt(json.length), true);
  return engine.loadModel({
    weights: new File([length, json, ...parts], 'embeddings.safetensors'),
    config: { ...config, n_layers: 1, n_heads: 1, d_head: D_HEAD },
  });
}
