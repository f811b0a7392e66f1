// Unusable weights and input: each gets its code, and the engine goes on.
import { expect, fixtureBytes, fixtureJson, test } from './bare.js';

const NAME = 'random_1layer';

test('a checkpoint that is none, is cut short, or does not fit its configuration', async ({ shared }) => {
  const whole = fixtureBytes(`${NAME}.weights.safetensors`);
  const config = fixtureJson(`${NAME}.config.json`);
  const nan = Buffer.from(whole);
  nan.writeFloatLE(NaN, nan.length - 4);
  /** @type {[string, Buffer, object | undefined][]} */
  const cases = [
    ['CheckpointFormat', Buffer.from('this is a text and no checkpoint'), config],
    ['CheckpointFormat', whole.subarray(0, whole.length >> 1), config],
    ['CheckpointFormat', Buffer.alloc(0), config],
    ['NonFiniteWeight', nan, config],
    ['KeysMismatch', whole, { ...config, d_head: 16 }],
    ['KeysMismatch', whole, { ...config, n_layers: 2 }],
    ['ConfigInvalid', whole, { ...config, n_heads: 'four' }],
  ];
  const files = cases.map(([, bytes, given]) => ({ bytes: bytes.toString('base64'), config: given }));
  const found = await shared.evaluate(
    async ({ files }) => {
      const before = workers.length;
      const errors = [];
      for (const { bytes, config } of files) {
        const weights = new Blob([Uint8Array.from(atob(bytes), (letter) => letter.charCodeAt(0))]);
        errors.push(await rejection(hs.loadModel({ weights, config })));
      }
      // A tokenizer at fault leaves the model, which then runs on ids.
      const model = await hs.loadModel({
        weights: 'fixtures/random_1layer.weights.safetensors',
        config: files[0].config,
        tokenizer: new Blob(['{"model": 1}']),
      });
      const { tokenizerFault, hasTokenizer } = model;
      errors.push(await rejection(model.run('a text')));
      const { seq } = await model.run(new Uint32Array([1, 2, 3]));
      return { errors, tokenizerFault, hasTokenizer, seq, started: workers.length - before };
    },
    { files },
  );
  expect(found.errors.map((error) => error?.name)).toEqual([
    ...cases.map(([code]) => code),
    'TokenizerInvalid',
  ]);
  expect(found).toMatchObject({ hasTokenizer: false, seq: 3 });
  expect(found.tokenizerFault).toMatch(/tokenizer\.json: data did not match/);
  for (const error of found.errors) expect(error?.message).toMatch(/\w+ \w+/);
  expect(found.errors[4]?.data).toMatchObject({
    misshaped: expect.arrayContaining([
      { tensor: 'blocks.0.attn.W_Q', expected: [4, 48, 16], found: [4, 48, 12] },
    ]),
  });
  expect(found.started, 'a file that is refused costs no worker').toBe(0);
});

test('input that a model cannot run, and questions that a run cannot answer', async ({ shared }) => {
  const found = await shared.evaluate(async () => {
    const before = workers.length;
    const { n_ctx, d_vocab, n_layers, n_heads } = model.config;
    const run = await model.run('Two tokens');
    const single = await model.run([1]);
    const long = await model.run('a b c d e '.repeat(n_ctx));
    return {
      codes: [
        await rejection(model.run([])),
        await rejection(model.run('', { prependBos: false })),
        await rejection(model.run([d_vocab])),
        await rejection(model.run(Array(n_ctx + 1).fill(1))),
        await rejection(run.pattern(n_layers, 0)),
        await rejection(run.pattern(0, n_heads)),
        await rejection(run.residual(n_layers, 'pre')),
        await rejection(run.logits(run.seq)),
      ].map((error) => error?.name),
      single: {
        logProbs: (await single.logProbs()).length,
        pattern: [...(await single.pattern(0, 0))],
        detection: await single.detect(),
      },
      n_ctx,
      longSeq: long.seq,
      dropped: long.dropped,
      rest: 'a b c d e '.repeat(n_ctx).length,
      started: workers.length - before,
    };
  });
  expect(found.codes).toEqual([
    'EmptyInput',
    'EmptyInput',
    'TokenOutOfRange',
    'TooManyTokens',
    'HeadOutOfRange',
    'HeadOutOfRange',
    'HeadOutOfRange',
    'PositionOutOfRange',
  ]);
  expect(found.single.logProbs).toBe(0);
  expect(found.single.pattern).toEqual([1]);
  expect(found.single.detection.mean.current[0][0]).toBe(1);
  for (const undefinedHere of [
    found.single.detection.mean.previous,
    found.single.detection.token_matching.induction,
  ]) {
    expect(undefinedHere.flat().every((score) => score === null)).toBe(true);
  }
  expect(found.longSeq).toBe(found.n_ctx);
  expect(found.dropped).toBeGreaterThan(0);
  expect(found.dropped).toBeLessThan(found.rest);
  expect(found.started, 'a refusal costs no worker').toBe(0);
});

test('any text runs: lone surrogates, NUL, right-to-left, markup, emoji', async ({ shared }) => {
  const seqs = await shared.evaluate(async () => {
    const texts = [
      'a\ud800b',
      '\udc00',
      'nul\0nul',
      'שלום עולם',
      '<script>alert(1)</script>',
      '👩‍👩‍👧 family',
      '\u202eright',
      ' \n\t ',
    ];
    const seqs = [];
    for (const text of texts) {
      const run = await model.run(text);
      const pattern = await run.pattern(0, 0);
      seqs.push(
        run.seq === run.pieces.length && pattern.length === run.seq ** 2 && pattern.every(Number.isFinite)
          ? run.seq
          : 0,
      );
    }
    return seqs;
  });
  for (const seq of seqs) expect(seq).toBeGreaterThan(1);
});
