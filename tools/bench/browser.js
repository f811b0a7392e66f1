// Opens the built page as the tests do, for timing.

import { chromium } from '@playwright/test';
import config from '../../playwright.config.js';

/**
 * Starts a browser as the tests start it.
 * @param {string} name of a project in playwright.config.js
 */
export function launch(name) {
  const options = config.projects?.find((project) => project.name === name)?.use?.launchOptions;
  if (options === undefined) throw new Error(`playwright.config.js has no project ${name}`);
  return chromium.launch(options);
}

/**
 * Opens the page in a new browser and waits for its first analysis, which must not run beside timed work.
 * @param {import('../site/server.js').Site} site
 * @param {'cpu' | 'webgpu'} backend
 * @param {string[]} [files] to put into a file input of the page
 */
export async function opened(site, backend, files = []) {
  const browser = await launch(backend);
  const page = await browser.newPage();
  await page.goto(site.url);
  await page.waitForFunction(
    () => performance.getEntriesByName('headscope:first-analysis').length > 0,
    null,
    { timeout: 120_000 },
  );
  if (files.length > 0) {
    await page.evaluate(() => {
      const input = { type: 'file', name: 'bench', multiple: true };
      document.body.append(Object.assign(document.createElement('input'), input));
    });
    await page.locator('input[name=bench]').setInputFiles(files);
  }
  page.setDefaultTimeout(0);
  return { browser, page };
}
