// Tests the stripes: on one sequence by hand, over all sequences, and where the two disagree.
import assert from 'node:assert/strict';
import test from 'node:test';
import { scoreOf } from '../../www/figures/scores/index.js';
import {
  engineStripeWords,
  overWords,
  stripesApart,
  stripesOn,
  uniformStripe,
} from '../../www/figures/stripes.js';
import { verdictWords } from '../../www/figures/verdict_words.js';

const THRESHOLDS = { active: 0.4, fraction: 0.3, mean: 0.4 };

/**
 * `[BOS, x, x]` of two tokens, and a head that looks at the stripe from the second copy, else at the BOS.
 */
const IDS = Uint32Array.of(0, 7, 8, 7, 8);
const WEIGHTS = Float32Array.from(
  [
    [1, 0, 0, 0, 0],
    [1, 0, 0, 0, 0],
    [0.75, 0.25, 0, 0, 0],
    [0, 0, 1, 0, 0],
    [0, 0, 0, 0.5, 0.5],
  ].flat(),
);

/** @param {number} sequences @returns {any} */
const repeated = (sequences) => ({
  tokens: Array.from({ length: sequences }, () => [...IDS]),
  stripe: [[0.6875], [0.35]],
  strict: [[0.75], [0.1]],
  sd: [[0.02], [0]],
  stripeSd: [[0.01], [0]],
});

test('both stripes of a sequence have a formula, a uniform baseline and a mean over all sequences', () => {
  const [stripe, strict] = stripesOn({ ids: IDS, weights: WEIGHTS, head: '0.0' }, repeated(3));
  assert.deepEqual(
    [stripe.audit.formula, strict.audit.formula],
    ['2.75 / 4 cells = 0.688', '1.50 / 2 cells = 0.750'],
  );
  assert.ok(Math.abs(Number(strict.uniform) - (1 / 4 + 1 / 5) / 2) < 1e-7);
  assert.ok(Math.abs(Number(stripe.uniform) - (1 / 2 + 1 / 3 + 1 / 4 + 1 / 5) / 4) < 1e-7);
  assert.equal(uniformStripe(scoreOf('strict'), repeated(1)), strict.uniform);
  assert.deepEqual(
    [stripe, strict].map(({ over }) => over && overWords(over)),
    ['0.688 ± 0.010 over 3 sequences', '0.750 ± 0.020 over 3 sequences'],
  );
  assert.equal(
    verdictWords(strict.score, strict.audit.value, strict.uniform, THRESHOLDS),
    '0.750 > 0.40: the head is named',
  );
});

test('a single sequence has no spread, and is compared with the engine’s own figure', () => {
  const [, strict] = stripesOn({ ids: IDS, weights: WEIGHTS, head: '0.0' }, repeated(1));
  assert.ok(strict.over);
  assert.equal(overWords(strict.over), '0.750, the only sequence');
  assert.equal(engineStripeWords(strict.audit.value, strict.over), 'Computed independently: 0.750 ✓');
  assert.equal(
    engineStripeWords(0.7, strict.over),
    'Computed independently: 0.7500 ✗ (0.7000 from the pattern)',
  );
  assert.equal(stripesOn({ ids: IDS, weights: WEIGHTS, head: '0.0' }, null)[0].over, null);
});

test('the two disagree where one is twice the other', () => {
  assert.deepEqual(
    [...stripesApart(repeated(2), { ...THRESHOLDS, mean: 0.9 })],
    [['1.0', 'notebook’s 0.350, strict 0.100']],
  );
});
