// An engine's life: its choice of backend, stopped runs, workers that die, a page without https.
import { expect, test } from './bare.js';

test('auto takes the CPU where there is no GPU, or only software, and says why in a sentence', async ({
  bare,
  webgpu,
}) => {
  const hs = await bare.evaluate(async () => {
    const { backend, adapter, reason } = await Headscope.open();
    return { backend, adapter, reason };
  });
  expect(hs.backend).toBe('cpu');
  expect(hs.adapter).not.toBe('');
  expect(hs.reason).toMatch(webgpu ? /software|CPU/i : /WebGPU|GPU/);
});

test('a backend that is asked for is taken, or the engine says that it is not to be had', async ({
  bare,
  webgpu,
}) => {
  const found = await bare.evaluate(async () => {
    const cpu = await Headscope.open({ backend: 'cpu' });
    const error = await rejection(Headscope.open({ backend: 'webgpu' }));
    return { cpu: [cpu.backend, cpu.reason], error };
  });
  expect(found.cpu).toEqual(['cpu', null]);
  expect(found.error?.name).toBe(webgpu ? undefined : 'GpuUnavailable');
});

test('a run that is stopped rejects at once, and the engine runs the next', async ({ shared, longText }) => {
  const found = await shared.evaluate(async (longText) => {
    const kept = await model.run('The last result stays.');
    const before = [...(await kept.pattern(1, 0))];
    const stop = new AbortController();
    const stopped = Promise.all([
      rejection(model.run(longText, { signal: stop.signal })),
      rejection(model.run('waiting', { signal: stop.signal })),
    ]);
    const nextTask = () => new Promise((resolve) => setTimeout(resolve, 0, 'later'));
    await nextTask();
    stop.abort();
    // "At once" is before any other task, so before any message of the worker.
    const first = await Promise.race([stopped.then(() => 'rejected'), nextTask()]);
    const next = await model.run('The next one.');
    return {
      errors: await stopped,
      first,
      next: next.pieces.slice(1).join(''),
      before,
      after: [...(await kept.pattern(1, 0))],
    };
  }, longText);
  expect(found.errors.map((error) => error?.name)).toEqual(['AbortError', 'AbortError']);
  expect(found.first).toBe('rejected');
  expect(found.next).toBe('The next one.');
  expect(found.after).toEqual(found.before);
});

test('a worker that the browser ends, idle or at work, is replaced, and its job is done once more', async ({
  bare,
  backend,
  longText,
}) => {
  test.slow(); // three workers, each of which compiles its pipelines
  const found = await bare.evaluate(
    async ({ backend, longText }) => {
      const hs = await Headscope.open({ backend });
      /** @type {string[]} */ const lost = [];
      const oneMore = () => new Promise((resolve) => (hs.onLost = (error) => resolve(lost.push(error.name))));
      const model = await hs.loadModel('default');
      const run = await model.run('What was computed can be computed again.');
      const before = [...(await run.pattern(1, 0))];

      const idle = oneMore();
      workers.at(-1)?.terminate();
      await idle;
      const after = [...(await run.pattern(1, 0))];

      const busy = oneMore();
      const running = model.run(longText);
      workers.at(-1)?.terminate();
      await busy;
      const repeated = (await running).seq;

      const next = await model.run('next');
      return { lost, before, after, repeated, next: next.seq, workers: workers.length };
    },
    { backend, longText },
  );
  expect(found.lost).toEqual(['WorkerDied', 'WorkerDied']);
  expect(found.after).toEqual(found.before);
  expect(found.repeated).toBeGreaterThan(100);
  expect(found.next).toBeGreaterThan(1);
  expect(found.workers).toBe(3);
});

test('a page without https has no locks, no hash of the browser’s and no GPU, and the engine works', async ({
  bare,
  site,
  page,
}) => {
  const plain = 'http://headscope.example/';
  await page.context().route(`${plain}**`, async (route) => {
    const path = route.request().url().slice(plain.length);
    if (path === '')
      await route.fulfill({ contentType: 'text/html', body: '<!doctype html><title>Plain</title>' });
    else await route.fulfill({ response: await route.fetch({ url: site.url + path }) });
  });
  await bare.goto(plain);
  const found = await bare.evaluate(async (url) => {
    /** @type {typeof import('../../../www/engine/headscope.js')} */
    const { Headscope } = await import(url);
    const hs = await Headscope.open();
    const model = await hs.loadModel('default');
    const run = await model.run('plain');
    return {
      secure: isSecureContext,
      backend: hs.backend,
      reason: hs.reason,
      seq: run.seq,
      sha256: model.sha256,
    };
  }, `${plain}headscope.js`);
  expect(found).toMatchObject({ secure: false, backend: 'cpu', reason: expect.stringContaining('GPU') });
  expect(found.seq).toBeGreaterThan(1);
  expect(found.sha256).toMatch(/^[0-9a-f]{64}$/);
});
