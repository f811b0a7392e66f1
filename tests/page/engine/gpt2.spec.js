// A stand-in for GPT-2 small, from the files that its hub has: 548 MB of f32 on the CPU.

import { readFileSync } from 'node:fs';
import { GPT2 } from '../stand_in.js';
import { expect, test } from './bare.js';

const MIB = 1 << 20;

test('GPT-2 small in f32 loads, and runs 62 tokens', async ({ bare }) => {
  test.setTimeout(300_000);
  await bare.evaluate(() =>
    document.body.append(Object.assign(document.createElement('input'), { type: 'file' })),
  );
  await bare.locator('input').setInputFiles(GPT2.weights);
  const found = await bare.evaluate(
    async ({ config }) => {
      const weights = document.querySelector('input')?.files?.[0];
      if (!weights) throw new Error('no file');
      const hs = await Headscope.open({ backend: 'cpu' });
      const model = await hs.loadModel({ weights, config });
      const run = await model.run(Array.from({ length: 62 }, (_, at) => (at * 811) % 50_257));
      const logProbs = [...(await run.logProbs())];
      const { tokens, target } = await run.predictions(60, 5);
      const pattern = await run.pattern(11, 11);
      const { components, values, logits } = await model.attribution(run);
      return {
        keys: model.keys,
        config: model.config,
        logProbs,
        tokens,
        target,
        rowSums: [0, 30, 61].map((row) =>
          pattern.subarray(row * 62, (row + 1) * 62).reduce((sum, weight) => sum + weight, 0),
        ),
        components: components.length,
        sum: values[40].reduce((sum, part) => sum + part, 0) - logits[40],
        wasm: (await hs.memory()).wasm,
      };
    },
    { config: JSON.parse(readFileSync(GPT2.config, 'utf8')) },
  );
  expect(found.keys).toBe('All keys matched: 148 tensors, and 12 buffers that are not needed');
  expect(found.config).toMatchObject({ n_layers: 12, n_heads: 12, d_mlp: 3072, tie_word_embeddings: true });
  expect(found.logProbs).toHaveLength(61);
  for (const logProb of found.logProbs) expect(logProb).toBeLessThan(0);
  expect(found.tokens).toHaveLength(5);
  expect(found.target?.logProb).toBeCloseTo(found.logProbs[60], 3);
  for (const sum of found.rowSums) expect(sum).toBeCloseTo(1, 4);
  expect(found.components).toBe(1 + 12 * 13 + 1);
  expect(Math.abs(found.sum)).toBeLessThan(1e-3);
  // The tied matrix is kept once: 498 MB of weights, and no more beside them than SmolLM2 may take.
  expect(found.wasm).toBeLessThanOrEqual(498e6 + 128 * MIB);
});
