// The scheduler of studies: which it makes, when, and what it keeps, with studies that answer on command.
import assert from 'node:assert/strict';
import test from 'node:test';
import { duration, remaining } from '../../www/base/time_left.js';
import { initial, reduce } from '../../www/state/state.js';
import { found, latest, leftOf, standing, wanted } from '../../www/studies/study.js';
import { createStudies } from '../../www/work/schedule.js';
import { analysedState } from './fixtures.js';
import { settled } from './settled.js';

/**
 * A page with an analysis, and the scheduler at work on it.
 * @param {import('../../www/studies/study.js').Study<any>[]} studies
 */
function page(studies) {
  let state = analysedState();
  /** @type {string[]} */ const reloads = [];
  const shown = /** @type {any} */ ({ model: 'model', run: 'run' });
  const engine = createStudies(
    studies,
    () => ({ ...shown }),
    () => state,
    emit,
    () => reloads.push('again'),
  );
  /** @param {import('../../www/state/state.js').Action} action */
  function emit(action) {
    state = reduce(state, action);
    engine.update();
  }
  return { emit, state: () => state, update: engine.update, shown, reloads };
}

/**
 * A study of the tab `explain`, and the calls of it.
 * @param {Partial<import('../../www/studies/study.js').Study<any>>} [more]
 */
function counting(more = {}) {
  /** @type {{ at: any, resolve(value: unknown): void, reject(error: unknown): void }[]} */
  const asked = [];
  /** @type {import('../../www/studies/study.js').Study<any>} */
  const study = {
    kind: 'counting',
    needs: ({ view }) => (view.tab === 'explain' ? [view.seed] : null),
    perform: (at) => new Promise((resolve, reject) => asked.push({ at, resolve, reject })),
    ...more,
  };
  return { study, asked };
}

test('a study runs once where the page shows it, for the current settings', async () => {
  const { study, asked } = counting();
  const { emit, state, update } = page([study]);
  update();
  assert.equal(asked.length, 0);
  emit({ type: 'tab', tab: 'explain' });
  assert.equal(asked.length, 1);
  assert.equal(standing(state(), study).progress?.total, 0);
  asked[0].resolve('of seed 0');
  await settled();
  assert.equal(found(state(), study), 'of seed 0');
  assert.deepEqual(state().studying, {});
  emit({ type: 'preview', head: '0.1' });
  assert.equal(asked.length, 1);
});

test('other settings run a study again, and its earlier value can still be shown', async () => {
  const { study, asked } = counting();
  const { emit, state } = page([study]);
  emit({ type: 'tab', tab: 'explain' });
  asked[0].resolve('first');
  await settled();
  emit({ type: 'set', change: { seed: 1 } });
  assert.equal(asked.length, 2);
  assert.equal(found(state(), study), null);
  assert.deepEqual(latest(state(), study), { value: 'first', current: false });
  asked[1].resolve('second');
  await settled();
  assert.deepEqual(latest(state(), study), { value: 'second', current: true });
});

test('newer settings abort a running study, and only the newest run next', async () => {
  const { study, asked } = counting();
  const { emit, state } = page([study]);
  emit({ type: 'tab', tab: 'explain' });
  for (const seed of [1, 2, 3]) emit({ type: 'set', change: { seed } });
  assert.equal(asked.length, 1);
  assert.equal(asked[0].at.signal.aborted, true);
  asked[0].reject(new Error('stopped'));
  await settled();
  assert.equal(asked.length, 2);
  assert.equal(asked[1].at.state.view.seed, 3);
  assert.equal(standing(state(), study).problem, null);
});

