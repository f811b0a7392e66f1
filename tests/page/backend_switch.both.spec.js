// The way from one backend to the other, or a sentence why there is none.
import { expect, figures, problem, status, test } from './page.js';

test('the backend switch: WebGPU, or a sentence why not and the way back; the figures stay', async ({
  page,
  webgpu,
}) => {
  await page.goto('');
  await expect(status(page)).toContainText('on the CPU');
  await expect(page.getByTestId('line-reason')).toContainText('Running on the CPU.');
  const before = await figures(page);
  // The button is there where the browser has an adapter; the switch always is.
  if (webgpu) await page.getByRole('button', { name: 'Use WebGPU anyway' }).click();
  else await page.getByRole('radio', { name: 'GPU' }).check({ force: true });
  if (webgpu) {
    await expect(status(page)).toContainText('on the GPU');
    await expect(page.getByTestId('line-reason')).toHaveCount(0);
    await page.getByRole('radio', { name: 'CPU' }).check({ force: true });
  } else {
    await expect(problem(page, 'GpuUnavailable')).toContainText('WebGPU is not available here');
    expect(await figures(page)).toEqual(before);
    await problem(page, 'GpuUnavailable').getByRole('button', { name: 'Use the CPU' }).click();
  }
  await expect(status(page)).toContainText('on the CPU');
  await expect(page.getByTestId('problem')).toHaveCount(0);
  expect(await figures(page)).toEqual(before);
});
