// The figures of circuits: composition pairs, attribution sums, the path.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import test from 'node:test';
import {
  feeding,
  furthestFromSum,
  layerPairs,
  matrixOf,
  meanPerHead,
  pairsOf,
  strongest,
} from '../../www/figures/circuits.js';
import { attribution } from '../../www/studies/attribution.js';
import { composition } from '../../www/studies/composition.js';
import { copying } from '../../www/studies/copying.js';
import { path } from '../../www/studies/path.js';
import { positions } from '../../www/studies/positions.js';
import { analysedState } from './fixtures.js';

const COMPOSITION = {
  Q: [
    [0.1, 0.2],
    [0.3, 0.4],
  ],
  K: [
    [0.5, 0.1],
    [0.9, 0.3],
  ],
  V: [
    [0, 0],
    [0, 0.7],
  ],
  deeper: [{ from: '1.0', to: '2.1', Q: 0.01, K: 0.8, V: 0.03 }],
  baseline: 0.2,
};

test('pairs come out of matrices, with those of deeper layers, and go back into a matrix', () => {
  const pairs = pairsOf(COMPOSITION);
  assert.equal(pairs.length, 5);
  assert.deepEqual(pairs[2], { from: '0.1', to: '1.0', Q: 0.3, K: 0.9, V: 0 });
  assert.deepEqual(matrixOf(pairs, { from: 0, to: 1 }, 'K', 2), COMPOSITION.K);
  assert.deepEqual(matrixOf(pairs, { from: 1, to: 2 }, 'K', 2), [
    [null, 0.8],
    [null, null],
  ]);
  assert.deepEqual(layerPairs(3), [
    { from: 0, to: 1 },
    { from: 0, to: 2 },
    { from: 1, to: 2 },
  ]);
  assert.deepEqual(layerPairs(1), []);
});

test('the strongest heads and those that feed a head come largest first', () => {
  assert.deepEqual(
    strongest(
      [
        [0.1, 0.9],
        [0.95, 0.2],
      ],
      2,
    ).map(({ name }) => name),
    ['1.0', '0.1'],
  );
  assert.deepEqual(
    strongest(
      [
        [0.1, 0.9],
        [0.95, 0.2],
      ],
      2,
      (name) => name.startsWith('0'),
    ).map(({ name }) => name),
    ['0.1', '0.0'],
  );
  assert.deepEqual(
    feeding(pairsOf(COMPOSITION), '1.0', 5).map(({ from, K }) => [from, K]),
    [
      ['0.1', 0.9],
      ['0.0', 0.5],
    ],
  );
});

test('the fixtures’ attribution adds up to itself, and a missing part is found', () => {
  const { repeated } = JSON.parse(
    readFileSync(new URL('../fixtures/planted_f16.expected.json', import.meta.url), 'utf8'),
  );
  const heads = [0, 1].flatMap((layer) => [0, 1, 2, 3].map((head) => `${layer}.${head}`));
  const components = ['embed', ...heads, 'bias'];
  const values = repeated.logit_attribution.map((/** @type {number[]} */ row) => [...row, 0.5]);
  const logits = values.map((/** @type {number[]} */ row) => row.reduce((sum, value) => sum + value, 0));
  assert.ok(furthestFromSum({ values, logits }) < 1e-9);
  logits[3] += 0.25;
  assert.ok(Math.abs(furthestFromSum({ values, logits }) - 0.25) < 1e-9);
  const means = meanPerHead({ components, values }, 2, 4);
  const sum = values.reduce((/** @type {number} */ sum, /** @type {number[]} */ row) => sum + row[7], 0);
  assert.ok(Math.abs(means[1][2] - sum / values.length) < 1e-12);
});

test('copying and the path wait until the visitor asks, and depend on their settings', () => {
  const state = analysedState({ tab: 'explain', copying: ['1.1', '0.2'] });
  assert.deepEqual(copying.needs(state), [['0.2', '1.1']]);
  assert.equal(copying.needs(analysedState({ tab: 'explain' })), null);
  for (const study of [copying, path])
    assert.deepEqual(
      [study.long, study.shown?.(state), study.shown?.(analysedState({ tab: 'ablate' }))],
      [true, true, false],
    );
  assert.deepEqual(path.needs(state), [50, 10, 0]);
});