test('a failed study is reported where it is shown, and tried again only on demand', async () => {
  const { study, asked } = counting();
  const { emit, state } = page([study]);
  emit({ type: 'tab', tab: 'explain' });
  asked[0].reject(
    Object.assign(new Error('It needs 900 tokens; the model reads 512.'), { name: 'TooManyTokens' }),
  );
  await settled();
  assert.deepEqual(standing(state(), study).problem, {
    code: 'TooManyTokens',
    detail: 'It needs 900 tokens; the model reads 512.',
    data: undefined,
  });
  assert.equal(found(state(), study), null);
  emit({ type: 'preview', head: '0.1' });
  assert.equal(asked.length, 1);
  emit({ type: 'redo study', study: 'counting' });
  assert.equal(asked.length, 2);
  asked[1].reject(new Error('Not now.'));
  await settled();
  emit({ type: 'retry' });
  assert.equal(asked.length, 3);
});

test('a long study waits until the visitor asks, tells its progress, and stops', async () => {
  const { study, asked } = counting({ long: true });
  const { emit, state } = page([study]);
  emit({ type: 'tab', tab: 'explain' });
  assert.equal(asked.length, 0);
  emit({ type: 'ask', study: 'counting' });
  assert.equal(asked.length, 1);
  asked[0].at.onProgress({ done: 3, total: 8 });
  assert.deepEqual(standing(state(), study).progress, { kind: 'counting', done: 3, total: 8 });
  emit({ type: 'stop study', study: 'counting' });
  assert.equal(asked[0].at.signal.aborted, true);
  asked[0].reject(Object.assign(new Error('stopped'), { name: 'AbortError' }));
  await settled();
  assert.deepEqual([state().studying, state().findings, wanted(state(), study)], [{}, {}, null]);
});

test('a stopped study keeps what it has, tells it as a part, and continues there', async () => {
  const { study, asked } = counting({ long: true });
  const { emit, state } = page([study]);
  const stop = async (/** @type {number} */ at) => {
    emit({ type: 'stop study', study: 'counting' });
    asked[at].reject(Object.assign(new Error('stopped'), { name: 'AbortError' }));
    await settled();
  };
  emit({ type: 'tab', tab: 'explain' });
  emit({ type: 'ask', study: 'counting' });
  assert.equal(asked[0].at.kept, null);
  asked[0].at.onProgress({ done: 3, total: 8, soFar: 'three' });
  await stop(0);
  assert.equal(leftOf(state(), study), 'three');
  assert.equal(found(state(), study), null, 'a part is no finding: no link carries it');
  assert.equal(asked.length, 1);
  emit({ type: 'ask', study: 'counting' });
  assert.equal(asked[1].at.kept, 'three');
  await stop(1);
  assert.equal(leftOf(state(), study), 'three', 'a stop before the first step loses nothing');
  emit({ type: 'set', change: { seed: 7 } });
  assert.equal(leftOf(state(), study), null, 'the part is of the settings before');
  emit({ type: 'set', change: { seed: 0 } });
  emit({ type: 'ask', study: 'counting' });
  asked[2].resolve('all');
  await settled();
  assert.deepEqual([found(state(), study), leftOf(state(), study)], ['all', null]);
});

test('a study that fails keeps its part, waits, and continues there when it is asked again', async () => {
  const { study, asked } = counting({ long: true });
  const { emit, state } = page([study]);
  const died = () => Object.assign(new Error('killed'), { name: 'WorkerDied' });
  emit({ type: 'tab', tab: 'explain' });
  emit({ type: 'ask', study: 'counting' });
  asked[0].at.onProgress({ done: 3, total: 8, soFar: 'three' });
  for (const at of [0, 1]) {
    asked[at].reject(died());
    await settled();
    assert.equal(standing(state(), study).problem?.code, 'WorkerDied');
    assert.equal(found(state(), study), null);
    assert.equal(asked.length, at + 1, 'it does not start by itself');
    emit({ type: 'redo study', study: 'counting' });
    assert.equal(asked[at + 1].at.kept, 'three');
  }
  asked[2].resolve('all');
  await settled();
  assert.equal(found(state(), study), 'all');
});

