import assert from 'node:assert/strict';
import test from 'node:test';
import { initial, reduce, shownCell, shownHead, shownToken } from '../../www/state/state.js';
import { DEFAULT_VIEW } from '../../www/state/view.js';
import { analysed } from './fixtures.js';

test('a change makes a new state and leaves the old one; no change is the same state', () => {
  const before = Object.freeze(initial());
  const after = reduce(before, { type: 'edit', text: 'new' });
  assert.equal(before.view.text, DEFAULT_VIEW.text);
  assert.equal(after.view.text, 'new');
  assert.equal(reduce(after, { type: 'edit', text: 'new' }), after);
  assert.equal(reduce(after, { type: 'preview', head: null }), after);
  assert.equal(reduce(after, { type: 'point', query: null, key: null }), after);
});

test('a preview pins no head; Escape clears the cell first, then the head', () => {
  let state = reduce(analysed(initial(), 10), { type: 'lock', head: '1.2' });
  state = reduce(state, { type: 'preview', head: '0.1' });
  assert.equal(shownHead(state), '0.1');
  state = reduce(state, { type: 'preview', head: null });
  assert.equal(shownHead(state), '1.2');
  state = reduce(state, { type: 'choose', query: 5, key: 2 });
  state = reduce(state, { type: 'let go' });
  assert.deepEqual([state.view.query, state.view.head], [null, '1.2']);
  state = reduce(state, { type: 'let go' });
  assert.equal(shownHead(state), null);
});

test('pointing shows a cell over the chosen one', () => {
  let state = reduce(analysed(initial(), 10), { type: 'choose', query: 5, key: 2 });
  assert.deepEqual(shownCell(state), { query: 5, key: 2 });
  state = reduce(state, { type: 'point', query: 7, key: null });
  assert.deepEqual(shownCell(state), { query: 7, key: null });
  assert.equal(shownToken(state), 7);
});

test('the other direction keeps the chosen token on the other side', () => {
  let state = reduce(analysed(initial(), 10), { type: 'choose', query: 5, key: null });
  state = reduce(state, { type: 'direction', direction: 'to' });
  assert.deepEqual([state.view.query, state.view.key, shownToken(state)], [null, 5, 5]);
});

test('a result drops a position or a head that it does not have, and names the head', () => {
  const state = analysed(initial({ head: '7.9', query: 40, key: 3 }), 10);
  assert.deepEqual([state.view.head, state.view.query, state.view.key], [null, null, 3]);
  assert.equal(state.problems[0].code, 'LinkHead');
  assert.match(state.problems[0].detail, /7\.9.*2 layers of 3 heads/);
});

test('a problem of a link outlives its run, and goes with the first edit', () => {
  const state = analysed(initial({}, null, [{ code: 'LinkBroken', detail: '' }]), 10);
  assert.equal(state.problems[0].code, 'LinkBroken');
  assert.deepEqual(reduce(state, { type: 'edit', text: 'again' }).problems, []);
});

test('what a chip, a link or a file replaced can be had back, until the visitor types', () => {
  let state = reduce(initial({ text: 'mine', head: '1.0' }), { type: 'edit', text: 'chip', replaces: true });
  state = reduce(state, { type: 'undo' });
  assert.equal(state.view.text, 'mine');
  assert.equal(state.undo, null);
  const opened = { view: { text: 'of a link' }, shared: null, problems: [] };
  state = reduce(state, { type: 'restore', ...opened, ours: false });
  assert.deepEqual([state.view.text, state.view.head], ['of a link', null]);
  state = reduce(state, { type: 'undo' });
  assert.deepEqual([state.view.text, state.view.head], ['mine', '1.0']);
  assert.equal(reduce(state, { type: 'edit', text: 'typed' }).undo, null);
  assert.equal(reduce(state, { type: 'restore', ...opened, ours: true }).undo, null, 'Forward leads there');
});

test('a failure keeps text and result, and the next good run clears it', () => {
  let state = analysed(initial(), 10);
  state = reduce(state, { type: 'edit', text: 'again' });
  state = reduce(state, { type: 'problem', problem: { code: 'WorkerDied', detail: 'x' } });
  state = reduce(state, { type: 'problem', problem: { code: 'WorkerDied', detail: 'y' } });
  assert.deepEqual(
    state.problems.map(({ code, detail }) => code + detail),
    ['WorkerDiedy'],
  );
  assert.equal(state.view.text, 'again');
  assert.equal(state.result?.seq, 10);
  state = analysed(state, 4, 'again');
  assert.deepEqual(state.problems, []);
});

test('another text removes a problem of the text; a chosen cell shows over a resting pointer', () => {
  let state = reduce(analysed(initial(), 10), {
    type: 'problem',
    problem: { code: 'EmptyInput', detail: '' },
  });
  state = reduce(state, { type: 'edit', text: 'not empty' });
  assert.deepEqual(state.problems, []);
  state = reduce(state, { type: 'point', query: 3, key: 3 });
  state = reduce(state, { type: 'choose', query: 5, key: 2 });
  assert.deepEqual(shownCell(state), { query: 5, key: 2 });
});

test('another text ends the comparison with a link', () => {
  const { text, bos } = DEFAULT_VIEW;
  const shared = { digest: '5.AAAA', found: null, sha: null, text, model: 'default', bos };
  const state = initial({}, shared);
  assert.equal(reduce(state, { type: 'lock', head: '1.1' }).shared, shared);
  assert.equal(reduce(state, { type: 'edit', text: 'x' }).shared, null);
});

test('a restored view has the default of every setting that the link leaves out', () => {
  let state = reduce(initial({ text: 'old', active: 0.9 }), { type: 'lock', head: '1.1' });
  state = reduce(state, { type: 'restore', view: { text: 'from a link' }, shared: null, problems: [] });
  assert.deepEqual(state.view, { ...DEFAULT_VIEW, text: 'from a link' });
});

test('the first click on a figure sorts the largest to the top, the second reverses the order', () => {
  let state = reduce(initial(), { type: 'sort', column: 'mean-first' });
  assert.deepEqual(state.sort, { column: 'mean-first', descending: true });
  state = reduce(state, { type: 'sort', column: 'mean-first' });
  assert.deepEqual(state.sort, { column: 'mean-first', descending: false });
  assert.equal(reduce(state, { type: 'sort', column: 'head' }).sort.descending, false);
});

test('a restored view keeps the problem of its text if the text is the same, and drops it otherwise', () => {
  const problem = { code: 'EmptyInput', detail: 'The text box is empty.' };
  const stuck = reduce(initial({ text: '' }), { type: 'problem', problem });
  /** @param {string} text */
  const restored = (text) =>
    reduce(stuck, { type: 'restore', view: { text, tab: 'find' }, shared: null, problems: [] }).problems;
  assert.deepEqual(restored(''), [problem]);
  assert.deepEqual(restored('a word'), []);
});
