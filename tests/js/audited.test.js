// Tests the marks of a score and the audit that the page shows.
import assert from 'node:assert/strict';
import test from 'node:test';
import { DENOMINATOR, markLevels, markWords, NUMERATOR } from '../../www/figures/marks.js';
import { audited, marksOf } from '../../www/state/audited.js';
import { reduce } from '../../www/state/state.js';
import { analysedState } from './fixtures.js';

const BOTH = NUMERATOR | DENOMINATOR;

test('marks made small keep every bit, and say in words what they are', () => {
  const n = 100;
  const cells = new Uint8Array(n * n);
  for (let query = 1; query < n; query++) cells[query * n + query - 1] = NUMERATOR;
  cells[60 * n + 3] = DENOMINATOR;
  const levels = markLevels(cells, n);
  assert.deepEqual(
    levels.map(({ side, scale }) => [side, scale]),
    [
      [100, 1],
      [50, 2],
      [25, 4],
    ],
  );
  const { side, cells: pooled } = levels[2];
  for (let query = 0; query < side; query++)
    assert.ok(pooled[query * side + query] & NUMERATOR, `block ${query}`);
  assert.equal(pooled[15 * side], DENOMINATOR);
  assert.deepEqual([0, NUMERATOR, DENOMINATOR, BOTH].map(markWords), [
    null,
    'in the numerator',
    'in the denominator only',
    'in the numerator and the denominator',
  ]);
});

test('marks of a long text come a step at a time, once', async () => {
  const n = 700;
  let times = 0;
  const marks = () => {
    times++;
    return new Uint8Array(n * n).fill(DENOMINATOR);
  };
  const found = /** @type {any} */ ({ marks });
  let told = 0;
  /** @type {() => void} */ let made = () => {};
  const done = new Promise((resolve) => (made = () => resolve(undefined)));
  const ready = () => {
    told++;
    made();
  };
  assert.equal(marksOf(found, n, ready), null);
  assert.equal(marksOf(found, n, ready), null);
  assert.equal(times, 0, 'nothing is made in the frame that asks');
  await done;
  assert.deepEqual([times, told], [1, 1]);
  assert.equal(marksOf(found, n, ready)?.[0].side, n);
  const short = /** @type {any} */ ({ marks: () => new Uint8Array(9) });
  assert.equal(marksOf(short, 3, ready)?.length, 1);
});

test('what an audit lacks is told, one thing at a time', () => {
  const at = (/** @type {Partial<import('../../www/state/view.js').View>} */ view) => {
    const found = audited(analysedState(view));
    return 'lacks' in found ? found.lacks : 'nothing';
  };
  assert.equal(at({}), 'no score');
  assert.equal(at({ score: 'nonsense' }), 'unknown');
  assert.equal(at({ score: 'mean-first' }), 'no head');
  assert.equal(at({ score: 'mean-first', head: '0.1' }), 'on its way');
  assert.equal(at({ score: 'mean-first', head: '0.1', weighted: 'value' }), 'weighted');
  assert.equal(at({ score: 'strict', head: '0.1' }), 'not a repeat');
  const state = reduce(analysedState({ score: 'mean-first', head: '0.1' }), {
    type: 'pattern',
    pattern: { head: '0.1', by: 'attention', weights: new Float32Array(100).fill(0.25), max: 1 },
  });
  const found = audited(state);
  assert.ok(!('lacks' in found));
  assert.equal(found.audit.value, 0.25);
  assert.equal(
    audited(reduce(state, { type: 'thresholds', mean: 0.9 })),
    found,
    'a threshold that only judges makes nothing anew',
  );
});
