// Every way to multiply by weights, and who chose it. Both families of kernels give the same figures, also
// where the one that suits the adapter is another.
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
      others: [await figures('invocations'), await figures('workgroups')],
    };
  }, config);
  expect(found.unknown?.name).toBe('OptionInvalid');
  // The adapter of the tests is made of software.
  expect(found.without.products).toBe('invocations');
  expect(found.others.map((one) => one.products)).toEqual(['invocations', 'workgroups']);
  // Such adapters are not measured.
  const rule = {
    adapter: expect.stringMatching(/./),
    chosen: 'invocations',
    source: 'rule',
    rate: null,
    times: [],
  };
  expect(found.without.tuning).toEqual(rule);
  expect(found.others.map(({ tuning }) => [tuning?.chosen, tuning?.source])).toEqual([
    ['invocations', 'given'],
    ['workgroups', 'given'],
  ]);
  expect(found.narrow.products).toBe('workgroups');
  expect([found.narrow.tuning?.chosen, found.narrow.tuning?.source]).toEqual(['narrow-workgroups', 'given']);
  expect(found.others[0]?.logProbs).toEqual(found.without.logProbs);
  expect(found.others[0]?.pattern).toEqual(found.without.pattern);
  for (const name of /** @type {const} */ (['logProbs', 'pattern'])) {
    const expected = found.without[name];
    const differences = found.others[1]?.[name].map((value, at) => Math.abs(value - Number(expected[at])));
    expect(expected.length).toBeGreaterThan(60);
    expect(Math.max(...Array.from(differences ?? [NaN]))).toBeLessThan(1e-4);
  }
});
