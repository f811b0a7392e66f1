// What each gesture asks the engine for: nothing is computed twice.
import assert from 'node:assert/strict';
import test from 'node:test';
import { shownThumbnails } from '../../www/state/state.js';
import { fetchPattern } from '../../www/work/pictures.js';
import { page } from './analysed_page.js';
import { settled } from './settled.js';

test('thumbnails are made of the layers in view, each once', async () => {
  const { emit, pictured, state } = page({ text: 'one', grid: 'map' });
  await settled();
  assert.deepEqual(pictured, ['0 of one']);
  for (const head of ['1.0', '0.2', '1.2', null]) {
    emit({ type: 'preview', head });
    await settled();
  }
  assert.deepEqual(pictured, ['0 of one', '1 of one']);
  assert.deepEqual(
    [...(shownThumbnails(state())?.cells ?? [])],
    [...Array(27).fill(1), ...Array(27).fill(2)],
  );
  emit({ type: 'lock', head: '1.1' });
  emit({ type: 'edit', text: 'two' });
  await settled();
  assert.deepEqual(pictured.slice(2), ['1 of two'], 'the pinned head’s');
  emit({ type: 'set', change: { grid: 'thumbnails' } });
  await settled();
  assert.deepEqual(pictured.slice(3), ['0 of two']);
});

test('looking, pinning and sorting compute nothing, and a threshold is judged by what is kept', async () => {
  const { emit, asked, pictured } = page({ text: 'one' });
  await settled();
  emit({ type: 'preview', head: '1.2' });
  await settled();
  asked.length = pictured.length = 0;
  /** @type {import('../../www/state/state.js').Action[]} */ const gestures = [
    { type: 'lock', head: '1.2' },
    { type: 'preview', head: null },
    { type: 'point', query: 2, key: 1 },
    { type: 'choose', query: 2, key: 1 },
    { type: 'direction', direction: 'from' },
    { type: 'tab', tab: 'scores' },
    { type: 'tab', tab: 'explain' },
    { type: 'sort', column: 'induction' },
    { type: 'set', change: { grid: 'map' } },
    { type: 'lock', head: null },
    { type: 'lock', head: '1.2' },
  ];
  for (const gesture of gestures) {
    emit(gesture);
    await settled();
    assert.deepEqual([asked, pictured], [[], []], JSON.stringify(gesture));
  }
  emit({ type: 'thresholds', mean: 0.5 });
  await settled();
  assert.deepEqual([asked, pictured], [['detect 0.4 of one'], []]);
});

test('of an edited text’s pattern only the rows from the first new token on are made', async () => {
  /** @param {number[]} ids @param {number[]} weights of the rows that are made */
  const runOf = (ids, weights) => {
    /** @type {unknown[]} */ const calls = [];
    const answer = async (/** @type {any[]} */ ...call) => {
      calls.push(call);
      return Float32Array.from(weights);
    };
    const run = /** @type {any} */ ({ ids, seq: ids.length, pattern: answer, meanPattern: answer });
    return { run, calls };
  };
  const known = { ids: Uint32Array.of(1, 2, 3), weights: Float32Array.of(1, 0, 0, 2, 3, 0, 4, 5, 6) };
  const longer = runOf([1, 2, 9, 9], [7, 8, 9, 0, 1, 2, 3, 4]);
  const { weights } = await fetchPattern(longer.run, '0.1', 'attention', '', known);
  assert.deepEqual(longer.calls, [[0, 1, 'attention', 2]]);
  assert.deepEqual([...weights], [1, 0, 0, 0, 2, 3, 0, 0, 7, 8, 9, 0, 1, 2, 3, 4]);
  const shorter = runOf([1, 2], [8, 9]);
  const mean = await fetchPattern(shorter.run, null, 'attention', '', known);
  assert.deepEqual([shorter.calls, [...mean.weights]], [[[1]], [1, 0, 8, 9]]);
  const other = runOf([5], [1]);
  await fetchPattern(other.run, null, 'attention', '', known);
  assert.deepEqual(other.calls, [[0]]);
});
