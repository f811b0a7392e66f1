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
 * @property {import('@playwright/test').Page} bare the page, with `Headscope` in it
 * @property {string} longText takes the default model some tenths of a second on this backend
 */

/** @typedef {import('@playwright/test').PlaywrightTestArgs & import('../harness.js').PerTest} Given */

/** @type {import('@playwright/test').Fixtures<Bare, {}, Given>} */
const fixtures = {
  longText: async ({ webgpu }, use) =>
    use('one two three four five six seven eight '.repeat(webgpu ? 15 : 60)),
  bare: async ({ page }, use) => {
    await page.route('**/bare.html', (route) => route.fulfill({ path: BARE }));
    await page.route('**/fixtures/*', (route) => {
      const path = FOLDER + new URL(route.request().url()).pathname.split('/').pop();
      return existsSync(path)
        ? route.fulfill({ path, contentType: 'application/octet-stream' })
        : route.fulfill({ status: 404 });
    });
    await page.goto('bare.html');
    await page.waitForFunction(() => 'Headscope' in globalThis);
    await use(page);
  },
};

export const test = base.extend(fixtures);
export { expect };

/** @param {string} name of a file in tests/fixtures */
export const fixtureBytes = (name) => readFileSync(FOLDER + name);
/** @param {string} name */
export const fixtureJson = (name) => JSON.parse(readFileSync(FOLDER + name, 'utf8'));
