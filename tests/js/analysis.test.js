// Tests the analysis of a state, with an engine that answers when the test says so.
import assert from 'node:assert/strict';
import test from 'node:test';
import { explain } from '../../www/state/errors.js';
import { ablationKey, shownAblation, shownDetection } from '../../www/state/state.js';
import { error, page } from './analysed_page.js';
import { settled } from './settled.js';

test('a page opens an engine, loads its model, runs its text, and then rests', async () => {
  const { asked, state } = page({ text: 'one' });
  await settled();
  assert.deepEqual(asked, ['open auto', 'load default', 'run one', 'detect 0.4 of one', 'mean of one']);
  assert.equal(state().result?.text, 'one');
  assert.equal(state().phase, 'idle');
});

test('while a text runs only the newest other is kept, and the run shown before is freed', async () => {
  const { emit, asked, instead, state } = page({ text: 'one' });
  await settled();
  asked.length = 0;
  emit({ type: 'edit', text: 'two' });
  emit({ type: 'edit', text: 'three' });
  emit({ type: 'edit', text: 'four' });
  assert.equal(state().result?.text, 'one', 'the last result stays until the next is there');
  await settled();
  assert.deepEqual(
    asked.filter((call) => /^(run|free)/.test(call)),
    ['run two', 'free one', 'run four', 'free two'],
  );
  assert.equal(state().result?.text, 'four');
  assert.equal(instead.size, 0);
});

test('a long run that was overtaken is stopped, and says nothing', { timeout: 5000 }, async () => {
  const { emit, asked, instead, state, codes } = page({ text: 'one' });
  await settled();
  instead.set('run slow', () => new Promise(() => {}));
  emit({ type: 'edit', text: 'slow' });
  await settled();
  emit({ type: 'edit', text: 'quick' });
  while (state().result?.text !== 'quick') await settled();
  assert.deepEqual(codes(), []);
  assert.equal(asked.filter((call) => call.startsWith('run')).join(), 'run one,run slow,run quick');
});

test('a run can be stopped: text and last result stay, and it does not start again', async () => {
  const { emit, asked, instead, state, codes } = page({ text: 'one' });
  await settled();
  instead.set('run slow', () => new Promise(() => {}));
  emit({ type: 'edit', text: 'slow' });
  await settled();
  emit({ type: 'stop' });
  await settled();
  assert.deepEqual(codes(), ['AbortError']);
  assert.deepEqual([state().view.text, state().result?.text, state().phase], ['slow', 'one', 'idle']);
  instead.clear();
  emit({ type: 'lock', head: '1.2' });
  await settled();
  assert.equal(asked.at(-1), 'pattern 1.2 of one', 'the last result can still be looked into');
  emit({ type: 'retry' });
  await settled();
  assert.deepEqual([state().result?.text, codes().length], ['slow', 0]);
});

test('thresholds are judged anew without a run', async () => {
  const { emit, asked } = page({ text: 'one' });
  await settled();
  asked.length = 0;
  for (const active of [0.5, 0.6, 0.7]) emit({ type: 'thresholds', active });
  await settled();
  assert.deepEqual(asked, ['detect 0.5 of one', 'detect 0.7 of one']);
});

test('a head’s pattern is fetched as weighted; the mean of all heads is of attention alone', async () => {
  const { emit, asked, state } = page({ text: 'one' });
  await settled();
  asked.length = 0;
  emit({ type: 'set', change: { weighted: 'value' } });
  await settled();
  assert.deepEqual([asked.length, state().pattern?.by], [0, 'attention']);
  emit({ type: 'lock', head: '1.2' });
  await settled();
  assert.deepEqual([state().pattern?.by, state().pattern?.max], ['value', 5]);
  emit({ type: 'set', change: { weighted: 'attention' } });
  await settled();
  assert.deepEqual([state().pattern?.by, state().pattern?.max], ['attention', 1]);
  emit({ type: 'set', change: { weighted: 'value' } });
  await settled();
  assert.deepEqual(asked, ['pattern 1.2 by value of one', 'pattern 1.2 of one'], 'each is kept');
  assert.equal(state().pattern?.by, 'value');
});

test('a head’s pattern is fetched once, however often it is looked at', async () => {
  const { emit, asked, state } = page({ text: 'one' });
  await settled();
  asked.length = 0;
  for (const head of ['0.1', null, '0.1', '1.0']) {
    emit({ type: 'preview', head });
    await settled();
    assert.equal(state().pattern?.head, head);
  }
  assert.deepEqual(asked, ['pattern 0.1 of one', 'pattern 1.0 of one']);
});

test('an empty text is not run; the last result stays and can be looked into', async () => {
  const { emit, asked, codes, state } = page({ text: 'one' });
  await settled();
  asked.length = 0;
  emit({ type: 'edit', text: '' });
  emit({ type: 'lock', head: '0.2' });
  await settled();
  assert.deepEqual(codes(), ['EmptyInput']);
  assert.deepEqual(asked, ['pattern 0.2 of one']);
  assert.equal(state().result?.text, 'one');
});

