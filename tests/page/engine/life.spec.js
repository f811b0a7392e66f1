// The engine's module around a backend: downloads, type declarations, freed handles, another origin.
import { expect, test } from './bare.js';

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
  const code = files.map((declarations) => declarations.replace(/\/\*[\s\S]*?\*\//g, ''));
  expect(code[0]).toContain('export declare class Headscope');
  for (const declarations of code) {
    const needed = [...declarations.matchAll(/(?:from|import\()\s*'([^']*)'/g)].map(([, file]) => file);
    expect(needed.filter((file) => !names.includes(file.slice(2, -3)))).toEqual([]);
    expect(declarations).not.toMatch(/Handle|Jobs/);
  }
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
