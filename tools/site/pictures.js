// Makes the pictures of docs/ from the built page: `node tools/site/pictures.js`, after `cargo xtask build`.
//
//   docs/screenshot.png   the page as it opens
//   docs/preview.png      1200 x 630, for chats
//   docs/moving.png       an animated PNG: open, look at heads, ablate one, see the stripe go
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { chromium } from '@playwright/test';
import { executablePath } from '../../playwright.config.js';
import { animated } from './apng.js';
import { serve } from './server.js';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/** @typedef {import('@playwright/test').Page} Page */

/**
 * The moving picture: what happens, and for how long it is looked at, in milliseconds.
 * @type {readonly { act: (page: Page) => Promise<void>, ms: number }[]}
 */
const SCENES = [
  { act: async () => {}, ms: 2200 },
  { act: (page) => headOf(page, '1.2').hover(), ms: 1300 },
  { act: (page) => headOf(page, '0.2').hover(), ms: 1300 },
  { act: (page) => page.getByTestId('status').hover(), ms: 1300 },
  { act: ablate, ms: 2600 },
  { act: (page) => side(page, 'before'), ms: 1500 },
  { act: (page) => side(page, 'after'), ms: 2200 },
];

/** @param {Page} page @param {string} name */
const headOf = (page, name) => page.locator(`[data-testid="head"][data-head="${name}"]`);

/** Ablates the feeding head, and shows the head that it feeds. @param {Page} page */
async function ablate(page) {
  await headOf(page, '0.2').click();
  await page.getByTestId('pattern-off').click();
  await headOf(page, '1.0').click();
  await page.getByTestId('status').hover();
  await page.waitForFunction(() => /^Without/.test(document.querySelector('.headline')?.textContent ?? ''));
}

/** @param {Page} page @param {'before' | 'after'} value */
const side = (page, value) => page.getByTestId(`grid-ablated-side-${value}`).check({ force: true });

/** Opens the page and waits for the figures and the answer. @param {Page} page @param {string} url */
async function open(page, url) {
  await page.goto(url);
  await page.waitForFunction(() => performance.getEntriesByName('headscope:first-analysis').length > 0);
  await page.waitForFunction(() => /\d induction heads/.test(document.body.textContent ?? ''));
  await page.waitForTimeout(2500);
}

const site = await serve(`${ROOT}dist`);
const browser = await chromium.launch({
  executablePath,
  args: ['--headless=new', '--no-sandbox', '--disable-background-networking'],
});
try {
  for (const { file, width, height } of [
    { file: 'screenshot.png', width: 1280, height: 900 },
    { file: 'preview.png', width: 1200, height: 630 },
  ]) {
    const page = await browser.newPage({ viewport: { width, height } });
    await open(page, site.url);
    await page.screenshot({ path: `${ROOT}docs/${file}` });
    await page.close();
  }
  const page = await browser.newPage({ viewport: { width: 1100, height: 760 } });
  await open(page, site.url);
  const frames = [];
  for (const { act, ms } of SCENES) {
    await act(page);
    await page.waitForTimeout(500);
    frames.push({ png: await page.screenshot(), ms });
  }
  writeFileSync(`${ROOT}docs/moving.png`, animated(frames));
} finally {
  await browser.close();
  await site.close();
}