test('a study that finds the model’s files gone has the model loaded again, and says nothing', async () => {
  const { study, asked } = counting();
  const { emit, state, reloads } = page([study]);
  emit({ type: 'tab', tab: 'explain' });
  asked[0].reject(Object.assign(new Error('no such file'), { name: 'FileRead' }));
  await settled();
  assert.equal(reloads.length, 1);
  assert.equal(standing(state(), study).problem, null);
});

test('the time left is told after some steps, from those steps', () => {
  assert.equal(remaining(2000, 2, 10), null);
  assert.equal(remaining(4000, 4, 10), 10_000);
  assert.deepEqual([1200, 10_000, 57_400, 59_000, 200_000].map(duration), [
    'some seconds',
    'about 10 s',
    'about 55 s',
    'about 1 min',
    'about 3 min',
  ]);
});

test('a study of the run waits for the text’s own analysis', () => {
  const { study, asked } = counting({ ofRun: true });
  const { emit } = page([study]);
  emit({ type: 'phase', phase: 'running' });
  emit({ type: 'tab', tab: 'explain' });
  assert.equal(asked.length, 0);
  emit({ type: 'phase', phase: 'idle' });
  assert.equal(asked.length, 1);
});

test('no study is wanted before the first run, nor while another model loads', () => {
  const { study } = counting();
  assert.equal(wanted(initial({ tab: 'explain' }), study), null);
  const state = reduce(analysedState(), { type: 'tab', tab: 'explain' });
  assert.notEqual(wanted(state, study), null);
  assert.equal(wanted(reduce(state, { type: 'open model', model: 'another' }), study), null);
});

test('a study stopped and requested again before it ended is made again, without a problem', async () => {
  const { study, asked } = counting({ long: true });
  const { emit, state } = page([study]);
  emit({ type: 'tab', tab: 'explain' });
  emit({ type: 'ask', study: 'counting' });
  emit({ type: 'stop study', study: 'counting', key: wanted(state(), study) });
  emit({ type: 'ask', study: 'counting' });
  assert.equal(asked.length, 1);
  asked[0].reject(Object.assign(new Error('stopped'), { name: 'AbortError' }));
  await settled();
  assert.equal(standing(state(), study).problem, null);
  assert.equal(asked.length, 2);
});

test('a short study runs beside a long one: one head is ablated while the table is made', async () => {
  const table = counting({ kind: 'table', long: true, needs: () => [] });
  const { study, asked } = counting();
  const { emit, state } = page([study, table.study]);
  emit({ type: 'ask', study: 'table' });
  assert.equal(table.asked.length, 1);
  emit({ type: 'tab', tab: 'explain' });
  assert.equal(asked.length, 1);
  assert.deepEqual(Object.keys(state().studying).sort(), ['counting', 'table']);
  asked[0].resolve('first');
  await settled();
  emit({ type: 'set', change: { seed: 1 } });
  asked[1].resolve('second');
  await settled();
  assert.deepEqual(latest(state(), study), { value: 'second', current: true });
  assert.equal(table.asked[0].at.signal.aborted, false);
  table.asked[0].resolve('all');
  await settled();
  assert.equal(found(state(), table.study), 'all');
  assert.deepEqual(state().studying, {});
});

