// Tests where definitions of one kind of head disagree, and which head each ranks first.
import assert from 'node:assert/strict';
import test from 'node:test';
import { agreement, disagree, firstBy } from '../../www/figures/definitions.js';

const THRESHOLDS = { active: 0.4, fraction: 0.3, mean: 0.4 };

test('definitions disagree when one names a head and another does not, unless its baseline passes', () => {
  /** @param {number} dominant @param {number} mean @param {number} uniform */
  const told = (dominant, mean, uniform) =>
    agreement(
      [
        { id: 'dominant-previous', value: dominant, uniform },
        { id: 'mean-previous', value: mean, uniform: 0.1 },
        { id: 'detect-previous-mul', value: 0.3, uniform: 0.1 },
      ],
      THRESHOLDS,
    );
  assert.equal(disagree(told(0.5, 0.5, 0.1)), false);
  assert.equal(disagree(told(0.5, 0.3, 0.1)), true);
  assert.equal(disagree(told(0.5, 0.3, 0.35)), false);
  assert.deepEqual(
    told(0.5, 0.3, 0.1).votes.map(({ id }) => id),
    ['dominant-previous', 'mean-previous'],
  );
});

test('mul disagrees where it is not above uniform attention and another speaks for the head', () => {
  /** @param {number | null} matching @param {number} mul @param {number} without with the BOS excluded */
  const told = (matching, mul, without) =>
    agreement(
      [
        { id: 'matching-duplicate', value: matching, uniform: 0.2 },
        { id: 'detect-duplicate-mul', value: mul, uniform: 0.1 },
        { id: 'detect-duplicate-mul-bos', value: without, uniform: 0.1 },
        { id: 'detect-duplicate-abs', value: -0.5, uniform: 0.1 },
      ],
      THRESHOLDS,
    );
  // Named, and by mul no more than uniform attention.
  assert.equal(told(0.5, 0.1, 0.15).atUniform, true);
  // Nothing but the options differ: what is left beside the BOS is all on the duplicates.
  assert.equal(told(0.1, 0.05, 0.6).atUniform, true);
  assert.equal(told(0.1, 0.15, 0.6).atUniform, false);
  assert.equal(told(0.1, 0.05, 0.15).atUniform, false, 'a little above uniform attention speaks for nobody');
  assert.deepEqual(
    told(null, 0.3, 0.3).ratios.map(({ id, times }) => [id, Math.round(times)]),
    [
      ['detect-duplicate-mul', 3],
      ['detect-duplicate-mul-bos', 3],
    ],
  );
  assert.equal(disagree(told(0.5, 0.1, 0.15)), true);
  const undefinedHere = agreement(
    [
      { id: 'detect-induction-mul', value: 0, uniform: 0 },
      { id: 'strict', value: 0.9, uniform: 0.01 },
    ],
    THRESHOLDS,
  );
  assert.equal(undefinedHere.atUniform, false, 'a text without repeats says nothing about either');
});

test('definitions that rank the same head first stand together', () => {
  const first = firstBy([
    {
      id: 'strict',
      scores: [
        [0.1, 0.2],
        [0.9, null],
      ],
    },
    {
      id: 'matching-induction',
      scores: [
        [0.1, 0.5],
        [0.4, null],
      ],
    },
    {
      id: 'detect-induction-mul',
      scores: [
        [0.1, 0.3],
        [0.2, null],
      ],
    },
    {
      id: 'detect-induction-abs',
      scores: [
        [-0.5, -0.1],
        [-0.3, null],
      ],
    },
    {
      id: 'stripe',
      scores: [
        [null, null],
        [null, null],
      ],
    },
    {
      id: 'dominant-first',
      scores: [
        [0, 0],
        [0, 0],
      ],
    },
  ]);
  assert.deepEqual(first, [
    { head: '0.1', ids: ['matching-induction', 'detect-induction-mul', 'detect-induction-abs'] },
    { head: '1.0', ids: ['strict'] },
  ]);
});

test('the two stripes disagree where one is twice the other and above the floor', () => {
  /** @param {number} stripe @param {number} strict */
  const told = (stripe, strict) =>
    agreement(
      [
        { id: 'stripe', value: stripe, uniform: 0.0136 },
        { id: 'strict', value: strict, uniform: 0.0133 },
      ],
      THRESHOLDS,
    ).stripes;
  assert.deepEqual(
    [told(0.24, 0.091), told(0.9, 0.92), told(0.01, 0.001), told(0.024, 0.0091), told(0.1, 0.3)],
    [true, false, false, false, true],
  );
});
