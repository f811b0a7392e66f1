// The base of every page test: the built site under a path, as on a shared host, and a list of complaints.

import { fileURLToPath } from 'node:url';
import { test as base, expect } from '@playwright/test';
import { serve } from '../../tools/site/server.js';

const DIST = fileURLToPath(new URL('../../dist', import.meta.url));

/**
 * @typedef {object} PerTest
 * @property {string[]} complaints console errors and uncaught exceptions of `page` so far
 *
 * @typedef {object} PerWorker
 * @property {boolean} webgpu whether this project's browser has WebGPU
 * @property {'webgpu' | 'cpu'} backend that this project tests
 * @property {import('../../tools/site/server.js').Site} site the built site, on a port of this test worker
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
  webgpu: [async ({}, use, info) => use(info.project.name.startsWith('webgpu')), { scope: 'worker' }],
  backend: [async ({ webgpu }, use) => use(webgpu ? 'webgpu' : 'cpu'), { scope: 'worker' }],
  complaints: async ({ page }, use) => {
    /** @type {string[]} */
    const complaints = [];
    page.on('console', (message) => {
      if (message.type() === 'error') complaints.push(message.text());
    });
    page.on('pageerror', (error) => complaints.push(String(error)));
    await use(complaints);
  },
};

export const test = base.extend(fixtures);
export { expect };
