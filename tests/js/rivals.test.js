// The rivals' bench: the comparison with float64, the goals, and the exponents of n.
import assert from 'node:assert/strict';
import test from 'node:test';
import { exponent } from '../../tools/bench/rivals/exponents.js';
import { difference, MOST_DIFFERENCE } from '../../tools/bench/rivals/gate.js';
import { judged } from '../../tools/bench/rivals/goals.js';
import { measureRow } from '../../tools/bench/rivals/measure.js';
import { forward, logProbsAt, meanWeight } from '../../tools/bench/rivals/reference.js';
import { ROWS } from '../../tools/bench/rivals/rows.js';
import { TooSlow } from '../../tools/bench/rivals/session.js';

/**
 * @typedef {import('../../tools/bench/rivals/measure.js').Cell} Cell
 * @typedef {import('../../tools/bench/rivals/types').Competitor} Competitor
 * @typedef {import('../../tools/bench/rivals/types').Work} Work
 */

/** @param {string} id @param {number[]} ms @param {Partial<Cell>} [rest] @returns {Cell} */
const cell = (id, ms, rest) => ({
  ...{ id, ms, difference: 0, failed: null, tooSlow: false, memory: { wasm: 0, gpu: 0 } },
  ...rest,
});

/** @param {string} id @param {Cell[]} cells */
const row = (id, cells) => ({ id, label: id, tokens: 62, figures: true, cells });

/** @param {ReturnType<typeof row>[]} rows */
const results = (rows) => ({
  ...{ machine: '', load: 0, date: '', turns: 3, limit: 60, programs: [] },
  rows,
});

/** @param {ReturnType<typeof row>[]} rows @param {string} label */
const goal = (rows, label) => judged(results(rows)).find((one) => one.label === label);

test('a goal takes the median of the ratios of the turns, not the ratio of the medians', () => {
  const rows = [row('62', [cell('ours', [100, 10, 50]), cell('ort', [210, 19, 200])])];
  const found = goal(rows, 'CPU beside ONNX Runtime Web, 62 tokens');
  assert.deepEqual([found?.found, found?.met], ['2.10', 'met']);
});

test('a program that was stopped took at least the limit; that decides nothing when it is too little', () => {
  const stopped = cell('ort-gpu', [], { failed: 'over 60 s', tooSlow: true });
  const label = 'WebGPU beside ONNX Runtime Web, 62 tokens';
  assert.equal(goal([row('62', [cell('ours-gpu', [1000]), stopped])], label)?.met, 'met');
  assert.equal(goal([row('62', [cell('ours-gpu', [30_000]), stopped])], label)?.met, 'no comparison');
});

test('a failure of a rival meets no goal, and one of the engine fails it', () => {
  const label = 'CPU beside ONNX Runtime Web, 62 tokens';
  const wrong = { failed: 'wrong by 1.0e+0' };
  assert.equal(goal([row('62', [cell('ours', [1]), cell('ort', [], wrong)])], label)?.met, 'no comparison');
  assert.equal(goal([row('62', [cell('ours', [], wrong), cell('ort', [9])])], label)?.met, 'not met');
});

test('the exponent of n^p is p', () => {
  const points = /** @type {[number, number][]} */ ([62, 256, 1024].map((n) => [n, 7 * n ** 1.5]));
  assert.ok(Math.abs(Number(exponent(points)) - 1.5) < 1e-9);
  assert.equal(exponent([[62, 1]]), null);
});

/** A model of one head that sees one dimension, small enough for paper. */
const CONFIG = { n_layers: 1, n_heads: 1, d_model: 1, d_head: 1 };
const one = (/** @type {number} */ value) => ({ shape: [1, 1], values: Float32Array.of(value) });
const bias = (/** @type {number} */ value) => ({ shape: [1], values: Float32Array.of(value) });
const WEIGHTS = {
  embed: { shape: [2, 1], values: Float32Array.of(1, 2) },
  positions: { shape: [3, 1], values: Float32Array.of(0, 0, 0) },
  layers: [
    {
      qk: { shape: [1, 2], values: Float32Array.of(1, Math.log(2)) },
      ...{ v: one(1), o: one(3), biasQk: { shape: [2], values: Float32Array.of(0, 0) } },
      ...{ biasV: bias(0), biasO: bias(0.5) },
    },
  ],
  unembed: { shape: [1, 2], values: Float32Array.of(0, 1) },
  biasU: { shape: [2], values: Float32Array.of(0, 0) },
};

