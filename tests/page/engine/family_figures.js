// Every figure of a model of a family in a browser, from the files of its hub layout, against plain float64.
import { expect, fixtureBytes, fixtureJson, test } from './bare.js';
import { close, expectClose, readSafetensors, TOLERANCE } from './tensors.js';

/** Streams and logits pass through MLPs, whose sums are longer than those of attention. */
const STREAM = 1e-3;
const EXPERIMENT = 1e-3;

/**
 * A test that holds the model of `families/family` to its figures.
 * @param {string} family @param {string} weights the file of its weights
 */
export function holdsFamily(family, weights) {
  test(`${family}: patterns, streams, logits and experiments are those of float64`, async ({
    shared,
    backend,
  }) => {
    const folder = `families/${family}`;
    const reference = readSafetensors(fixtureBytes(`${folder}/expected.safetensors`));
    const expected = fixtureJson(`${folder}/expected.json`);
    const tensor = (/** @type {string} */ key) => {
      const found = reference.get(key);
      if (!found) throw new Error(`${folder}/expected.safetensors has no ${key}`);
      return found;
    };
    const ids = Array.from(tensor('tokens').data);
    const repeated = expected.repeated.tokens;
    const found = await shared.evaluate(figuresOf, { folder: `fixtures/${folder}`, weights, ids, repeated });

    expect(found.backend).toBe(backend);
    for (const [layer, data] of found.pattern.entries())
      expectClose(`pattern.${layer}`, data, tensor(`pattern.${layer}`), TOLERANCE.pattern);
    for (const [layer, data] of found.pre.entries())
      expectClose(`resid_pre.${layer}`, data, tensor(`resid_pre.${layer}`), STREAM);
    expectClose('resid_post', found.post, tensor('resid_post'), STREAM);
    expectClose('log_probs', found.logProbs, tensor('log_probs'), STREAM);
    expectClose('logits', found.logits, tensor('logits'), STREAM);
    const { offset, neuronpedia_induction } = found.detection;
    close('Neuronpedia’s induction', neuronpedia_induction, expected.neuronpedia_induction, TOLERANCE.score);
    const part = (/** @type {0 | 1} */ at) =>
      expected.offsets.map((/** @type {[number, number][]} */ row) => row.map((pair) => pair[at]));
    expect(offset.distance).toEqual(part(0));
    close('mean weight of the offset', offset.mean, part(1), TOLERANCE.score);
    const { top_ids, target_rank } = expected.predictions;
    expect(found.top).toEqual(top_ids[ids.length - 2]);
    expect(found.rank).toBe(target_rank[ids.length - 2]);

    const told = expected.repeated;
    close('logProbs of repeated tokens', found.on.logProbs, told.log_probs, EXPERIMENT);
    close('stripe', found.on.stripe, told.induction_stripe, TOLERANCE.score);
    close('strict', found.on.strict, told.induction_strict, TOLERANCE.score);
    close('a head ablated', [found.head], [told.zero_ablation_loss_increase[0][1]], EXPERIMENT);
    close('an MLP ablated', [found.mlp], [told.zero_ablation_of_mlp_loss_increase[1]], EXPERIMENT);
    expect(found.components).toEqual(told.attribution.components);
    close('attribution', found.values, told.attribution.values, EXPERIMENT);
  });
}

/**
 * All figures of a family's model; runs in the page.
 * @param {{ folder: string, weights: string, ids: number[], repeated: number[][] }} given
 */
async function figuresOf({ folder, weights, ids, repeated }) {
  const config = await (await fetch(`${folder}/config.json`)).json();
  const model = await hs.loadModel({ weights: `${folder}/${weights}`, config });
  const run = await model.run(ids);
  const { n_layers, n_heads } = model.config;
  const layers = [...Array(n_layers).keys()];
  const heads = [...Array(n_heads).keys()];
  const all = async (/** @type {Promise<Float32Array>[]} */ parts) =>
    (await Promise.all(parts)).flatMap((part) => [...part]);
  const on = await model.repeated({ tokens: repeated });
  const { components, values } = await model.attribution(await model.run(repeated[0]));
  const { tokens, target } = await run.predictions(ids.length - 2, 3);
  const found = {
    backend: hs.backend,
    pattern: await Promise.all(layers.map((layer) => all(heads.map((head) => run.pattern(layer, head))))),
    pre: await Promise.all(layers.map(async (layer) => [...(await run.residual(layer, 'pre'))])),
    post: [...(await run.residual(n_layers - 1, 'post'))],
    logProbs: [...(await run.logProbs())],
    detection: await run.detect(),
    logits: await all(ids.map((_, pos) => run.logits(pos))),
    top: tokens.map(({ id }) => id),
    rank: target?.rank,
    on,
    head: (await model.ablate({ on, heads: ['0.1'] })).lossIncrease,
    mlp: (await model.ablate({ on, mlps: [1] })).lossIncrease,
    components,
    values: values.map((row) => [...row]),
  };
  model.free();
  return found;
}
