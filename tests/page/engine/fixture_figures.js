// Every tensor and detector figure of a fixture in a browser, against TransformerLens in float64.
import { expect, fixtureBytes, fixtureJson, test } from './bare.js';
import { expectClose, readSafetensors, TOLERANCE } from './tensors.js';

/**
 * A test that holds a fixture to its figures. The weights are torch's file; the experiments' tests load the
 * same weights as safetensors.
 * @param {string} name
 */
export function holdsFixture(name) {
  test(`${name}.pth: every tensor and every detector figure is TransformerLens'`, async ({
    shared,
    backend,
  }) => {
    const reference = readSafetensors(fixtureBytes(`${name}.safetensors`));
    const tensor = (/** @type {string} */ key) => {
      const found = reference.get(key);
      if (!found) throw new Error(`${name}.safetensors has no ${key}`);
      return found;
    };
    const ids = Array.from(tensor('tokens').data);
    const found = await shared.evaluate(
      async ({ name, ids }) => {
        const config = await (await fetch(`fixtures/${name}.config.json`)).json();
        const model = await hs.loadModel({ weights: `fixtures/${name}.pth`, config });
        const run = await model.run(ids);
        const { n_layers, n_heads } = model.config;
        const layers = [...Array(n_layers).keys()];
        const heads = [...Array(n_heads).keys()];
        const all = async (/** @type {Promise<Float32Array>[]} */ parts) =>
          (await Promise.all(parts)).flatMap((part) => [...part]);
        const found = {
          backend: hs.backend,
          config: model.config,
          hasTokenizer: model.hasTokenizer,
          noTokenizer: await rejection(model.run('text')),
          ids: [...run.ids],
          dropped: run.dropped,
          pattern: await Promise.all(
            layers.map((layer) => all(heads.map((head) => run.pattern(layer, head)))),
          ),
          pre: await Promise.all(layers.map(async (layer) => [...(await run.residual(layer, 'pre'))])),
          post: await Promise.all(layers.map(async (layer) => [...(await run.residual(layer, 'post'))])),
          logProbs: [...(await run.logProbs())],
          logits: await all(ids.map((_, pos) => run.logits(pos))),
          detection: await run.detect(),
        };
        model.free();
        return found;
      },
      { name, ids },
    );

    expect(found.backend).toBe(backend);
    expect(found.config).toMatchObject(pick(fixtureJson(`${name}.config.json`)));
    expect(found.hasTokenizer).toBe(false);
    expect(found.noTokenizer?.name).toBe('NoTokenizer');
    expect(found.ids).toEqual(ids);
    expect(found.dropped).toBe(0);
    found.pattern.forEach((data, layer) =>
      expectClose(`pattern.${layer}`, data, tensor(`pattern.${layer}`), TOLERANCE.pattern),
    );
    found.pre.forEach((data, layer) =>
      expectClose(`resid_pre.${layer}`, data, tensor(`resid_pre.${layer}`), TOLERANCE.resid),
    );
    found.post.forEach((data, layer) =>
      expectClose(`resid_post.${layer}`, data, tensor(`resid_post.${layer}`), TOLERANCE.resid),
    );
    expectClose('log_probs', found.logProbs, tensor('log_probs'), TOLERANCE.log_probs);
    expectClose('logits', found.logits, tensor('logits'), TOLERANCE.logits);

    const { detectors, mean_scores, head_detector } = fixtureJson(`${name}.expected.json`);
    for (const kind of /** @type {const} */ (['current', 'previous', 'first'])) {
      expect(found.detection.dominant[kind].heads).toEqual(detectors[kind].heads);
      expectScores(`dominant ${kind}`, found.detection.dominant[kind].fraction, detectors[kind].fraction);
      expectScores(`mean ${kind}`, found.detection.mean[kind], mean_scores[kind]);
    }
    for (const kind of /** @type {const} */ ([
      'previous_token_head',
      'duplicate_token_head',
      'induction_head',
    ])) {
      expectScores(`${kind} mul`, found.detection.head_detector[kind].mul, head_detector[kind].mul);
      expectScores(`${kind} abs`, found.detection.head_detector[kind].abs, head_detector[kind].abs);
    }
  });
}

/** The fields of a configuration that the engine reports. */
const FIELDS = [
  ...['n_layers', 'n_heads', 'd_model', 'd_head', 'n_ctx', 'd_vocab'],
  ...['normalization_type', 'positional_embedding_type'],
];

/** @param {Record<string, unknown>} config */
const pick = (config) => Object.fromEntries(FIELDS.map((field) => [field, config[field]]));

/** @param {string} name @param {(number | null)[][]} found @param {number[][]} expected both [layer][head] */
function expectScores(name, found, expected) {
  const scores = found.flat().map((score) => score ?? NaN);
  expectClose(
    name,
    scores,
    { shape: [expected.length, expected[0].length], data: expected.flat() },
    TOLERANCE.score,
  );
}
