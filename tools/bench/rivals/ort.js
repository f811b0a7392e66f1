// The forward pass by ONNX Runtime Web. tools/bench/shortformer_onnx.py writes its graphs.

/** The file that the graphs name. */
const WEIGHTS = 'notebook.safetensors';

/** @param {import('./types').Setup} setup @returns {Promise<import('./types').Runner>} */
export async function open({ weights, graphs, config, root, options: { backend } }) {
  const folder = `${root}node_modules/onnxruntime-web/dist/`;
  const onnx = await import(`${folder}${backend === 'wasm' ? 'ort.wasm' : 'ort.webgpu'}.min.mjs`);
  onnx.env.wasm.wasmPaths = folder;
  // As on a static host: without its headers a page has no shared memory, so no threads.
  onnx.env.wasm.numThreads = 1;
  onnx.env.logLevel = 'error';
  const session = await sessionOf(graphs.forward);
  /** @type {Promise<any> | undefined} */ let unembedding;
  const { n_layers, n_heads } = config;

  return {
    adapter: backend === 'wasm' ? 'wasm, one thread' : await adapterOf(),
    version: onnx.env.versions.web,

    async prepare({ what }) {
      if (what !== 'unembed') return;
      unembedding ??= sessionOf(graphs.unembed);
      await unembedding;
    },

    async make({ what, rows, seqLen = 1, head }) {
      const ids = new onnx.Tensor('int64', BigInt64Array.from(rows.flat(), BigInt), [
        rows.length,
        rows[0].length,
      ]);
      if (what === 'unembed') return { logProbs: (await (await unembedding).run({ ids })).log_probs.data };
      const pass = (/** @type {number} */ ablated) => {
        const keep = new Float32Array(n_layers * n_heads).fill(1);
        if (ablated >= 0) keep[ablated] = 0;
        return session.run({
          ids,
          keep: new onnx.Tensor('float32', keep, [n_layers, n_heads]),
          lag: new onnx.Tensor('int64', [BigInt(seqLen - 1)], [1]),
          head: new onnx.Tensor('int64', [BigInt(head)], [1]),
        });
      };
      const { log_probs, means, pattern } = await pass(-1);
      if (what === 'ablate') {
        const lossIncrease = [];
        for (let ablated = 0; ablated < n_layers * n_heads; ablated++)
          lossIncrease.push(lossOf((await pass(ablated)).log_probs.data) - lossOf(log_probs.data));
        return { logProbs: log_probs.data, lossIncrease };
      }
      // `[layer, kind, head]`
      const of = (/** @type {number} */ kind) =>
        Array.from({ length: n_layers }, (_, layer) => {
          const at = (layer * 4 + kind) * n_heads;
          return [...means.data.subarray(at, at + n_heads)];
        }).flat();
      const figures = { logProbs: log_probs.data, pattern: pattern.data };
      return what === 'repeated'
        ? { logProbs: log_probs.data, stripe: of(3) }
        : { ...figures, means: [0, 1, 2].map(of) };
    },
  };

  /** @param {Blob} graph */
  async function sessionOf(graph) {
    return onnx.InferenceSession.create(new Uint8Array(await graph.arrayBuffer()), {
      executionProviders: [backend],
      externalData: [{ path: WEIGHTS, data: weights }],
    });
  }

  async function adapterOf() {
    const { vendor, architecture, description } = (await onnx.env.webgpu.device)?.adapterInfo ?? {};
    return [vendor, architecture, description].filter(Boolean).join(' ');
  }
}

/** In nats. @param {Float32Array} logProbs */
const lossOf = (logProbs) => -logProbs.reduce((sum, logProb) => sum + logProb, 0) / logProbs.length;
