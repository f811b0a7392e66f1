// A short form of `cargo xtask soak`: memory that stays flat, and figures that stay the same.
import { flat, inBrowser, sampled } from '../../../tools/soak/session.js';
import { expect, test } from '../harness.js';

test('480 analyses, with experiments and other models among them', async ({ browser, site, backend }) => {
  const page = await inBrowser(browser, site.url);
  const session = { analyses: 480, every: 48, texts: 8, longest: 128 };
  /** @type {import('../../../tools/soak/session.js').Sample[]} */ const samples = [];
  for await (const sample of sampled(page, { ...session, backend, module: `${site.url}headscope.js` }))
    samples.push(sample);
  await page.close();
  expect(samples.reduce((sum, { results }) => sum + results, 0)).toBeGreaterThan(300);
  expect(flat(samples)).toEqual([]);
});
