/// <reference path="globals.d.ts" />
// A page with the built engine and nothing else. The fixtures lie beside it on the same server.
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { test as base, expect } from '../harness.js';

const BARE = fileURLToPath(new URL('bare.html', import.meta.url));
const FOLDER = fileURLToPath(new URL('../../fixtures/', import.meta.url));

/** Models with TransformerLens' figures, each with its config and its weights in both formats. */
export const FIXTURES = [
  'planted_f32',
  'planted_f16',
  'planted_f16_12heads',
  'random_1layer',
  'random_2layer_lnpre_shortformer',
  'random_3layer_ln_standard',
];

/**
 * @typedef {object} Bare
 * @property {import('@playwright/test').Page} bare a page of the test's own, with `Headscope` in it
 * @property {string} longText takes the default model some tenths of a second on this backend
 *
 * @typedef {object} Shared
 * @property {import('@playwright/test').Page} shared the worker's page, with an engine `hs` and the default
 *   model `model` in it: WebGPU in software compiles the pipelines once, and not for every test
 *
 * @typedef {import('@playwright/test').PlaywrightTestArgs & import('../harness.js').PerTest} Given
 * @typedef {import('@playwright/test').PlaywrightWorkerArgs & import('../harness.js').PerWorker} GivenWorker
 */

/** @param {import('@playwright/test').Page} page @param {string} site */
async function openBare(page, site) {
  await page.route('**/bare.html', (route) => route.fulfill({ path: BARE }));
  await page.route('**/fixtures/**', (route) => {
    const path = FOLDER + new URL(route.request().url()).pathname.split('/fixtures/').pop();
    return existsSync(path)
      ? route.fulfill({ path, contentType: 'application/octet-stream' })
      : route.fulfill({ status: 404 });
  });
  await page.goto(`${site}bare.html`);
  await page.waitForFunction(() => 'Headscope' in globalThis);
}

/** @type {import('@playwright/test').Fixtures<Bare, Shared, Given, GivenWorker>} */
const fixtures = {
  longText: async ({ webgpu }, use) =>
    use('one two three four five six seven eight '.repeat(webgpu ? 15 : 60)),
  bare: async ({ page, site }, use) => {
    await openBare(page, site.url);
    await use(page);
  },
  shared: [
    async ({ browser, site, backend }, use) => {
      const page = await browser.newPage();
      await openBare(page, site.url);
      await page.evaluate(async (backend) => {
        globalThis.hs = await Headscope.open({ backend });
        globalThis.model = await hs.loadModel('default');
      }, backend);
      await use(page);
      await page.close();
    },
    { scope: 'worker' },
  ],
};

export const test = base.extend(fixtures);
export { expect };

/** @param {string} name of a file in tests/fixtures */
export const fixtureBytes = (name) => readFileSync(FOLDER + name);
/** @param {string} name */
export const fixtureJson = (name) => JSON.parse(readFileSync(FOLDER + name, 'utf8'));