test('float64 of a model that fits on paper', () => {
  // Scores of query 1 (token 1, embedded as 2): 2 ln 2 * 1 and 2 ln 2 * 2, so weights 4 and 16 of 20.
  const { stream, patterns } = forward(WEIGHTS, CONFIG, [0, 1]);
  const near = (/** @type {number} */ found, /** @type {number} */ wanted) =>
    assert.ok(Math.abs(found - wanted) < 1e-6, `${found}, not ${wanted}`);
  near(patterns[0][2], 0.2);
  near(patterns[0][3], 0.8);
  assert.equal(patterns[0][1], 0);
  near(stream[1], 2 + 3 * (0.2 * 1 + 0.8 * 2) + 0.5);
  near(stream[0], 1 + 3 + 0.5);
  near(logProbsAt(WEIGHTS, stream, [0, 1], [0])[0], -Math.log(1 + Math.exp(-4.5)));
  near(meanWeight(patterns[0], 0), 0.9);
  near(meanWeight(patterns[0], 1), 0.2);
  near(meanWeight(patterns[0], null), 0.6);
  near(forward(WEIGHTS, CONFIG, [0, 1], 0).stream[1], 2.5);
});

test('a missing figure, a figure that is no number and a list that is too short are wrong', () => {
  const work = ROWS[0].work(0);
  const logProbs = Array(15).fill(-1);
  const wanted = { at: [0, 14], logProbs: [-1, -1], pattern: [1, 0] };
  assert.equal(difference({ logProbs, pattern: [1, 0] }, wanted, work), 0);
  assert.equal(difference({ logProbs, pattern: [1, 0.25] }, wanted, work), 0.25);
  for (const wrong of [
    { logProbs },
    { logProbs, pattern: [1, Number.NaN] },
    { logProbs: logProbs.slice(1), pattern: [1, 0] },
  ])
    assert.ok(!(difference(wrong, wanted, work) <= MOST_DIFFERENCE));
});

/** @type {(id: string) => Competitor} */
const program = (id) => ({ id, label: id, kind: 'cpu', module: 'ours', options: {} });

/**
 * A session whose programs answer as they are told.
 * @param {Record<string, (work: Work) => number[]>} programs
 */
const session = (programs) =>
  /** @type {import('../../tools/bench/rivals/session.js').Session} */ (
    /** @type {unknown} */ ({
      run: async (/** @type {Competitor} */ { id }, /** @type {Work} */ work) => ({
        ...{ ms: 1, memory: { wasm: 0, gpu: 0 } },
        figures: { logProbs: programs[id](work) },
      }),
    })
  );

test('a wrong program, a failed one and a slow one have no times, and the others have all', async () => {
  const right = (/** @type {Work} */ { rows }) => rows[0].slice(1).map((id) => -id);
  const programs = {
    right,
    wrong: (/** @type {Work} */ work) => right(work).map((logProb) => logProb + 0.01),
    // Right on the ids that are compared with float64, and the same figures ever after.
    stale: () => right(ROWS[0].work(0)),
    failing: () => assert.fail('out of memory'),
    slow: () => {
      throw new TooSlow(60_000);
    },
  };
  const names = Object.keys(programs);
  const expect = (/** @type {Work} */ { rows }) => ({ at: [0], logProbs: [-rows[0][1]] });
  const measured = await measureRow(session(programs), ROWS[0], names.map(program), 3, expect, []);
  const told = measured.cells.map(({ failed, ms }) => failed ?? ms.length);
  assert.deepEqual([told[0], told[3], told[4]], [3, 'out of memory', 'over 60 s']);
  assert.match(String(told[1]), /^wrong by 1\.0e-2/);
  assert.match(String(told[2]), /^wrong by/);
  const later = await measureRow(session(programs), ROWS[1], [program('slow')], 1, expect, [measured]);
  assert.equal(later.cells[0].failed, 'not tried: too slow at 16');
});
