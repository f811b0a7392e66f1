// The experiments in a browser, through the engine's module, against TransformerLens in float64.
import { expect, fixtureJson, test } from './bare.js';
import { close } from './tensors.js';

/** Means of pattern entries have a smaller tolerance than losses, logits and composition scores. */
const PATTERN_MEAN = 1e-4;
const EXPERIMENT = 1e-3;

/** A test that holds every experiment on the fixture `name` to its figures. @param {string} name */
export function holdsExperiments(name) {
  test(`${name}: every experiment's figures are TransformerLens'`, async ({ shared }) => {
    const expected = fixtureJson(`${name}.expected.json`).repeated;
    const found = await shared.evaluate(
      async ({ name, tokens }) => {
        const config = await (await fetch(`fixtures/${name}.config.json`)).json();
        const model = await hs.loadModel({ weights: `fixtures/${name}.weights.safetensors`, config });
        const { n_layers, n_heads } = model.config;
        const heads = Array.from(
          { length: n_layers * n_heads },
          (_, at) => `${Math.floor(at / n_heads)}.${at % n_heads}`,
        );
        const on = await model.repeated({ tokens });
        const run = await model.run(tokens[0]);
        const plain = config.normalization_type === null;
        const copying = [];
        if (plain) for (const head of heads) copying.push(await model.copying([head]));
        const found = {
          on,
          zero: (await model.ablateAll({ on })).lossIncrease,
          mean: (await model.ablateAll({ on, kind: 'mean' })).lossIncrease,
          first: await model.ablate({ on, heads: ['0.0'] }),
          none: await model.ablate({ on: run, heads: [] }),
          detection: await run.detect(),
          attribution: await model.attribution(run).then(({ components, values, logits }) => ({
            components,
            values: values.map((row) => [...row]),
            logits: [...logits],
          })),
          composition: await model.composition(),
          between: n_layers > 1 ? await model.composition({ layers: [0, 1] }) : null,
          copying,
          positions: await model.positionScores(),
        };
        model.free();
        return found;
      },
      { name, tokens: expected.tokens },
    );

    expect(found.on.tokens).toEqual(expected.tokens);
    close('logProbs', found.on.logProbs, expected.log_probs, EXPERIMENT);
    close('meanFirst', found.on.meanFirst, expected.mean_log_prob_first_half, EXPERIMENT);
    close('meanSecond', found.on.meanSecond, expected.mean_log_prob_second_half, EXPERIMENT);
    close('stripe', found.on.stripe, expected.induction_stripe, PATTERN_MEAN);
    close('strict', found.on.strict, expected.induction_strict, PATTERN_MEAN);
    close('zero ablation', found.zero, expected.zero_ablation_loss_increase, EXPERIMENT);
    close('mean ablation', found.mean, expected.mean_ablation_loss_increase, EXPERIMENT);
    expect(found.first.lossIncrease).toBe(found.zero[0][0]);
    expect(found.first.strict?.length).toBe(found.on.strict.length);
    expect(found.none).toMatchObject({ lossIncrease: 0, strict: null, detect: found.detection });

    const { components, values, logits } = found.attribution;
    expect(components).toHaveLength(values[0].length);
    close(
      'sums of the attribution',
      values.map((row) => row.reduce((sum, part) => sum + part, 0)),
      logits,
      EXPERIMENT,
    );
    if (!expected.logit_attribution) return;
    const withoutBias = values.map((row) => row.slice(0, -1));
    close('attribution', withoutBias, expected.logit_attribution, EXPERIMENT);
    close(
      'copying',
      found.copying.map(({ top1 }) => top1),
      expected.ov_copying_top1.flat(),
      EXPERIMENT,
    );
    close('positions', found.positions, expected.pos_by_pos_previous, PATTERN_MEAN);
    const { Q, K, V, baseline, deeper } = found.composition;
    expect(deeper).toEqual([]);
    if (found.between) expect(found.between).toEqual(found.composition);
    expect(baseline).toBeGreaterThan(0);
    if (expected.composition)
      close(
        'composition',
        [Q, K, V],
        [expected.composition.Q, expected.composition.K, expected.composition.V],
        EXPERIMENT,
      );
    else expect([Q, K, V]).toEqual([[], [], []]);
  });
}
