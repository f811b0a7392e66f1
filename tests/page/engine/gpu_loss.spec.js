// A GPU that goes away. The device is out of the page's reach, so the browser's own function that makes one is watched from
// the first line of the worker's script.
import { expect, test } from './bare.js';

const WATCH = `
  const requestDevice = GPUAdapter.prototype.requestDevice;
  GPUAdapter.prototype.requestDevice = async function (...given) {
    return (self.device = await requestDevice.apply(this, given));
  };
`;

test('a GPU that goes away is noticed, and the next run opens it again', async ({ bare }) => {
  await bare.route('**/assets/worker-*.js', async (route) => {
    const response = await route.fetch();
    await route.fulfill({ response, body: WATCH + (await response.text()) });
  });
  await bare.reload();
  await bare.waitForFunction(() => 'Headscope' in globalThis);
  const before = await bare.evaluate(async () => {
    const hs = await Headscope.open({ backend: 'webgpu' });
    const model = await hs.loadModel('default');
    const run = await model.run('The GPU goes away.');
    const lost = new Promise((resolve) => (hs.onLost = (error) => resolve([error.name, error.message])));
    Object.assign(globalThis, { hs, model, run, lost });
    return [...(await run.pattern(1, 0))];
  });
  for (const worker of bare.workers()) await worker.evaluate(() => /** @type {any} */ (self).device.destroy());
  const after = await bare.evaluate(async () => {
    const { hs, model, run, lost } = /** @type {any} */ (globalThis);
    const [name] = await lost;
    const next = await model.run('And is there again.');
    return { name, backend: hs.backend, pieces: next.pieces, pattern: [...(await run.pattern(1, 0))] };
  });
  expect(after.name).toBe('GpuLost');
  expect(after.backend).toBe('webgpu');
  expect(after.pieces.slice(1).join('')).toBe('And is there again.');
  expect(after.pattern).toEqual(before);
});
