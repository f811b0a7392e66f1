// The built site before a visitor clicks anything.
import { PARTS } from '../sizes.js';
import { expect, test } from './harness.js';

/** Files that may be asked for before the first figures, and that the figures do not need. */
const NOT_NEEDED = /^(?:assets\/icon-[\w-]+\.svg|plotting-[\w-]+\.js|service_worker\.js)$/;

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
  /** @type {Set<string>} */
  const asked = new Set();
  page.context().on('request', (request) => {
    if (!request.url().startsWith(site.url) && !request.url().startsWith('blob:'))
      elsewhere.push(request.url());
    else if (request.url().startsWith(site.url))
      asked.add(request.url().slice(site.url.length) || 'index.html');
  });
  await page.goto('');
  await page.waitForFunction(() => performance.getEntriesByName('headscope:first-analysis').length > 0);
  expect(elsewhere).toEqual([]);
  expect(complaints).toEqual([]);
  // The size gates are of these files and no others.
  for (const { part, files } of PARTS)
    expect(
      [...asked].some((path) => files.test(path)),
      part,
    ).toBe(true);
  const others = [...asked].filter((path) => !PARTS.some(({ files }) => files.test(path)));
  expect(others.filter((path) => !NOT_NEEDED.test(path))).toEqual([]);
  // The browser also looks for an icon at the root of the host, which is not the site's.
  expect(
    site.sent.filter(({ path, status }) => path.startsWith(new URL(site.url).pathname) && status !== 200),
  ).toEqual([]);
});
