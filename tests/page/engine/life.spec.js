// An engine's life: its choice of backend, stopped runs, workers that die, other origins.
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

test('models are found beside the engine, with progress in bytes', async ({ bare, backend }) => {
  const found = await bare.evaluate(async (backend) => {
    /** @type {{ loaded: number, total: number }[]} */ const seen = [];
    const hs = await Headscope.open({ backend });
    const files = await Headscope.download('default', { onProgress: (progress) => seen.push(progress) });
    const model = await hs.loadModel(files);
    return { id: model.id, sha256: model.sha256, seen };
  }, backend);
  expect(found.id).toBe('default');
  expect(found.sha256).toMatch(/^[0-9a-f]{64}$/);
  const last = found.seen.at(-1);
  expect(last?.loaded).toBe(last?.total);
  expect(found.seen.length).toBeGreaterThan(2);
});

test('its type declarations lie beside it and need no file but each other', async ({ bare }) => {
  const names = ['headscope', 'experiments', 'run'];
  const files = await bare.evaluate(
    (names) => Promise.all(names.map(async (name) => (await fetch(`${name}.d.ts`)).text())),
    names,
  );
  const code = files.map((declarations) => declarations.replace(/\/\*[^]*?\*\//g, ''));
  expect(code[0]).toContain('export declare class Headscope');
  for (const declarations of code) {
    const needed = [...declarations.matchAll(/(?:from|import\()\s*'([^']*)'/g)].map(([, file]) => file);
    expect(needed.filter((file) => !names.includes(file.slice(2, -3)))).toEqual([]);
    expect(declarations).not.toMatch(/Held|Jobs/);
  }
});

test('a run that is stopped rejects at once, and the engine runs the next', async ({
  bare,
  backend,
  longText,
}) => {
  const found = await bare.evaluate(
    async ({ backend, longText }) => {
      const hs = await Headscope.open({ backend });
      const model = await hs.loadModel('default');
      const kept = await model.run('The last result stays.');
      const before = [...(await kept.pattern(1, 0))];
      const stop = new AbortController();
      const running = rejection(model.run(longText, { signal: stop.signal }));
      const waiting = rejection(model.run('waiting', { signal: stop.signal }));
      await new Promise((resolve) => setTimeout(resolve, 5));
      const since = performance.now();
      stop.abort();
      const errors = [await running, await waiting];
      const took = performance.now() - since;
      const next = await model.run('The next one.');
      return {
        errors,
        took,
        next: next.pieces.slice(1).join(''),
        before,
        after: [...(await kept.pattern(1, 0))],
      };
    },
    { backend, longText },
  );
  expect(found.errors.map((error) => error?.name)).toEqual(['AbortError', 'AbortError']);
  expect(found.took).toBeLessThan(200);
  expect(found.next).toBe('The next one.');
  expect(found.after).toEqual(found.before);
});

test('what was freed says so', async ({ bare, backend }) => {
  const found = await bare.evaluate(async (backend) => {
    const hs = await Headscope.open({ backend });
    const model = await hs.loadModel('default');
    const run = await model.run('text');
    run.free();
    const errors = [await rejection(run.pattern(0, 0))];
    model.free();
    errors.push(await rejection(model.run('text')));
    hs.close();
    errors.push(await rejection(hs.loadModel('default')));
    return errors;
  }, backend);
  expect(found.map((error) => error?.name)).toEqual(['Freed', 'Freed', 'Freed']);
});

test('a worker that the browser ends, idle or at work, is noticed and replaced', async ({
  bare,
  backend,
  longText,
}) => {
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
      const running = rejection(model.run(longText));
      workers.at(-1)?.terminate();
      await busy;
      const error = await running;
      const next = await model.run('next');
      return { lost, error, before, after, next: next.seq, workers: workers.length };
    },
    { backend, longText },
  );
  expect(found.lost).toEqual(['WorkerDied', 'WorkerDied']);
  expect(found.error?.name).toBe('WorkerDied');
  expect(found.after).toEqual(found.before);
  expect(found.next).toBeGreaterThan(1);
  expect(found.workers).toBe(3);
});

test('a page of another origin can import the engine', async ({ bare, site, backend }) => {
  // The host of this test allows other origins, as public hosts of static files do.
  await bare.context().route(`${site.url}**`, async (route) => {
    const response = await route.fetch();
    await route.fulfill({ response, headers: { ...response.headers(), 'access-control-allow-origin': '*' } });
  });
  await bare
    .context()
    .route('https://elsewhere.example/', (route) =>
      route.fulfill({ contentType: 'text/html', body: '<!doctype html><title>Elsewhere</title>' }),
    );
  await bare.goto('https://elsewhere.example/');
  const name = await bare.evaluate(
    async ({ url, backend }) => {
      /** @type {typeof import('../../../www/engine/headscope.js')} */
      const { Headscope } = await import(url);
      const hs = await Headscope.open({ backend });
      return (await hs.loadModel('default')).id;
    },
    { url: `${site.url}headscope.js`, backend },
  );
  expect(name).toBe('default');
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
