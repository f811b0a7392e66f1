// The engine's figures in a browser, against TransformerLens in float64 and against each other.
import { expect, FIXTURES, fixtureBytes, fixtureJson, test } from './bare.js';
import { expectClose, readSafetensors, TOLERANCE } from './tensors.js';

// The weights are torch's files; experiments.both.spec.js loads the same weights as safetensors.
for (const name of FIXTURES) {
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

test('the default model: small pictures, the mean, and the tokens agree with the patterns', async ({
  shared,
  backend,
}) => {
  const text = 'Mr Dursley met Mrs Dursley, and Mr Dursley met his son. '.repeat(6);
  const found = await shared.evaluate(async (text) => {
    const run = await model.run(text);
    const { n_layers, n_heads } = model.config;
    const patterns = [];
    for (let layer = 0; layer < n_layers; layer++) {
      for (let head = 0; head < n_heads; head++) patterns.push([...(await run.pattern(layer, head))]);
    }
    const { side, cells } = await run.thumbnails();
    const last = await run.thumbnails([n_layers - 1]);
    const from = run.seq - 2;
    const rows = [
      await run.pattern(1, 0, 'value'),
      await run.pattern(1, 0, 'value', from),
      await run.meanPattern(from),
    ];
    const refused = [run.thumbnails([n_layers]), run.pattern(0, 0, 'attention', run.seq)].map((call) =>
      call.then(
        () => 'nothing',
        (error) => error.name,
      ),
    );
    const bare = await model.run(text, { prependBos: false });
    return {
      seq: run.seq,
      pieces: run.pieces,
      ids: [...run.ids],
      encoded: [...(await model.encode(text)).ids],
      bareIds: [...bare.ids],
      timing: run.timing,
      patterns,
      mean: [...(await run.meanPattern())],
      side,
      cells: [...cells],
      last: [...last.cells],
      rows: rows.map((part) => [...part]),
      refused: await Promise.all(refused),
      cellsAreBytes: cells instanceof Uint8Array,
    };
  }, text);
  const { seq, side, patterns, cells } = found;
  expect(seq).toBeGreaterThan(65);
  expect(side).toBe(64);
  expect(found.cellsAreBytes).toBe(true);
  expect(found.ids.slice(1)).toEqual(found.encoded);
  expect(found.bareIds).toEqual(found.encoded);
  expect(found.pieces.slice(1).join('')).toBe(text);
  if (backend === 'webgpu') {
    expect(found.timing.dispatches).toBeGreaterThan(0);
    expect(found.timing.bytes_read).toBeGreaterThan(0);
  }

  expect(found.last).toEqual(cells.slice(cells.length / 2));
  const [weighted, end, endOfMean] = found.rows;
  expect(end).toEqual(weighted.slice((seq - 2) * seq));
  expect(endOfMean).toEqual(found.mean.slice((seq - 2) * seq));
  expect(found.refused).toEqual(['HeadOutOfRange', 'PositionOutOfRange']);

  const mean = Array(seq * seq).fill(0);
  const start = (/** @type {number} */ cell) => Math.floor((cell * seq) / side);
  patterns.forEach((pattern, at) => {
    for (let query = 0; query < seq; query++) {
      const row = pattern.slice(query * seq, (query + 1) * seq);
      expect(row.slice(0, query + 1).reduce((sum, weight) => sum + weight, 0)).toBeCloseTo(1, 4);
      expect(row.slice(query + 1).every((weight) => weight === 0)).toBe(true);
      row.forEach((weight, key) => (mean[query * seq + key] += weight / patterns.length));
    }
    const pooled = [];
    for (let query_cell = 0; query_cell < side; query_cell++) {
      for (let key_cell = 0; key_cell < side; key_cell++) {
        let top = 0;
        for (let query = start(query_cell); query < start(query_cell + 1); query++) {
          for (let key = start(key_cell); key < start(key_cell + 1); key++)
            top = Math.max(top, pattern[query * seq + key]);
        }
        pooled.push(255 * top);
      }
    }
    const picture = cells.slice(at * side * side, (at + 1) * side * side);
    // A cell is a whole number, rounded either way.
    expectClose(`thumbnail ${at}`, picture, { shape: [side, side], data: pooled }, 1.01);
  });
  expectClose('mean pattern', found.mean, { shape: [seq, seq], data: mean }, 1e-5);
});

test('an edited text gives what it gives alone, whatever was kept of the run before', async ({ shared }) => {
  const { edited, alone } = await shared.evaluate(async () => {
    const text = 'The quick brown fox jumps over the lazy dog, and the quick brown fox jumps again.';
    const figures = async (/** @type {string[]} */ ...texts) => {
      // A model that was just loaded has no run to reuse.
      const model = await hs.loadModel('default');
      let run = await model.run(texts[0]);
      for (const next of texts.slice(1)) run = await model.run(next);
      const { n_layers, n_heads } = model.config;
      const figures = {
        logProbs: [...(await run.logProbs())],
        pattern: [...(await run.pattern(n_layers - 1, n_heads - 1))],
        resid: [...(await run.residual(n_layers - 1, 'post'))],
        reused: run.timing.reused,
      };
      model.free();
      return figures;
    };
    const edited = await figures(text, text.replace('lazy', 'very lazy'));
    return { edited, alone: await figures(text.replace('lazy', 'very lazy')) };
  });
  expect(edited.reused).toBeGreaterThan(0);
  expect(alone.reused).toBe(0);
  for (const key of /** @type {const} */ (['logProbs', 'pattern', 'resid'])) {
    expectClose(key, edited[key], { shape: [alone[key].length], data: alone[key] }, 1e-5);
  }
});

/** A configuration's fields that the engine reports. @param {Record<string, unknown>} config */
function pick({
  n_layers,
  n_heads,
  d_model,
  d_head,
  n_ctx,
  d_vocab,
  normalization_type,
  positional_embedding_type,
}) {
  return {
    n_layers,
    n_heads,
    d_model,
    d_head,
    n_ctx,
    d_vocab,
    normalization_type,
    positional_embedding_type,
  };
}

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
