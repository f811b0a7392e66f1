// A GPU with too small limits, and a GPU with full memory: the page says so in figures, and goes on.
import { analysed, expect, figures, nextRunWorks, problem, status, test } from './page.js';

/**
 * Makes the browser run a script before the worker's own.
 * @param {import('@playwright/test').Page} page
 * @param {string} script
 */
const before = (page, script) =>
  page.route('**/assets/worker-*.js', async (route) => {
    const response = await route.fetch();
    await route.fulfill({ response, body: script + (await response.text()) });
  });

const LIMITS = `for (const name of ['maxStorageBufferBindingSize', 'maxBufferSize']) {
  Object.defineProperty(GPUSupportedLimits.prototype, name, { get: () => 1 << 17 });
}`;

// A device without room still returns a buffer, and an error scope reports it.
const FULL = `const popErrorScope = GPUDevice.prototype.popErrorScope;
GPUDevice.prototype.popErrorScope = async function () {
  const error = await popErrorScope.call(this);
  return error ?? new GPUOutOfMemoryError('not enough memory left');
};`;

for (const [code, script, told] of /** @type {const} */ ([
  ['GpuLimit', LIMITS, /needs [\d,]+ bytes, and this GPU.s maxStorageBufferBindingSize is 131072/],
  ['GpuMemory', FULL, /no memory left for the model.s weights: Out of Memory/],
])) {
  test(`${code}: the figures stay, what is needed is said, and the CPU takes over`, async ({ page }) => {
    await before(page, script);
    await page.goto('');
    await analysed(page);
    const shown = await figures(page);
    await page.getByRole('radio', { name: 'GPU' }).check({ force: true });
    await expect(problem(page, code)).toContainText(told, { timeout: 45_000 });
    expect(await figures(page)).toEqual(shown);
    await problem(page, code).getByRole('button', { name: 'Use the CPU' }).click();
    await expect(status(page)).toContainText('on the CPU');
    await nextRunWorks(page);
  });
}
