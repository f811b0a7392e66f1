// The engine's client with a fake worker: order of jobs, stopping, restarts, freeing, errors.
import assert from 'node:assert/strict';
import { after, beforeEach, test } from 'node:test';
import { Headscope } from '../../www/engine/headscope.js';
import { Digest } from '../../www/store/hashing.js';
import { answers, install, workers } from './fake_worker.js';
import { settled } from './settled.js';

/** @typedef {import('./fake_worker.js').Call} Call */

const WEIGHTS = new Blob(['weights']);
/** @param {Promise<unknown>} promise @returns {Promise<Error & { data?: any }>} */
const rejection = (promise) =>
  promise.then(
    () => assert.fail('it resolved'),
    (error) => error,
  );
const loaded = async () => {
  const hs = await Headscope.open({ backend: 'cpu' });
  return { hs, model: await hs.loadModel({ weights: WEIGHTS, config: { n_layers: 1 } }) };
};

install();
// One hashing worker for all tests.
const keepsWorker = new Digest();
after(() => keepsWorker.stop());
beforeEach(install);

test('open starts one worker, says which backend, and tells what was chosen', async () => {
  const hs = await Headscope.open({ backend: 'cpu' });
  assert.equal(workers.length, 1);
  assert.deepEqual(workers[0].calls[0].args, ['cpu', undefined, undefined, undefined, undefined]);
  assert.deepEqual([hs.backend, hs.adapter, hs.software, hs.reason], ['cpu', 'fake', false, null]);
});

test('open rejects with the engine’s own error, and leaves no worker', async () => {
  answers.set('open', ({ call }, worker) =>
    worker.say({ call, error: { name: 'GpuUnavailable', message: 'no adapter' } }),
  );
  assert.equal((await rejection(Headscope.open({ backend: 'webgpu' }))).name, 'GpuUnavailable');
  assert.ok(workers[0].terminated);
});

test('after some losses of the GPU, auto stops trying it', async () => {
  for (const [choice, last] of [
    ['auto', 'cpu'],
    ['webgpu', 'webgpu'],
  ]) {
    install();
    const hs = await Headscope.open({ backend: /** @type {'auto' | 'webgpu'} */ (choice) });
    const model = await hs.loadModel({ weights: WEIGHTS });
    answers.set('run_text', ({ call }, worker) =>
      worker.say({ call, error: { name: 'GpuLost', message: 'gone' } }),
    );
    assert.equal((await rejection(model.run('too much'))).name, 'GpuLost');
    answers.clear();
    await model.run('it goes on');
    assert.deepEqual(
      workers.map(({ calls }) => calls[0].args[0]),
      [choice, choice, last],
    );
    assert.equal(
      hs.reason,
      choice === 'auto' ? 'The GPU was lost 2 times since this page was opened.' : null,
    );
  }
});

test('a backend that there is not is refused before anything is started', async () => {
  const error = await rejection(Headscope.open({ backend: /** @type {any} */ ('gpu') }));
  assert.equal(error.name, 'OptionInvalid');
  assert.match(error.message, /one of auto, webgpu, cpu, and is gpu/);
  assert.equal(workers.length, 0);
});

test('memory is asked of the worker, and closing ends that too', async () => {
  const hs = await Headscope.open();
  assert.deepEqual(await hs.memory(), { wasm: 1 << 20, gpu: 0 });
  hs.close();
  assert.equal((await rejection(hs.memory())).name, 'Freed');
});

test('a script that cannot be loaded is told as a worker that died', async () => {
  answers.set('open', (_call, worker) => worker.onerror?.({ preventDefault() {} }));
  const error = await rejection(Headscope.open());
  assert.equal(error.name, 'WorkerDied');
  assert.match(error.message, /script could not be loaded/);
});

test('a model of one’s own has its file’s digest and the configuration that was read', async () => {
  const { model } = await loaded();
  assert.equal(model.sha256, '9a129038d9a00aed0cf6a7ea059ca50a813449061ab87848cf1a13eafdf33b2c');
  assert.equal(model.config.n_ctx, 8);
  assert.deepEqual([model.id, model.hasTokenizer], ['', true]);
  assert.deepEqual([model.keys, model.tokenizerNote], ['All keys matched: 20 tensors', null]);
  const given = [['a file'], undefined, '{"n_layers":1}', undefined, undefined, false];
  assert.deepEqual(workers[0].calls[1].args.slice(1), given);
});

test('jobs run one at a time, in the order of the calls', async () => {
  const { model } = await loaded();
  /** @type {Call[]} */ const held = [];
  answers.set('run_text', (call) => held.push(call));
  const [worker] = workers;
  const runs = ['a', 'b', 'c'].map((text) => model.run(text));
  await settled();
  assert.equal(held.length, 1);
  for (const text of ['a', 'b', 'c']) {
    await settled();
    const call = /** @type {Call} */ (held.shift());
    assert.deepEqual(call.args.slice(1), [text, undefined]);
    worker.reply(call, worker.usual(call));
  }
  assert.deepEqual(
    (await Promise.all(runs)).map((run) => run.pieces[1]),
    ['a', 'b', 'c'],
  );
});

