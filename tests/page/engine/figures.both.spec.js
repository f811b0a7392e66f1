// The engine's figures in a browser on both backends: two fixtures of different kinds, and the default model
// against itself. figures.spec.js has the other fixtures, on the CPU.
import { expect, test } from './bare.js';
import { holdsFixture } from './fixture_figures.js';
import { expectClose } from './tensors.js';

for (const name of ['planted_f16_12heads', 'random_3layer_ln_standard']) holdsFixture(name);

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
