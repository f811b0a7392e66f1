// The experiments in a browser, through the engine's module, against TransformerLens in float64.
import { expect, FIXTURES, fixtureJson, test } from './bare.js';
import { expectClose } from './tensors.js';

/** Means of pattern entries have a smaller tolerance than losses, logits and composition scores. */
const PATTERN_MEAN = 1e-4;
const EXPERIMENT = 1e-3;

for (const name of FIXTURES) {
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

test('the default model: random tokens that repeat, and the head that copies them', async ({ shared }) => {
  const found = await shared.evaluate(async () => {
    const on = await model.repeated({ seqLen: 20, batch: 3, seed: 5 });
    const again = await model.repeated({ seqLen: 20, batch: 3, seed: 5 });
    const other = await model.repeated({ seqLen: 20, batch: 3, seed: 6 });
    const best = on.strict.flat().reduce((best, score, at, all) => (score > all[best] ? at : best), 0);
    const head = `${Math.floor(best / model.config.n_heads)}.${best % model.config.n_heads}`;
    const off = await model.ablate({ on, heads: [head] });
    /** @type {{ done: number, total: number }[]} */ const steps = [];
    const { top1, top5 } = await model.copying([head], {
      onProgress: ({ done, total }) => void steps.push({ done, total }),
    });
    const run = await model.run(on.tokens[0]);
    const [pattern, byValue, byOutput] = await Promise.all(
      /** @type {const} */ (['attention', 'value', 'output']).map((by) => run.pattern(1, 0, by)),
    );
    return {
      on,
      again,
      other,
      off,
      steps,
      top1,
      top5,
      d_vocab: model.config.d_vocab,
      seq: run.seq,
      pattern: [...pattern],
      byValue: [...byValue],
      byOutput: [...byOutput],
    };
  });

  expect(found.on).toEqual(found.again);
  expect(found.other.tokens).not.toEqual(found.on.tokens);
  for (const [bos, ...rest] of found.on.tokens) {
    expect(rest.slice(0, 20)).toEqual(rest.slice(20));
    expect(rest).not.toContain(bos);
  }
  expect(Math.max(...found.on.strict.flat())).toBeGreaterThan(0.4);
  expect(found.on.meanSecond - found.on.meanFirst).toBeGreaterThan(2);
  expect(found.off.lossIncrease).toBeGreaterThan(0);
  expect(found.steps.at(-1)).toEqual({ done: found.d_vocab, total: found.d_vocab });
  expect(found.top5).toBeGreaterThanOrEqual(found.top1);
  // Each column of a weighted pattern is the pattern's column times a norm.
  for (const weighted of [found.byValue, found.byOutput]) {
    const size = (/** @type {number} */ key) =>
      weighted[key * found.seq + key] / found.pattern[key * found.seq + key];
    const last = (found.seq - 1) * found.seq;
    for (let key = 0; key < found.seq; key += 10) {
      expect(weighted[last + key]).toBeCloseTo(found.pattern[last + key] * size(key), 4);
    }
  }
});

test('a long experiment can be stopped, and the engine goes on', async ({ shared }) => {
  const found = await shared.evaluate(async () => {
    const stop = new AbortController();
    let heard = 0;
    const stopped = rejection(
      model.copying(['1.0', '1.1'], {
        signal: stop.signal,
        onProgress: () => {
          heard++;
          stop.abort();
        },
      }),
    );
    const reason = await stopped;
    const on = await model.repeated({ seqLen: 10 });
    const table = new AbortController();
    const halfTable = await rejection(
      model.ablateAll({ on, signal: table.signal, onProgress: ({ done }) => done === 3 && table.abort() }),
    );
    const after = await model.ablate({ on, heads: ['0.1'] });
    return { stopped: reason, heard, halfTable, after: after.lossIncrease };
  });
  expect(found.stopped?.name).toBe('AbortError');
  expect(found.heard).toBe(1);
  expect(found.halfTable?.name).toBe('AbortError');
  expect(found.after).toEqual(expect.any(Number));
});

test('what cannot be done is refused by name, and the next experiment works', async ({ shared }) => {
  const found = await shared.evaluate(async () => {
    const on = await model.repeated({ seqLen: 4 });
    const one = await model.run([5]);
    const gone = await model.run([5, 6]);
    gone.free();
    const name = async (/** @type {Promise<unknown>} */ promise) => (await rejection(promise))?.name;
    return [
      await name(model.repeated({ seqLen: 256 })),
      await name(model.repeated({ seqLen: 1 })),
      await name(model.repeated({ seqLen: 2.5 })),
      await name(model.repeated({ seqLen: 50, batch: 100000 })),
      await name(model.repeated({ batch: 0 })),
      await name(model.repeated({ tokens: [[0, 1, 2, 3, 4]] })),
      await name(model.repeated({ tokens: [[0, 1, 4096, 1, 4096]] })),
      await name(model.ablate({ on, heads: ['2.0'] })),
      await name(model.ablate({ on, heads: ['first'] })),
      await name(model.ablate({ on, heads: [], kind: /** @type {any} */ ('half') })),
      await name(model.ablate({ on: one, heads: [] })),
      await name(model.ablate({ on: gone, heads: [] })),
      await name(model.attribution(one)),
      await name(model.copying([])),
      await name(model.copying(['0.99'])),
      await name(model.repeated({ seqLen: 300_000_000 })),
      await name(model.repeated({ seqLen: 4 })),
    ];
  });
  expect(found).toEqual([
    'TooManyTokens',
    'TooFewTokens',
    'OptionInvalid',
    'BatchTooLarge',
    'EmptyInput',
    'NotRepeated',
    'TokenOutOfRange',
    'HeadOutOfRange',
    'HeadOutOfRange',
    'OptionInvalid',
    'TooFewTokens',
    'Freed',
    'TooFewTokens',
    'EmptyInput',
    'HeadOutOfRange',
    'TooManyTokens',
    undefined,
  ]);
});

test('what no method takes is refused before it gets to the worker, where it would be coerced', async ({
  shared,
}) => {
  const { found, started } = await shared.evaluate(async () => {
    const any = (/** @type {unknown} */ value) => /** @type {any} */ (value);
    const before = workers.length;
    const other = await hs.loadModel({
      weights: 'fixtures/random_1layer.pth',
      config: await (await fetch('fixtures/random_1layer.config.json')).json(),
    });
    const foreign = await other.run([1, 2, 1]);
    const run = await model.run([5, 6, 5]);
    /** @type {Record<string, () => Promise<unknown>>} */ const calls = {
      'a weighting': () => run.pattern(0, 0, any('values')),
      'a place': () => run.residual(0, any('mid')),
      'half a layer': () => run.residual(1.5, 'pre'),
      'a negative layer': () => run.pattern(-1, 0),
      'a negative position': () => run.logits(-1),
      'a threshold of detect': () => run.detect({ active: NaN }),
      'a threshold of ablate': () => model.ablate({ on: run, heads: [], mean: any('0.4') }),
      'nothing to ablate on': () => model.ablate(any({ heads: [] })),
      'no heads': () => model.ablate(any({ on: run })),
      'a name for a list': () => model.copying(any('1.4')),
      'another model’s run to ablate on': () => model.ablate({ on: foreign, heads: ['0.0'] }),
      'another model’s run to attribute': () => model.attribution(foreign),
      'neither text nor ids': () => model.run(any(undefined)),
    };
    /** @type {Record<string, string | undefined>} */ const found = {};
    for (const [what, call] of Object.entries(calls)) found[what] = (await rejection(call()))?.name;
    await run.detect();
    other.free();
    return { found, started: workers.length - before };
  });
  const codes = {
    'half a layer': 'HeadOutOfRange',
    'a negative layer': 'HeadOutOfRange',
    'a negative position': 'PositionOutOfRange',
  };
  expect(found).toEqual({
    ...Object.fromEntries(Object.keys(found).map((what) => [what, 'OptionInvalid'])),
    ...codes,
  });
  expect(started, 'a refusal costs no worker').toBe(0);
});

/** Nested arrays of numbers as one. @param {any} nested @returns {number[]} */
function flat(nested) {
  return Array.isArray(nested) ? nested.flatMap(flat) : [nested];
}

/**
 * @param {string} name
 * @param {unknown} found
 * @param {any} expected nested in the same way
 * @param {number} tolerance
 */
function close(name, found, expected, tolerance) {
  const shape = [];
  for (let part = expected; Array.isArray(part); part = part[0]) shape.push(part.length);
  expectClose(name, flat(found), { shape, data: flat(expected) }, tolerance);
}
