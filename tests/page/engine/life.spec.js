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

test('its type declarations are in the site, with all that they import', async ({ bare }) => {
  const files = await bare.evaluate(async () => {
    /** @type {Record<string, string>} */ const found = {};
    const open = ['headscope.d.ts'];
    for (let name = open.pop(); name; name = open.pop()) {
      const response = await fetch(name);
      // The server answers an unknown path with a status of its own.
      found[name] = response.ok ? (await response.text()).replace(/\/\*[\s\S]*?\*\//g, '') : 'missing';
      for (const [, file] of found[name].matchAll(/(?:from|import\()\s*'([^']*)'/g)) {
        const path = new URL(file.replace(/\.js$/, '.d.ts'), new URL(name, 'https://x/')).pathname.slice(1);
        if (!(path in found)) open.push(path);
      }
    }
    return found;
  });
  expect(Object.keys(files).filter((name) => files[name] === 'missing')).toEqual([]);
  expect(files['types/engine/headscope.d.ts']).toContain('export declare class Headscope');
  expect(files['types/figures/scores/index.d.ts']).toContain('UniformBaseline');
  // What a worker is told is nobody's business.
  const exposed = ['headscope', 'run', 'experiments'].map((name) => files[`types/engine/${name}.d.ts`]);
  for (const code of exposed) expect(code).not.toMatch(/Handle|Jobs/);
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
