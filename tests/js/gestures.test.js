// What each gesture asks the engine for: nothing is computed twice.
import assert from 'node:assert/strict';
import test from 'node:test';
import { shownThumbnails } from '../../www/state/state.js';
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