test('ids go as they are', async () => {
  const { model } = await loaded();
  const run = await model.run([3, 2, 1]);
  assert.deepEqual([...run.ids], [3, 2, 1]);
  assert.equal(workers[0].methods.at(-1), 'run_ids');
  for (const ids of [[-1], [1.5], [NaN], [2 ** 32]])
    assert.equal((await rejection(model.run(ids))).name, 'TokenOutOfRange');
});

test('an error arrives with its code, its sentence and its figures', async () => {
  const { model } = await loaded();
  answers.set('run_text', ({ call }, worker) =>
    worker.say({
      call,
      error: { name: 'TooManyTokens', message: 'the model has 8 positions', data: { expected: 8, found: 9 } },
    }),
  );
  const error = await rejection(model.run('long'));
  assert.ok(error instanceof Error);
  assert.deepEqual(
    [error.name, error.message, error.data],
    ['TooManyTokens', 'the model has 8 positions', { expected: 8, found: 9 }],
  );
  assert.equal(workers.length, 1);
});

test('a job stopped before its turn is dropped at once and never reaches the worker', async () => {
  const { model } = await loaded();
  answers.set('run_text', () => {});
  void model.run('first').catch(() => {});
  const stop = new AbortController();
  const second = model.run('second', { signal: stop.signal });
  await settled();
  stop.abort();
  assert.equal((await rejection(second)).name, 'AbortError');
  assert.equal((await rejection(model.run('third', { signal: stop.signal }))).name, 'AbortError');
  assert.equal(workers[0].methods.filter((method) => method === 'run_text').length, 1);
});

test('a stopped job rejects at once; if it ends soon the worker stays and its run is freed', async () => {
  const { model } = await loaded();
  /** @type {Call[]} */ const held = [];
  answers.set('run_text', (call) => held.push(call));
  const stop = new AbortController();
  const run = model.run('slow', { signal: stop.signal });
  await settled();
  stop.abort();
  assert.equal((await rejection(run)).name, 'AbortError');
  workers[0].reply(held[0], workers[0].usual(held[0]));
  answers.delete('run_text');
  await model.run('next');
  assert.equal(workers.length, 1);
  assert.equal(workers[0].calls.filter(({ method }) => method === 'free_run').length, 1);
});

test('a stopped job that does not end costs the worker; the next job loads the model again', async () => {
  const { hs, model } = await loaded();
  let lost = 0;
  hs.onLost = () => lost++;
  answers.set('run_text', () => {});
  const stop = new AbortController();
  const run = model.run('endless', { signal: stop.signal });
  await settled();
  stop.abort();
  assert.equal((await rejection(run)).name, 'AbortError');
  assert.ok(!workers[0].terminated);
  answers.delete('run_text');
  const next = await model.run('next');
  assert.ok(workers[0].terminated);
  assert.equal(next.pieces[1], 'next');
  assert.deepEqual(workers[1].methods, ['open', 'load_model', 'run_text']);
  assert.equal(lost, 0, 'a worker that was ended on purpose is not lost');
});

test('a load that is stopped rejects at once, and what was loaded all the same is freed', async () => {
  const hs = await Headscope.open();
  /** @type {Call[]} */ const held = [];
  answers.set('load_model', (call) => held.push(call));
  const stop = new AbortController();
  const load = hs.loadModel({ weights: WEIGHTS }, { signal: stop.signal });
  await settled();
  stop.abort();
  assert.equal((await rejection(load)).name, 'AbortError');
  workers[0].reply(held[0], 7);
  await settled();
  assert.deepEqual(
    workers[0].calls.filter(({ method }) => method === 'free_model').map(({ args }) => args),
    [[7]],
  );
});

test('files that were downloaded once load into several engines', async () => {
  const files = await Headscope.download({ weights: WEIGHTS });
  const models = await Promise.all(
    [Headscope.open(), Headscope.open()].map(async (hs) => (await hs).loadModel(files)),
  );
  assert.equal(models[0].sha256, models[1].sha256);
  assert.equal(await Headscope.download(files), files);
});

/** An answer that ends its worker. @type {import('./fake_worker.js').Answer} */
const dies = (_call, worker) => worker.onerror?.({ message: 'unreachable executed', preventDefault() {} });

/**
 * The usual answer, after another answer to the first calls.
 * @param {string} method @param {number} times @param {import('./fake_worker.js').Answer} other
 */
const first = (method, times, other) =>
  answers.set(method, (call, worker) => {
    if (times-- > 0) other(call, worker);
    else worker.reply(call, worker.usual(call));
  });

