// What every page test stands on: the built site under a path of its own, as a project page on a shared host
// has it, and
// an account of what the browser complained about.
import { test as base, expect } from '@playwright/test';
import { fileURLToPath } from 'node:url';
import { serve } from '../../tools/site/server.js';

const DIST = fileURLToPath(new URL('../../dist', import.meta.url));

/**
 * @typedef {object} PerTest
 * @property {boolean} webgpu whether this project's browser has WebGPU
 * @property {'webgpu' | 'cpu'} backend the one that this project's browser is there to test
 * @property {string[]} complaints console errors and uncaught exceptions so far
 *
 * @typedef {object} PerWorker
 * @property {import('../../tools/site/server.js').Site} site the built site, on a port of this test worker's
 *   own
 *
 * @typedef {import('@playwright/test').PlaywrightTestArgs & import('@playwright/test').PlaywrightTestOptions}
 *   BaseTest
 * @typedef
 *   {import('@playwright/test').PlaywrightWorkerArgs & import('@playwright/test').PlaywrightWorkerOptions}
 *   BaseWorker
 */

/** @type {import('@playwright/test').Fixtures<PerTest, PerWorker, BaseTest, BaseWorker>} */
const fixtures = {
  site: [
    async ({}, use) => {
      const site = await serve(DIST, { base: '/some/path/' });
      await use(site);
      await site.close();
    },
    { scope: 'worker' },
  ],
  baseURL: async ({ site }, use) => use(site.url),
  webgpu: async ({}, use, info) => use(info.project.name.startsWith('webgpu')),
  backend: async ({ webgpu }, use) => use(webgpu ? 'webgpu' : 'cpu'),
  complaints: [
    async ({ page }, use) => {
      /** @type {string[]} */
      const complaints = [];
      page.on('console', (message) => {
        if (message.type() === 'error') complaints.push(message.text());
      });
      page.on('pageerror', (error) => complaints.push(String(error)));
      await use(complaints);
    },
    { auto: true },
  ],
};

export const test = base.extend(fixtures);
export { expect };
