// The stripes: on one sequence by hand, over all sequences, and where the two measures disagree.
import assert from 'node:assert/strict';
import test from 'node:test';
import { verdictWords } from '../../www/figures/scores.js';
import { engineWords, overWords, stripeNull, stripesApart, stripesOn } from '../../www/figures/stripes.js';

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

/** @param {number} draws @returns {any} */
const repeated = (draws) => ({
  tokens: Array.from({ length: draws }, () => [...IDS]),
  stripe: [[0.6875], [0.35]],
  strict: [[0.75], [0.1]],
  sd: [[0.02], [0]],
  stripeSd: [[0.01], [0]],
});

test('both stripes of a draw have their formula, their null line and what all draws come to', () => {
  const [stripe, strict] = stripesOn({ ids: IDS, weights: WEIGHTS, head: '0.0' }, repeated(3));
  assert.deepEqual(
    [stripe.audit.formula, strict.audit.formula],
    ['2.75 / 4 cells = 0.688', '1.50 / 2 cells = 0.750'],
  );
  assert.ok(Math.abs(Number(strict.nullLine) - (1 / 4 + 1 / 5) / 2) < 1e-7);
  assert.ok(Math.abs(Number(stripe.nullLine) - (1 / 2 + 1 / 3 + 1 / 4 + 1 / 5) / 4) < 1e-7);
  assert.equal(stripeNull('strict', repeated(1)), strict.nullLine);
  assert.deepEqual(
    [stripe, strict].map(({ over }) => over && overWords(over)),
    ['0.688 ± 0.010 over 3 draws', '0.750 ± 0.020 over 3 draws'],
  );
  assert.equal(
    verdictWords(strict.score, strict.audit.value, strict.nullLine, THRESHOLDS),
    '0.750 > 0.40: the head is named',
  );
});

test('a single draw has no spread, and is held against the engine’s own figure', () => {
  const [, strict] = stripesOn({ ids: IDS, weights: WEIGHTS, head: '0.0' }, repeated(1));
  assert.ok(strict.over);
  assert.equal(overWords(strict.over), '0.750, this draw is the only one');
  assert.match(engineWords(strict.audit.value, strict.over), /^It says 0\.750 too/);
  assert.match(engineWords(0.7, strict.over), /differs from 0\.7000/);
  assert.equal(stripesOn({ ids: IDS, weights: WEIGHTS, head: '0.0' }, null)[0].over, null);
});

test('the two disagree where one is twice the other', () => {
  assert.deepEqual(
    [...stripesApart(repeated(2), { ...THRESHOLDS, mean: 0.9 })],
    [['1.0', 'notebook’s 0.350, strict 0.100']],
  );
});