test('a worker that dies is told; its job is done again in another, before those that wait', async () => {
  const { hs, model } = await loaded();
  /** @type {string[]} */ const lost = [];
  hs.onLost = ({ message }) => lost.push(message);
  const run = await model.run([1, 2]);
  first('pattern', 1, dies);
  const [pattern] = await Promise.all([run.pattern(0, 0), model.run('waiting')]);
  assert.deepEqual([...pattern], [1, 0, 0.5, 0.5]);
  assert.deepEqual(lost, ['The engine stopped: unreachable executed.']);
  assert.deepEqual(workers[1].methods, ['open', 'load_model', 'run_ids', 'pattern', 'run_text']);
  assert.deepEqual([...workers[1].calls.filter(({ method }) => method === 'run_ids')[0].args[1]], [1, 2]);
});

test('a job that ends a second worker rejects, and the job after it goes on', async () => {
  const { hs, model } = await loaded();
  /** @type {Error[]} */ const lost = [];
  hs.onLost = (error) => lost.push(error);
  const run = await model.run([1, 2]);
  first('pattern', 2, dies);
  const [error] = await Promise.all([rejection(run.pattern(0, 0)), model.run('waiting')]);
  assert.equal(error.name, 'WorkerDied');
  assert.match(error.message, /unreachable executed/);
  assert.equal(lost.length, 2);
  assert.equal(lost[1], error);
  assert.deepEqual([...(await run.pattern(0, 0))], [1, 0, 0.5, 0.5]);
  assert.equal(workers.length, 3);
});

test('a load whose worker dies is done once more, and a stopped job is not', async () => {
  const hs = await Headscope.open({ backend: 'cpu' });
  first('load_model', 1, dies);
  const model = await hs.loadModel({ weights: WEIGHTS });
  assert.deepEqual(workers[1].methods, ['open', 'load_model', 'model_info']);
  const stop = new AbortController();
  first('run_text', 1, (call, worker) => {
    stop.abort();
    dies(call, worker);
  });
  assert.equal((await rejection(model.run('a', { signal: stop.signal }))).name, 'AbortError');
  await settled();
  assert.ok(workers.slice(2).every(({ methods }) => !methods.includes('run_text')));
});

test('a GPU that is lost, in a call or between two, ends the worker', async () => {
  const { hs, model } = await loaded();
  /** @type {string[]} */ const lost = [];
  hs.onLost = (error) => lost.push(error.name);
  first('run_text', 1, ({ call }, worker) =>
    worker.say({ call, error: { name: 'GpuLost', message: 'gone' } }),
  );
  assert.equal((await model.run('a')).seq, 2);
  assert.ok(workers[0].terminated);
  workers[1].say({ broken: { name: 'GpuLost', message: 'gone again' } });
  await settled();
  assert.ok(workers[1].terminated);
  assert.deepEqual(lost, ['GpuLost', 'GpuLost']);
  await model.run('c');
  assert.equal(workers.length, 3);
});

test('a worker that dies while it starts is tried once more, and then by the next call only', async () => {
  const { model } = await loaded();
  workers[0].onerror?.({ message: 'killed', preventDefault() {} });
  answers.set('open', (_call, worker) => worker.onerror?.({ preventDefault() {} }));
  assert.equal((await rejection(model.run('a'))).name, 'WorkerDied');
  await settled();
  assert.equal(workers.length, 3);
  answers.delete('open');
  await model.run('b');
});

test('a freed run or model rejects, but what was asked for before is still done', async () => {
  const { model } = await loaded();
  const run = await model.run('a');
  const before = run.pattern(0, 0);
  run.free();
  run.free();
  assert.equal((await before).length, 4);
  const error = await rejection(run.pattern(0, 0));
  assert.equal(error.name, 'Freed');
  assert.match(error.message, /run was freed/);
  model.free();
  assert.equal((await rejection(model.run('b'))).name, 'Freed');
  await settled();
  assert.deepEqual(
    workers[0].calls.slice(-2).map(({ method }) => method),
    ['free_run', 'free_model'],
  );
});

test('close ends the worker and everything that waits', async () => {
  const { hs, model } = await loaded();
  answers.set('run_text', () => {});
  const runs = [rejection(model.run('a')), rejection(model.run('b'))];
  await settled();
  hs.close();
  assert.deepEqual(
    (await Promise.all(runs)).map((error) => error.name),
    ['Freed', 'Freed'],
  );
  assert.ok(workers[0].terminated);
  assert.equal((await rejection(model.run('c'))).name, 'Freed');
  await settled();
  assert.equal(workers.length, 1);
});

test('residual names the layers that there are', async () => {
  const { model } = await loaded();
  const run = await model.run('a');
  await run.residual(1, 'post');
  assert.deepEqual(workers[0].calls.at(-1)?.args.slice(1), [2]);
  for (const layer of [-1, 2, NaN])
    assert.equal((await rejection(run.residual(layer, 'pre'))).name, 'HeadOutOfRange');
});
