// Repeats in a text, against a search that tries every pair of positions.
import assert from 'node:assert/strict';
import test from 'node:test';
import { ngrams, repeats, stepsIn } from '../../www/figures/ngrams.js';

/**
 * The repeats by definition: at each end the longest run that occurred before and cannot continue.
 * @param {number[]} ids
 * @param {number} shortest
 */
function plainly(ids, shortest) {
  const longest = ids.map((_, end) => {
    let best = { length: 0, first: 0 };
    for (let other = end - 1; other >= 0; other--) {
      let length = 0;
      while (length <= other && ids[other - length] === ids[end - length]) length++;
      if (length >= best.length) best = { length, first: other - length + 1 };
    }
    return best;
  });
  return longest.flatMap(({ length, first }, end) =>
    length >= shortest && longest[end + 1]?.length !== length + 1
      ? [{ start: end - length + 1, length, first }]
      : [],
  );
}

test('a repeated phrase is one run, with its first occurrence', () => {
  const ids = [0, 5, 6, 7, 9, 5, 6, 7, 8, 5, 6, 7, 9];
  assert.deepEqual(repeats(ids), [
    { start: 5, length: 3, first: 1 },
    { start: 9, length: 4, first: 1 },
  ]);
  assert.deepEqual(ngrams([...ids, 2, 5, 6, 7, 1]), [
    { first: 1, length: 4, again: [9] },
    { first: 1, length: 3, again: [5, 14] },
  ]);
});

test('nothing repeats where no token does, and an occurrence may overlap the one before', () => {
  assert.deepEqual(repeats([1, 2, 3, 4]), []);
  assert.deepEqual(repeats([]), []);
  assert.deepEqual(repeats([7, 7, 7, 7]), [{ start: 1, length: 3, first: 0 }]);
  assert.deepEqual(repeats([1, 2, 1, 3], 1), [{ start: 2, length: 1, first: 0 }]);
});

test('any text has the same runs as a search of every pair of positions', () => {
  let seed = 1;
  const random = (/** @type {number} */ below) => {
    seed = (seed * 48271) % 2147483647;
    return seed % below;
  };
  for (let round = 0; round < 300; round++) {
    const ids = Array.from({ length: random(40) }, () => random(1 + (round % 6)));
    assert.deepEqual(repeats(ids, 1), plainly(ids, 1), ids.join(' '));
    for (const { first, length, again } of ngrams(ids)) {
      for (const start of again)
        assert.deepEqual(ids.slice(start, start + length), ids.slice(first, first + length));
    }
  }
});

test('a token in two overlapping runs is one token, of the longer run', () => {
  // abcx bcdy abcd: the last run repeats both abc and bcd.
  const said = ngrams([1, 2, 3, 9, 2, 3, 4, 8, 1, 2, 3, 4]);
  assert.deepEqual(
    said.map(({ first, length, again }) => [first, length, again]),
    [
      [0, 3, [8]],
      [4, 3, [9]],
      [1, 2, [4]],
    ],
  );
  assert.deepEqual(stepsIn(said), [
    { query: 8, first: 0 },
    { query: 9, first: 1 },
    { query: 10, first: 5 },
    { query: 4, first: 1 },
  ]);
});

test('the work for 2,048 tokens grows with their number, even if all are the same', (t) => {
  const look = t.mock.method(Map.prototype, 'has').mock;
  assert.deepEqual(repeats(new Uint32Array(2048)), [{ start: 1, length: 2047, first: 0 }]);
  const ids = Array.from({ length: 2048 }, (_, at) => (at % 4 < 2 ? (at >> 2) % 256 : 1000 + at));
  const said = ngrams(ids);
  assert.equal(said.length, 256);
  assert.equal(stepsIn(said).length, 256);
  assert.ok(look.callCount() < 10 * 2048, `${look.callCount()} look-ups`);
});
