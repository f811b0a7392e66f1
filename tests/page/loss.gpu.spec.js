// A GPU is lost while the page is open. Only a browser with WebGPU can lose one.
import { expect, figures, nextRunWorks, problem, status, test } from './page.js';

test('a GPU that goes away', async ({ page, open }) => {
  test.setTimeout(120_000); // compiles the pipelines twice, in software
  await page.route('**/assets/worker-*.js', async (route) => {
    const response = await route.fetch();
    const watch = `const make = GPUAdapter.prototype.requestDevice;
      GPUAdapter.prototype.requestDevice = async function (...given) {
        return (self.device = await make.apply(this, given));
      };`;
    await route.fulfill({ response, body: watch + (await response.text()) });
  });
  await open();
  const before = await figures(page);
  for (const worker of page.workers())
    await worker.evaluate(() => /** @type {any} */ (self).device?.destroy());
  await expect(problem(page, 'GpuLost')).toContainText('The GPU was lost');
  expect(await figures(page)).toEqual(before);
  await nextRunWorks(page, 60_000);
  await expect(status(page)).toContainText('on the GPU');
});
