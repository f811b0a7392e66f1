// A GPU is lost. The page cannot reach the device, so a line before the worker's script keeps it.
import { expect, test } from './bare.js';

// A held GPU gives nothing back until it is lost, so that a run cannot end before.
const WATCH = `
  const { requestDevice } = GPUAdapter.prototype;
  GPUAdapter.prototype.requestDevice = async function (...given) {
    return (self.device = await requestDevice.apply(this, given));
  };
  const { mapAsync } = GPUBuffer.prototype;
  GPUBuffer.prototype.mapAsync = async function (...given) {
    if (self.held) await self.device.lost;
    return mapAsync.apply(this, given);
  };
`;

// Opens a device and compiles its pipelines three times, in software.
test.describe.configure({ timeout: 180_000 });

/** @type {import('@playwright/test').Page} */ let page;

test.beforeEach(async ({ bare }) => {
  page = bare;
  await bare.route('**/assets/worker-*.js', async (route) => {
    const response = await route.fetch();
    await route.fulfill({ response, body: WATCH + (await response.text()) });
  });
  await bare.reload();
  await bare.waitForFunction(() => 'Headscope' in globalThis);
  await bare.evaluate(async () => {
    const hs = await Headscope.open({ backend: 'webgpu' });
    const model = await hs.loadModel('default');
    const run = await model.run('The GPU goes away.');
    const before = [...(await run.pattern(1, 0))];
    const lost = new Promise((resolve) => (hs.onLost = (error) => resolve(error.name)));
    Object.assign(globalThis, { hs, model, run, before, lost });
  });
});

async function loseGpu() {
  for (const worker of page.workers())
    await worker.evaluate(() => /** @type {any} */ (self).device.destroy());
}

/** The engine's report of the loss, and its figures afterwards. */
function recovered() {
  return page.evaluate(async () => {
    const { hs, model, run, before, lost } = /** @type {any} */ (globalThis);
    const name = await lost;
    const next = await model.run('And is there again.');
    return {
      name,
      backend: hs.backend,
      text: next.pieces.slice(1).join(''),
      before,
      after: [...(await run.pattern(1, 0))],
    };
  });
}

/** @param {Awaited<ReturnType<typeof recovered>>} found */
function expectRecovered({ name, backend, text, before, after }) {
  expect(name).toBe('GpuLost');
  expect(backend).toBe('webgpu');
  expect(text).toBe('And is there again.');
  expect(after).toEqual(before);
}

test('a GPU that goes away between two runs or during one is opened again, and the run is done', async () => {
  await loseGpu();
  expectRecovered(await recovered());

  for (const worker of page.workers()) await worker.evaluate(() => Object.assign(self, { held: true }));
  await page.evaluate(() => {
    const { hs, model } = /** @type {any} */ (globalThis);
    const lost = new Promise((resolve) => (hs.onLost = (/** @type {Error} */ error) => resolve(error.name)));
    Object.assign(globalThis, { lost, running: model.run('It goes while it works.') });
  });
  await loseGpu();
  const text = await page.evaluate(async () =>
    (await /** @type {any} */ (globalThis).running).pieces.slice(1).join(''),
  );
  expect(text).toBe('It goes while it works.');
  expectRecovered(await recovered());
});