test('each failure is told, is not tried again by itself, and leaves the next run to work', async () => {
  for (const [call, code] of [
    ['open auto', 'GpuUnavailable'],
    ['load default', 'ModelFetch'],
    ['run bad', 'WorkerDied'],
    ['detect 0.4 of bad', 'Internal'],
    ['mean of bad', 'GpuLost'],
  ]) {
    const instead = new Map([[call, () => Promise.reject(error(code, 'as told to'))]]);
    const { emit, asked, codes, state } = page({ text: 'good' }, instead);
    await settled();
    emit({ type: 'edit', text: 'bad' });
    await settled();
    assert.deepEqual(codes(), [code], call);
    assert.equal(
      asked.filter((made) => made === call).length,
      call.endsWith('bad') ? 1 : 2,
      `${call}: once for each text`,
    );
    instead.clear();
    emit({ type: 'retry' });
    await settled();
    assert.deepEqual([state().result?.text, codes().length], ['bad', 0], call);
  }
});

test('a pattern that cannot be had does not keep the page busy', async () => {
  const { emit, asked, instead, codes } = page({ text: 'one' });
  await settled();
  instead.set('pattern 0.1 of one', () => Promise.reject(error('Internal', 'no')));
  emit({ type: 'lock', head: '0.1' });
  await settled();
  assert.deepEqual(codes(), ['Internal']);
  assert.equal(asked.filter((call) => call === 'pattern 0.1 of one').length, 1);
});

test('another backend closes the engine and opens one', async () => {
  const { emit, asked } = page({ text: 'one' });
  await settled();
  asked.length = 0;
  emit({ type: 'backend', backend: 'webgpu' });
  await settled();
  assert.deepEqual(asked.slice(0, 4), ['close', 'open webgpu', 'load default', 'run one']);
});

test('a lost engine is told of when it happens, and what it runs on after that too', async () => {
  const { emit, handle, state, codes } = page({ text: 'one' });
  await settled();
  handle.onLost(error('GpuLost', 'gone'));
  assert.deepEqual(codes(), ['GpuLost']);
  Object.assign(handle, { backend: 'webgpu', adapter: 'another' });
  emit({ type: 'edit', text: 'two' });
  await settled();
  assert.deepEqual([codes().length, state().engine?.adapter, state().result?.text], [0, 'another', 'two']);
});

test('a model in use whose files are gone is loaded again, or it is said what to do', async () => {
  for (const [what, times, here, told] of /** @type {const} */ ([
    ['the files are found again', 1, true, []],
    ['files that never can be read', Infinity, true, ['FileRead']],
    ['the files are gone from here', 1, false, ['ModelNotHere']],
  ])) {
    const { emit, instead, codes, asked, state, gone } = page({ text: 'one', model: 'kept' });
    await settled();
    let left = times;
    const weights = new Float32Array(9);
    const read = async () => (left-- > 0 ? Promise.reject(error('FileRead', 'no such file')) : weights);
    instead.set('pattern 0.1 of one', read);
    if (!here) instead.set('load kept', () => Promise.reject(error('ModelNotHere', 'a download')));
    asked.length = 0;
    emit({ type: 'lock', head: '0.1' });
    await settled();
    assert.deepEqual(codes(), told, what);
    assert.equal(gone[0], 'kept', what);
    assert.deepEqual(asked.slice(0, 2), ['pattern 0.1 of one', 'load kept'], what);
    assert.deepEqual([state().view.model, state().result?.text], ['kept', 'one'], what);
  }
});

test('run and model stay usable while the text box is empty, until another model is loaded', async () => {
  const { emit, instead, codes, shown } = page({ text: 'one' });
  await settled();
  emit({ type: 'edit', text: '' });
  await settled();
  assert.deepEqual(codes(), ['EmptyInput']);
  assert.equal(shown()?.model.id, 'default');
  instead.set('run two', () => Promise.reject(error('IdsNeeded', 'numbers')));
  emit({ type: 'edit', text: 'two' });
  emit({ type: 'open model', model: 'other' });
  await settled();
  assert.equal(shown(), null);
});

test('a text that could not be run is told of again when it comes back after another', async () => {
  const { emit, codes } = page({ text: 'one' });
  await settled();
  for (const text of ['', 'two', '']) {
    emit({ type: 'edit', text });
    await settled();
    assert.deepEqual(codes(), text === '' ? ['EmptyInput'] : []);
  }
});

