// Where a head looks, and what changed, on patterns made by hand.
import assert from 'node:assert/strict';
import test from 'node:test';
import { toggled } from '../../www/base/heads.js';
import { atOnce } from '../../www/base/time_slices.js';
import { changesOf } from '../../www/figures/changes.js';
import { didLook, looking } from '../../www/figures/lookups.js';
import { detection } from './fixtures.js';

const IDS = [0, 5, 6, 5, 7, 5];
const N = IDS.length;

/** A pattern whose rows look at one key each. @param {number[]} keys */
function rows(keys) {
  const weights = new Float32Array(N * N);
  keys.forEach((key, query) => (weights[query * N + key] = 1));
  return weights;
}

test('a perfect induction head attends to the expected position at every token that occurred before', () => {
  const found = atOnce(looking(IDS, rows([0, 0, 0, 2, 0, 4])));
  assert.deepEqual([...found.expected], [NaN, NaN, NaN, 1, NaN, 1]);
  assert.deepEqual([...found.places], [0, 0, 0, 1, 0, 2]);
  assert.deepEqual(
    [1, 2, 4].map((query) => didLook(IDS, found, query, 0)),
    [false, false, false],
  );
  for (const query of [3, 5]) assert.ok(didLook(IDS, found, query, 0.4));
});

test('weights on several expected positions add up, and count beside a larger single weight', () => {
  const weights = rows([0, 0, 0, 3, 0, 0]);
  weights.set([0, 0.4, 0.3, 0, 0.3, 0], 5 * N);
  const found = atOnce(looking(IDS, weights));
  assert.deepEqual([...found.top], [0, 0, 0, 3, 0, 1]);
  assert.ok(Math.abs(found.expected[5] - 0.6) < 1e-6);
  assert.ok(!didLook(IDS, found, 3, 0.4));
  assert.ok(didLook(IDS, found, 5, 0.4));
  assert.ok(!didLook(IDS, found, 5, 0.7));
});

test('the largest change is first, an absent score is left out, the strict stripe needs both sides', () => {
  const before = {
    strict: [
      [0, 0, 0],
      [0.9, 0, 0],
    ],
    detect: detection(() => 0.5),
  };
  const after = {
    strict: [
      [0, 0, 0],
      [0.1, 0, 0],
    ],
    detect: detection((layer, head, kind) =>
      kind === 'induction' ? null : kind === 'previous' && layer === 0 && head === 2 ? 0.2 : 0.5,
    ),
  };
  const changes = changesOf(before, after);
  assert.deepEqual(changes[0], {
    head: '1.0',
    what: 'Induction stripe, strict',
    before: 0.9,
    after: 0.1,
    change: 0.1 - 0.9,
  });
  assert.deepEqual(
    changes.slice(1, 3).map(({ head, what }) => `${head} ${what}`),
    ['0.2 Dominant weight: previous', '0.2 Mean score: previous'],
  );
  assert.ok(changes.slice(3).every(({ change }) => change === 0));
  assert.ok(!changes.some(({ what }) => what === 'Token matching: induction'));
  const both = changesOf({ ...before, stripe: before.strict }, { ...after, stripe: after.strict }).map(
    ({ what }) => what,
  );
  assert.deepEqual([...new Set(both.filter((what) => what.startsWith('Induction stripe')))].sort(), [
    'Induction stripe, strict',
    'Induction stripe, the notebook’s',
  ]);
  assert.ok(
    !changesOf({ ...before, strict: null }, after).some(({ what }) => what.startsWith('Induction stripe')),
  );
});

test('a head is added to a list and removed from it, in layer order', () => {
  assert.deepEqual(toggled(['0.7', '1.2'], '1.10'), ['0.7', '1.2', '1.10']);
  assert.deepEqual(toggled(['1.2', '1.10'], '0.11'), ['0.11', '1.2', '1.10']);
  assert.deepEqual(toggled(['0.7', '1.2'], '0.7'), ['1.2']);
});
