// Every way to multiply by weights gives the same figures, whoever chose it: adapter or caller.
import { expect, fixtureJson, test } from './bare.js';

test('products by invocations and by workgroups give the same figures', async ({ bare }) => {
  test.setTimeout(120_000);
  const config = fixtureJson('planted_f16.config.json');
  const found = await bare.evaluate(async (config) => {
    /** @param {'invocations' | 'workgroups'} [products] */
    const figures = async (products) => {
      const hs = await Headscope.open({ backend: 'webgpu', products });
      const model = await hs.loadModel({
        weights: 'fixtures/planted_f16.weights.safetensors',
        config,
      });
      const run = await model.run(Uint32Array.from({ length: 70 }, (_, at) => (at * 7) % 40));
      const [logProbs, pattern] = [[...(await run.logProbs())], [...(await run.pattern(1, 1))]];
      hs.close();
      return { products: hs.products, tuning: hs.tuning, logProbs, pattern };
    };
    const narrow = await Headscope.open({ backend: 'webgpu', tuning: 'narrow-workgroups' });
    const { products, tuning } = narrow;
    narrow.close();
    const unknown = Headscope.open({ backend: 'webgpu', products: /** @type {any} */ ('warps') });
    return {
      unknown: await rejection(unknown),
      narrow: { products, tuning },
      without: await figures(),
      other: await figures('workgroups'),
    };
  }, config);
  expect(found.unknown?.name).toBe('OptionInvalid');
  // The adapter of the tests is made of software.
  expect(found.without.products).toBe('invocations');
  // Such adapters are not measured.
  const rule = {
    adapter: expect.stringMatching(/./),
    chosen: 'invocations',
    source: 'rule',
    rate: null,
    times: [],
  };
  expect(found.without.tuning).toEqual(rule);
  expect(found.other.products).toBe('workgroups');
  expect([found.other.tuning?.chosen, found.other.tuning?.source]).toEqual(['workgroups', 'given']);
  expect(found.narrow.products).toBe('workgroups');
  expect([found.narrow.tuning?.chosen, found.narrow.tuning?.source]).toEqual(['narrow-workgroups', 'given']);
  for (const name of /** @type {const} */ (['logProbs', 'pattern'])) {
    const expected = found.without[name];
    const differences = found.other[name].map((value, at) => Math.abs(value - Number(expected[at])));
    expect(expected.length).toBeGreaterThan(60);
    expect(differences).toHaveLength(expected.length);
    expect(Math.max(...differences)).toBeLessThan(1e-4);
  }
});
