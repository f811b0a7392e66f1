// Thumbnails of the layers in view.
import assert from 'node:assert/strict';
import test from 'node:test';
import { reduce } from '../../www/state/state.js';
import { hasThumbnail, layersInView, missingLayers, withLayers } from '../../www/state/thumbnails.js';
import { analysedState } from './fixtures.js';

const DEEP = { nLayers: 30, nHeads: 9 };
const SMALL = { nLayers: 2, nHeads: 3 };

test('all layers are in view as thumbnails, and one beside a map', () => {
  const state = analysedState();
  assert.deepEqual(layersInView(state, SMALL), [0, 1]);
  assert.deepEqual(layersInView(state, DEEP), [0]);
  const previewed = reduce(state, { type: 'preview', head: '7.1' });
  assert.deepEqual(layersInView(previewed, DEEP), [7]);
  const pinned = reduce(previewed, { type: 'lock', head: '12.8' });
  assert.deepEqual(layersInView(pinned, DEEP), [12], 'the row stays at the pinned head');
});

test('what is made is added to, and of all layers there is no list', () => {
  const made = (/** @type {number} */ value, layers = 1) => ({
    side: 1,
    cells: new Uint8Array(2 * layers).fill(value),
  });
  const first = withLayers(null, [1], made(5), 3);
  assert.deepEqual([[...first.cells], [...(first.layers ?? [])]], [[0, 0, 5, 5, 0, 0], [1]]);
  assert.deepEqual(
    [null, '0.0', '1.1', '2.0'].map((head) => hasThumbnail(first, head)),
    [false, false, true, false],
  );
  const two = withLayers(first, [2], made(7), 3);
  assert.deepEqual([...first.cells], [0, 0, 5, 5, 0, 0], 'the state before is left alone');
  const all = withLayers(two, [0], made(9), 3);
  assert.deepEqual([[...all.cells], all.layers], [[9, 9, 5, 5, 7, 7], undefined]);
  assert.deepEqual(withLayers(null, [0, 1, 2], made(1, 3), 3), made(1, 3));
  assert.ok(hasThumbnail(all, null));
});

test('the layers that are missing are those of the run shown', () => {
  const state = analysedState({ grid: 'map' });
  assert.deepEqual(missingLayers(state), []);
  const { result } = state;
  assert.ok(result);
  const of = { side: 1, cells: new Uint8Array(6), layers: new Set([0]) };
  const partial = { ...state, result: { ...result, thumbnails: of }, preview: '1.0' };
  assert.deepEqual(missingLayers(partial), [1]);
  const made = { side: 1, cells: new Uint8Array(6) };
  assert.deepEqual(missingLayers(reduce(partial, { type: 'thumbnails', thumbnails: { of, made } })), []);
  const others = { of: { ...of }, made };
  assert.deepEqual(missingLayers(reduce(partial, { type: 'thumbnails', thumbnails: others })), [1]);
});
