// The experiments on both backends: two models of different kinds, and what an experiment refuses.
// experiments.spec.js has the other models, on the CPU.
import { expect, test } from './bare.js';
import { holdsExperiments } from './experiment_figures.js';

for (const name of ['planted_f16', 'random_3layer_ln_standard']) holdsExperiments(name);

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
  const { found, layers, increase, started } = await shared.evaluate(async () => {
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
      'three targets': () => model.attribution(run, { target: any([1, 2, 3]) }),
      'a layer of an MLP that is no number': () => model.ablate({ on: run, mlps: any(['first']) }),
      'one layer to compose': () => model.composition({ layers: any([1]) }),
      'a layer to compose that is no number': () => model.composition({ layers: any([0, 'last']) }),
      'a name for a list': () => model.copying(any('1.4')),
      'another model’s run to ablate on': () => model.ablate({ on: foreign, heads: ['0.0'] }),
      'another model’s run to attribute': () => model.attribution(foreign),
      'neither text nor ids': () => model.run(any(undefined)),
    };
    /** @type {Record<string, string | undefined>} */ const found = {};
    for (const [what, call] of Object.entries(calls)) found[what] = (await rejection(call()))?.name;
    const nothing = await model.ablate({ on: run });
    const layers = { refused: '', late: '' };
    layers.refused = (await rejection(model.composition({ layers: [0, 9] })))?.name ?? '';
    layers.late = (await rejection(model.composition({ layers: [1, 0] })))?.name ?? '';
    other.free();
    return { found, layers, increase: nothing.lossIncrease, started: workers.length - before };
  });
  expect(increase, 'without heads and MLPs nothing is ablated').toBe(0);
  expect(layers).toEqual({ refused: 'HeadOutOfRange', late: 'NotDefined' });
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