test('a long study goes on while another tab is open, and is there on return', async () => {
  const { study, asked } = counting({
    long: true,
    shown: ({ view }) => view.tab === 'explain',
    needs: ({ view }) => [view.seed],
  });
  const { emit, state } = page([study]);
  emit({ type: 'ask', study: 'counting' });
  assert.equal(asked.length, 0, 'it does not start where nobody sees it');
  emit({ type: 'tab', tab: 'explain' });
  assert.equal(asked.length, 1);
  emit({ type: 'tab', tab: 'scores' });
  assert.equal(asked[0].at.signal.aborted, false);
  asked[0].at.onProgress({ done: 5, total: 8 });
  emit({ type: 'tab', tab: 'explain' });
  assert.equal(standing(state(), study).progress?.done, 5);
  emit({ type: 'tab', tab: 'scores' });
  asked[0].resolve('all');
  await settled();
  assert.equal(found(state(), study), null, 'a link to this tab has no figures of it');
  emit({ type: 'tab', tab: 'explain' });
  assert.equal(found(state(), study), 'all');
  assert.equal(asked.length, 1);
  // Other settings end the study, whichever tab is open.
  emit({ type: 'set', change: { seed: 1 } });
  emit({ type: 'tab', tab: 'scores' });
  emit({ type: 'set', change: { seed: 2 } });
  assert.equal(asked[1].at.signal.aborted, true);
});

test('a run replaced by another of the same tokens is no failure: the study uses the new run', async () => {
  const { study, asked } = counting({ ofRun: true });
  const { emit, state, shown } = page([study]);
  emit({ type: 'tab', tab: 'explain' });
  const freed = () => Object.assign(new Error('The run was freed.'), { name: 'Freed' });
  shown.run = 'the next run';
  asked[0].reject(freed());
  await settled();
  assert.equal(standing(state(), study).problem, null);
  assert.deepEqual(
    asked.map(({ at }) => at.run),
    ['run', 'the next run'],
  );
  // Otherwise a freed run that is still shown would be asked for again and again.
  asked[1].reject(freed());
  await settled();
  assert.equal(standing(state(), study).problem?.code, 'Freed');
  assert.equal(asked.length, 2);
});

test('every study can be stopped: it has a problem, and runs again only on demand', async () => {
  const { study, asked } = counting();
  const { emit, state } = page([study]);
  emit({ type: 'tab', tab: 'explain' });
  emit({ type: 'stop study', study: 'counting', key: wanted(state(), study) });
  assert.equal(asked[0].at.signal.aborted, true);
  assert.deepEqual(
    [standing(state(), study).problem?.code, standing(state(), study).progress],
    ['AbortError', null],
  );
  asked[0].reject(Object.assign(new Error('stopped'), { name: 'AbortError' }));
  await settled();
  assert.equal(asked.length, 1);
  emit({ type: 'redo study', study: 'counting' });
  assert.equal(asked.length, 2);
  // Other settings make another study, which nobody stopped.
  emit({ type: 'stop study', study: 'counting', key: wanted(state(), study) });
  emit({ type: 'set', change: { seed: 1 } });
  asked[1].reject(Object.assign(new Error('stopped'), { name: 'AbortError' }));
  await settled();
  assert.equal(standing(state(), study).problem, null);
  assert.equal(asked.length, 3);
});

test('a study that was stopped too late has its value', async () => {
  const { study, asked } = counting();
  const { emit, state } = page([study]);
  emit({ type: 'tab', tab: 'explain' });
  emit({ type: 'stop study', study: 'counting', key: wanted(state(), study) });
  emit({ type: 'redo study', study: 'counting' });
  asked[0].resolve('done all the same');
  await settled();
  assert.equal(found(state(), study), 'done all the same');
  assert.equal(asked.length, 1);
});

test('a study made on request can be stopped even where none is needed, and requested again', async () => {
  const { study, asked } = counting({
    needs: ({ view }) => (view.tab === 'explain' || view.ran.includes('counting') ? [] : null),
  });
  const { emit, state } = page([study]);
  emit({ type: 'ask', study: 'counting' });
  emit({ type: 'tab', tab: 'explain' });
  emit({ type: 'stop study', study: 'counting', key: wanted(state(), study) });
  assert.equal(asked[0].at.signal.aborted, true);
  asked[0].reject(new Error('stopped'));
  await settled();
  assert.equal(asked.length, 1);
  emit({ type: 'tab', tab: 'scores' });
  emit({ type: 'ask', study: 'counting' });
  assert.equal(asked.length, 2);
});
