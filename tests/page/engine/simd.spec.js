// The engine's two wasm files, with relaxed SIMD and without: which of them is loaded, and their figures.
import { digestOf } from '../../../www/link/digest.js';
import { expect, fixtureBytes, test } from './bare.js';
import { expectClose, readSafetensors, TOLERANCE } from './tensors.js';

/** The worker's scripts that load a wasm of the engine. */
const SCRIPTS = /\/(?:worker|helper)-[\w-]{8}\.js$/;
const FIXTURE = 'random_2layer_lnpre_shortformer';

test('a browser gets one of the two, and their figures are the same', async ({ bare }) => {
  const reference = readSafetensors(fixtureBytes(`${FIXTURE}.safetensors`));
  const tensor = (/** @type {string} */ key) => {
    const found = reference.get(key);
    if (!found) throw new Error(`${FIXTURE}.safetensors has no ${key}`);
    return found;
  };
  /** @type {string[]} */ const asked = [];
  bare.context().on('request', (request) => {
    const name = /\/(headscope\w*_bg)-[\w-]{8}\.wasm$/.exec(request.url())?.[1];
    if (name) asked.push(name);
  });
  const engine = () =>
    bare.evaluate(
      async ({ name, ids }) => {
        const hs = await Headscope.open({ backend: 'cpu', helpers: 1 });
        const config = await (await fetch(`fixtures/${name}.config.json`)).json();
        const small = await hs.loadModel({ weights: `fixtures/${name}.pth`, config });
        const fixture = await small.run(ids);
        const model = await hs.loadModel('default');
        const run = await model.run('Mr Dursley met Mrs Dursley, and Mr Dursley met his son. '.repeat(6));
        const found = {
          helpers: (await hs.memory()).helpers.length,
          logProbs: [...(await fixture.logProbs())],
          logits: await Promise.all(ids.map(async (_, at) => [...(await fixture.logits(at))])),
          seq: run.seq,
          figures: [...(await run.logProbs()), ...(await run.residual(1, 'post'))],
          detection: await run.detect(),
        };
        hs.close();
        return found;
      },
      { name: FIXTURE, ids: Array.from(tensor('tokens').data) },
    );

  const relaxed = await engine();
  expect(asked).toEqual(['headscope_relaxed_bg']);
  // As in a browser that does not validate it.
  await bare.route(SCRIPTS, async (route) => {
    const response = await route.fetch();
    await route.fulfill({ response, body: `WebAssembly.validate = () => false;${await response.text()}` });
  });
  const plain = await engine();
  expect(asked.slice(1)).toEqual(['headscope_bg']);

  for (const found of [relaxed, plain]) {
    expect(found.helpers).toBe(1);
    expectClose('log_probs', found.logProbs, tensor('log_probs'), TOLERANCE.log_probs);
    expectClose('logits', found.logits.flat(), tensor('logits'), TOLERANCE.logits);
  }
  // They differ by rounding, so they are two builds; a link's digest rounds more coarsely.
  expect(relaxed.figures).not.toEqual(plain.figures);
  expect(digestOf(relaxed.detection, relaxed.seq)).toBe(digestOf(plain.detection, plain.seq));
});