test('the path starts at the heads that feed the strongest stripes, each ablated once', async () => {
  /** @type {string[][]} */ const off = [];
  const model = {
    composition: async () => COMPOSITION,
    repeated: async () => ({
      strict: [
        [0.99, 0.1],
        [0.2, 0.8],
      ],
    }),
    ablate: async (/** @type {{ heads: string[] }} */ { heads }) => {
      off.push(heads);
      return {
        lossIncrease: 2,
        strict: [
          [0, 0],
          [0.1, 0.05],
        ],
      };
    },
  };
  /** @type {number[]} */ const done = [];
  const found = await path.perform(
    /** @type {any} */ ({
      model,
      state: analysedState({ tab: 'explain' }),
      signal: new AbortController().signal,
      onProgress: (/** @type {any} */ at) => done.push(at.done),
    }),
  );
  // Head 0.0 has the largest stripe, and no head before it.
  assert.deepEqual(found.induction, [
    { name: '1.1', strict: 0.8 },
    { name: '1.0', strict: 0.2 },
  ]);
  assert.deepEqual(off, [['0.1'], ['0.0']]);
  assert.deepEqual(done, [1, 2]);
  assert.deepEqual(found.edges[0], { from: '0.1', to: '1.1', K: 0.3 });
  assert.equal(found.edges.length, 4);
});

test('with induction heads in two layers only heads of earlier layers feed each', async () => {
  const composition = {
    ...COMPOSITION,
    deeper: [
      { from: '0.0', to: '2.1', Q: 0, K: 0.1, V: 0 },
      { from: '0.1', to: '2.1', Q: 0, K: 0.2, V: 0 },
      { from: '1.0', to: '2.1', Q: 0, K: 0.8, V: 0 },
      { from: '1.1', to: '2.1', Q: 0, K: 0.7, V: 0 },
    ],
  };
  const strict = [
    [0, 0],
    [0.9, 0.1],
    [0.2, 0.95],
  ];
  const model = {
    composition: async () => composition,
    repeated: async () => ({ strict }),
    ablate: async () => ({ lossIncrease: 1, strict }),
  };
  const found = await path.perform(
    /** @type {any} */ ({
      model,
      state: analysedState({ tab: 'explain' }),
      signal: new AbortController().signal,
      onProgress: () => {},
    }),
  );
  assert.deepEqual(
    found.induction.map(({ name }) => name),
    ['2.1', '1.0'],
  );
  assert.deepEqual(
    found.feeding.map(({ name }) => name),
    ['1.0', '1.1', '0.1', '0.0'],
  );
  assert.deepEqual(
    found.edges.map(({ from, to, K }) => [from, to, K]),
    [
      ['1.0', '2.1', 0.8],
      ['1.1', '2.1', 0.7],
      ['0.1', '2.1', 0.2],
      ['0.1', '1.0', 0.9],
      ['0.0', '2.1', 0.1],
      ['0.0', '1.0', 0.5],
    ],
  );
});

test('every study of the circuits can be stopped', async () => {
  /** @type {unknown[]} */ const signals = [];
  const takes =
    (/** @type {unknown} */ value) =>
    async (/** @type {any[]} */ ...given) => {
      signals.push(given.at(-1)?.signal);
      return value;
    };
  const model = {
    attribution: takes({ components: ['bias'], values: [[1]], logits: [1] }),
    positionScores: takes([0.5]),
    composition: takes(COMPOSITION),
    copying: takes({ top1: 1, top5: 1 }),
  };
  const at = /** @type {any} */ ({
    model,
    run: {},
    state: analysedState({ tab: 'explain', copying: ['1.1'] }),
    signal: new AbortController().signal,
    onProgress: () => {},
  });
  for (const study of [attribution, positions, composition, copying]) await study.perform(at);
  assert.equal(signals.length, 4);
  assert.ok(signals.every((signal) => signal instanceof AbortSignal));
});
