// A real model on WebGPU in Chromium, by the hub's route, on a short text: the heap holds no weights.

import { expectClose, readSafetensors } from '../engine/tensors.js';
import { BYTES, EXPECTED, expect, REPO, TENSORS, test } from './smollm2.js';

const MIB = 1 << 20;

test('SmolLM2-135M on WebGPU: the first tokens, and the memory', async ({ real }) => {
  const tokens = readSafetensors(TENSORS).get('tokens')?.data ?? [];
  const logProbs = readSafetensors(TENSORS).get('log_probs')?.data ?? [];
  const ids = Array.from(tokens).slice(0, 8);
  const found = await real.evaluate(
    async ({ repo, ids }) => {
      const hs = await Headscope.open({ backend: 'webgpu' });
      const model = await hs.loadModel(repo);
      const run = await model.run(ids);
      return {
        backend: hs.backend,
        sha256: model.sha256,
        logProbs: [...(await run.logProbs())],
        memory: await hs.memory(),
      };
    },
    { repo: REPO, ids },
  );
  expect(found.backend).toBe('webgpu');
  expect(found.sha256).toBe(EXPECTED.weights_sha256);
  expectClose('log_probs', found.logProbs, { shape: [7], data: Array.from(logProbs).slice(0, 7) }, 2e-3);
  expect(found.memory.wasm, 'the heap').toBeLessThanOrEqual(64 * MIB);
  expect(found.memory.gpu, 'the weights are on the GPU').toBeGreaterThan(BYTES);
});
