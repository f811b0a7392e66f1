// Small rules of what the page says and draws, each of which was once broken.
import assert from 'node:assert/strict';
import test from 'node:test';
import { wholesOf } from '../../www/base/tokens.js';
import { rowOf } from '../../www/state/problems.js';
import { initial, isForeign, reduce } from '../../www/state/state.js';
import { numberRoom } from '../../www/ui/heatmap.js';
import { factsOf, tableOf } from '../../www/ui/log_prob_chart.js';
import { canZoom, labelStep, whole } from '../../www/ui/viewport.js';
import { analysedState } from './fixtures.js';

/** @type {import('../../www/ui/log_prob_plot.js').LogProbs} */
const LOG_PROBS = {
  mean: [-9, -8, -1, -2],
  one: [-9, -8, -1, -2],
  draws: 2,
  seqLen: 2,
  meanFirst: -8.5,
  meanSecond: -1.5,
  pieces: ['', 'a', 'b', 'a', 'b'],
  subtitle: '',
};

test('a position of the second copy is counted from the beginning of that copy', () => {
  assert.match(factsOf(LOG_PROBS, 2)[0], /^position 2 of the first copy$/);
  assert.match(factsOf(LOG_PROBS, 3)[0], /^position 1 of the second copy$/);
  assert.match(factsOf(LOG_PROBS, 4)[0], /^position 2 of the second copy$/);
});

test('the target token is never called predicted, on the page or in a file', () => {
  const words = [...factsOf(LOG_PROBS, 3), ...tableOf(LOG_PROBS).columns].join(' ');
  assert.match(words, /target token/);
  assert.doesNotMatch(words, /predicted/i);
});

test('numbers along an axis have room for all their digits', () => {
  for (const n of [5, 84, 512, 2048, 1_000_000]) {
    const digits = String(n - 1).length;
    for (const side of [200, 350, 640]) {
      const cellPx = side / n;
      const apart = labelStep(cellPx, numberRoom(n)) * cellPx;
      // A digit of 11 px type is 6.2 px wide at most.
      assert.ok(apart > digits * 6.2 + 4, `${n} tokens on ${side} px: ${apart} px for ${digits} digits`);
    }
  }
});

test('byte tokens show the characters that they make up together, at the last of them', () => {
  const bytes = (/** @type {number[]} */ ...list) => Uint8Array.from(list);
  assert.deepEqual(wholesOf([null, bytes(0xf0, 0x9f), bytes(0x98), bytes(0x80), null]), [
    null,
    null,
    null,
    '😀',
    null,
  ]);
  assert.deepEqual(wholesOf([bytes(0xc3), bytes(0xa9), bytes(0xc3), bytes(0xa8)]), [null, 'é', null, 'è']);
  assert.deepEqual(wholesOf([bytes(0x98), bytes(0x80)]), [null, null], 'no character');
  assert.deepEqual(wholesOf([]), []);
});

test('the wheel zooms only where there is something to zoom', () => {
  assert.equal(canZoom(whole(84), -1, 84), false);
  assert.equal(canZoom(whole(84), 1, 84), true);
  assert.equal(canZoom({ query0: 0, key0: 0, span: 6 }, 1, 84), false);
  assert.equal(canZoom({ query0: 0, key0: 0, span: 6 }, -1, 84), true);
  assert.equal(canZoom(whole(4), 1, 4), false);
});

test('a result under another model’s name is known as foreign', () => {
  const state = analysedState();
  const used = { id: 'default', name: 'm', sha256: 'ab', keys: '', tokenizerNote: null };
  const model = /** @type {any} */ (used);
  assert.equal(isForeign(initial()), false);
  assert.equal(isForeign(reduce(state, { type: 'model', model })), false);
  assert.equal(isForeign(reduce(state, { type: 'model', model: { ...model, sha256: 'cd' } })), true);
});

test('while the model panel is open, a problem of a model is shown in its row', () => {
  const listed = [{ id: 'planted' }, { id: 'default' }];
  const open = { ...analysedState(), library: /** @type {any} */ ({ open: true, listed }) };
  const problem = (/** @type {string} */ code) => ({ code, detail: '' });
  const refused = { ...open, refused: { model: 'planted', edition: 0, half: false, code: 'ModelFetch' } };
  assert.equal(rowOf(refused, problem('ModelFetch')), 'planted');
  assert.equal(rowOf(open, problem('ModelNotHere')), 'default');
  assert.equal(rowOf(open, problem('FileUnknown')), 'own');
  const own = reduce(open, { type: 'open model', model: 'own-0123456789ab' });
  assert.equal(rowOf(own, problem('ConfigNeeded')), 'own');
  assert.equal(rowOf(open, problem('EmptyInput')), null);
  const closed = { ...refused, library: { ...open.library, open: false } };
  assert.equal(rowOf(closed, problem('ModelFetch')), null);
});