test('a model too large for the GPU opens on the CPU; a refused one leaves the one before', async () => {
  for (const [code, opened] of [
    ['GpuLimit', 'large'],
    ['ConfigInvalid', 'default'],
  ]) {
    const { emit, asked, instead, codes, state } = page({ text: 'one' });
    await settled();
    instead.set('load large', () => Promise.reject(error(code, 'as told to')));
    emit({ type: 'open model', model: 'large' });
    await settled();
    assert.deepEqual([state().view.model, state().refused?.model, codes()], ['default', 'large', [code]]);
    assert.match(
      explain(code, true, true).sentence,
      code === 'GpuLimit' ? /^The CPU has no such limit\. Weights in f32 take half the memory/ : /./,
    );
    if (code === 'GpuLimit') instead.clear();
    asked.length = 0;
    emit({ type: 'backend', backend: 'cpu' });
    await settled();
    assert.deepEqual([state().view.model, state().result?.model.id, codes()], [opened, opened, []]);
    assert.deepEqual(asked.slice(0, 4), ['close', 'open cpu', `load ${opened}`, 'run one']);
  }
});

test('a model of the visitor’s own that does not fit the GPU is opened at half precision', async () => {
  const { emit, asked, instead, codes, state } = page({ text: 'one' });
  await settled();
  instead.set('load own', () => Promise.reject(error('GpuLimit', 'too large')));
  emit({ type: 'open model', model: 'own', edition: 3 });
  await settled();
  assert.deepEqual(state().refused, { model: 'own', edition: 3, half: false, code: 'GpuLimit' });
  emit({ type: 'halve' });
  await settled();
  assert.deepEqual(state().refused, { model: 'own', edition: 3, half: true, code: 'GpuLimit' });
  assert.deepEqual([state().view.model, state().view.precision], ['default', 'stored']);
  instead.clear();
  asked.length = 0;
  emit({ type: 'halve' });
  await settled();
  assert.deepEqual([state().result?.model.id, state().view.precision, codes()], ['own', 'half', []]);
  assert.equal(state().edition, 3);
  assert.ok(asked.includes('load own'));
});

test('a model that fails to load after a close leaves the one before, and the page says so', async () => {
  const { emit, instead, codes, state } = page({ text: 'one' });
  await settled();
  instead.set('load large', () => Promise.reject(error('WorkerDied', 'no memory')));
  emit({ type: 'open model', model: 'large' });
  await settled();
  emit({ type: 'backend', backend: 'cpu' });
  await settled();
  assert.deepEqual(
    [state().result?.model.id, state().result?.text, codes()],
    ['default', 'one', ['WorkerDied']],
  );
  emit({ type: 'dismiss', code: 'WorkerDied' });
  emit({ type: 'retry' });
  await settled();
  assert.equal(state().view.model, 'default', 'what was dismissed is not tried again');
});

test('ablated heads are run beside the text; the evidence is of the side that the view names', async () => {
  const { emit, asked, state } = page({ text: 'one', head: '1.1' });
  await settled();
  asked.length = 0;
  emit({ type: 'set', change: { off: ['0.2'] } });
  assert.equal(shownAblation(state()), '', 'the whole model is shown until the heads are ablated');
  await settled();
  assert.deepEqual(asked, [
    'zero 0.2 in one',
    'detect 0.4 of one without 0.2',
    'pattern 1.1 of one without 0.2',
  ]);
  assert.equal(shownAblation(state()), ablationKey(state()));
  assert.equal(shownDetection(state()), state().ablated?.detection);
  emit({ type: 'set', change: { side: 'before' } });
  await settled();
  assert.equal(shownDetection(state()), state().detection);
  assert.equal(state().pattern?.ablation, '');
  asked.length = 0;
  emit({ type: 'set', change: { side: 'after' } });
  await settled();
  assert.deepEqual(asked, [], 'both patterns are kept');
  emit({ type: 'thresholds', active: 0.5 });
  await settled();
  assert.deepEqual(asked, ['detect 0.5 of one', 'detect 0.5 of one without 0.2']);
  asked.length = 0;
  emit({ type: 'edit', text: 'two' });
  await settled();
  assert.deepEqual(
    asked.filter((call) => /^(run|free|zero)/.test(call)),
    ['run two', 'free one', 'zero 0.2 in two', 'free one without 0.2'],
    'the run before is kept for the next one to go on from',
  );
  emit({ type: 'set', change: { off: [] } });
  await settled();
  assert.deepEqual([state().ablated, shownAblation(state())], [null, '']);
  assert.equal(asked.at(-1), 'free two without 0.2');
});

test('heads that cannot be ablated are told of, and the whole model stays in view', async () => {
  const refused = new Map([['zero 0.2 in one', async () => Promise.reject(error('GpuMemory', 'full'))]]);
  const { emit, codes, state, asked } = page({ text: 'one' }, refused);
  await settled();
  emit({ type: 'set', change: { off: ['0.2'] } });
  await settled();
  assert.deepEqual(codes(), ['GpuMemory']);
  assert.equal(shownDetection(state()), state().detection);
  assert.equal(asked.filter((call) => call.startsWith('zero')).length, 1, 'it is not tried again by itself');
});
