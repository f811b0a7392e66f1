// The built site before a visitor clicks anything.
import { expect, test } from './harness.js';

test('the browser of each project has, or lacks, the WebGPU adapter that its name promises', async ({
  page,
  webgpu,
}) => {
  await page.goto('');
  const adapter = await page.evaluate(async () => Boolean(await navigator.gpu?.requestAdapter()));
  expect(adapter).toBe(webgpu);
});

test('the page opens with its example analysed, and asks nobody but its own host', async ({
  page,
  site,
  complaints,
}) => {
  /** @type {string[]} */
  const elsewhere = [];
  page.context().on('request', (request) => {
    if (!request.url().startsWith(site.url) && !request.url().startsWith('blob:'))
      elsewhere.push(request.url());
  });
  await page.goto('');
  await page.waitForFunction(() => performance.getEntriesByName('headscope:first-analysis').length > 0);
  expect(elsewhere).toEqual([]);
  expect(complaints).toEqual([]);
  // The browser also looks for an icon at the root of the host, which is not the site's.
  expect(
    site.sent.filter(({ path, status }) => path.startsWith(new URL(site.url).pathname) && status !== 200),
  ).toEqual([]);
});
