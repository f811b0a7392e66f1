// A real model on the CPU in Chromium, by the hub's route: the known answers, and the memory it takes.
import { close, expectClose, readSafetensors } from '../engine/tensors.js';
import { BYTES, EXPECTED, expect, REPO, TENSORS, test } from './smollm2.js';

const MIB = 1 << 20;

/** The reference computes in f32 too, and differs by 7e-5 from other code; log-probabilities add up more. */
const LOG_PROB = 2e-3;
/** Patterns of 30 layers are of streams that differ in their last bits. */
const PATTERN = 1e-3;

test('SmolLM2-135M: its answers, its induction heads, and what their ablation costs', async ({ real }) => {
  const reference = readSafetensors(TENSORS);
  const tensor = (/** @type {string} */ key) => {
    const found = reference.get(key);
    if (!found) throw new Error(`the reference has no ${key}`);
    return found;
  };
  const flatTokens = Array.from(tensor('repeated.tokens').data);
  const [rows, length] = tensor('repeated.tokens').shape;
  const tokens = Array.from({ length: rows }, (_, row) => flatTokens.slice(row * length, (row + 1) * length));
  const { repeated, text } = EXPECTED;
  /** @type {[string, number][]} */ const ranked = repeated.ranking;
  /** @type {[string, number][]} */ const next = EXPECTED.next_token;
  const five = ranked.slice(0, 5).map(([head]) => head);
  const patterns = ['0.0', '11.1', '16.0', '17.3', '18.6', '29.8'];
  const found = await real.evaluate(
    async ({ repo, text, tokens, five, patterns }) => {
      const hs = await Headscope.open({ backend: 'cpu' });
      const model = await hs.loadModel(repo);
      const loaded = (await hs.memory()).wasm;
      // The model has a BOS, and the reference's text has none.
      const run = await model.run(text, { prependBos: false });
      const figures = {
        keys: model.keys,
        sha256: model.sha256,
        config: model.config,
        ids: [...run.ids],
        pieces: run.pieces,
        logProbs: [...(await run.logProbs())],
        lastLogits: [...(await run.logits(run.seq - 1))],
        predictions: await run.predictions(run.seq - 1, 5),
        patterns: await Promise.all(
          patterns.map(async (name) => {
            const [layer, head] = name.split('.').map(Number);
            return [...(await run.pattern(layer, head))];
          }),
        ),
        detection: await run.detect(),
      };
      run.free();
      const on = await model.repeated({ tokens });
      const off = await model.ablate({ on, heads: five });
      const one = await model.ablate({ on, heads: ['16.0'] });
      return {
        ...figures,
        on,
        off,
        one: one.lossIncrease,
        loaded,
        wasm: (await hs.memory()).wasm,
      };
    },
    { repo: REPO, text, tokens, five, patterns },
  );

  expect(found.sha256).toBe(EXPECTED.weights_sha256);
  expect(found.config).toMatchObject({
    n_layers: 30,
    n_heads: 9,
    n_key_value_heads: 3,
    normalization_type: 'RMS',
  });
  expect(found.ids).toEqual(Array.from(tensor('tokens').data));
  expect(found.pieces).toEqual(EXPECTED.pieces);
  expectClose('log_probs', found.logProbs, tensor('log_probs'), LOG_PROB);
  expectClose('last_logits', found.lastLogits, tensor('last_logits'), LOG_PROB);
  for (const [at, name] of patterns.entries())
    expectClose(`pattern.${name}`, found.patterns[at], tensor(`pattern.${name}`), PATTERN);

  expect(found.predictions.target).toBeNull();
  expect(found.predictions.tokens.map(({ piece }) => piece)).toEqual(next.map(([piece]) => piece));
  expect(found.predictions.tokens[0].piece).toBe(' Mary');
  close(
    'probabilities',
    found.predictions.tokens.map(({ probability }) => probability),
    next.map(([, probability]) => probability),
    LOG_PROB,
  );
  for (const kind of /** @type {const} */ (['current', 'previous', 'first']))
    expect(found.detection.dominant[kind].heads, kind).toEqual(EXPECTED.detectors[kind].heads);

  close(
    'log-probabilities of repeated tokens',
    found.on.logProbs.flat(),
    Array.from(tensor('repeated.log_probs').data),
    LOG_PROB,
  );
  close('strict', found.on.strict, repeated.induction_strict, PATTERN);
  const ranking = found.on.strict
    .flatMap((row, layer) => row.map((score, head) => ({ name: `${layer}.${head}`, score })))
    .sort((left, right) => right.score - left.score);
  expect(ranking.slice(0, 10).map(({ name }) => name)).toEqual(ranked.slice(0, 10).map(([head]) => head));
  expect(ranking.slice(0, 5).map(({ name }) => name)).toEqual(['18.6', '17.3', '17.5', '17.4', '20.6']);
  close('the second copy', [found.on.meanSecond], [repeated.mean_log_prob_second_half], LOG_PROB);
  const increase = repeated.zero_ablation_loss_increase;
  close('the loss', [found.off.loss - found.off.lossIncrease], [repeated.loss], LOG_PROB);
  close('the five ablated', [found.off.lossIncrease], [increase[five.join('+')]], LOG_PROB);
  close('16.0 ablated', [found.one], [increase['16.0']], LOG_PROB);

  expect(found.loaded, 'the heap after loading').toBeLessThanOrEqual(BYTES + 128 * MIB);
  expect(found.wasm, 'the heap at its largest').toBeLessThanOrEqual(BYTES + 128 * MIB);
});
