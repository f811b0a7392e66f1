// The page as a visitor has it: opened and analysed, on the backend that this project tests.
import { ended } from '../../www/link/pairs.js';
import { test as base, expect } from './harness.js';

/**
 * @typedef {import('@playwright/test').Page} Page
 * @typedef {object} Opened
 * @property {(hash?: string) => Promise<void>} open opens the page at a link's fragment, by default at the
 *   paragraph of version 1 with its scores, and waits for its first figures
 */

/** @typedef {import('@playwright/test').PlaywrightTestArgs & import('./harness.js').PerTest} Given */
/** @typedef {import('./harness.js').PerWorker} GivenWorker */

/** @type {import('@playwright/test').Fixtures<Opened, {}, Given, GivenWorker>} */
const fixtures = {
  open: async ({ page, webgpu }, use) => use((hash = '#v=1') => openIn(page, webgpu, hash)),
};

export const test = base.extend(fixtures);
export { expect };

/**
 * @typedef {object} Kept
 * @property {Page | null} page
 * @property {string} file of tests that share it
 */

/**
 * @typedef {import('@playwright/test').PlaywrightTestOptions & Given & Opened} GivenOpened
 * @typedef {import('@playwright/test').PlaywrightWorkerArgs & GivenWorker} GivenBrowser
 */
/** @type {import('@playwright/test').Fixtures<{}, { kept: Kept }, GivenOpened, GivenBrowser>} */
const sharing = {
  kept: [
    async ({}, use) => {
      /** @type {Kept} */ const kept = { page: null, file: '' };
      await use(kept);
      await kept.page?.context().close();
    },
    { scope: 'worker' },
  ],
  page: async ({ browser, baseURL, viewport, kept }, use, info) => {
    if (kept.file !== info.file) await closeKept(kept);
    const page = kept.page ?? (await (await browser.newContext({ baseURL, viewport })).newPage());
    Object.assign(kept, { page, file: info.file });
    await use(page);
    // What a failed test left behind must not fail the next one.
    if (info.status !== info.expectedStatus) return closeKept(kept);
    await page.unrouteAll();
    if (viewport) await page.setViewportSize(viewport);
    await page.emulateMedia({ colorScheme: null, forcedColors: null, reducedMotion: null });
  },
  open: async ({ page, webgpu }, use) =>
    use((hash = '#v=1') =>
      page.url() === 'about:blank' ? openIn(page, webgpu, hash) : openKept(page, hash),
    ),
};

/**
 * A test that gets the page of the test before it in its file, at another link. Opening a page takes longer
 * than most tests. It suits tests that change nothing but what a link can say.
 */
export const testInKeptPage = test.extend(sharing);

/** @param {Kept} kept */
async function closeKept(kept) {
  await kept.page?.context().close();
  kept.page = null;
}

/**
 * Opens a link in a page that shows another, by way of a text that no test has: what the link asks for is
 * then computed anew, and the page shows it when it no longer shows that text.
 * @param {Page} page @param {string} fragment with or without `#`
 */
export async function openNext(page, fragment) {
  const goTo = (/** @type {string} */ hash) =>
    page.evaluate((hash) => {
      location.hash = hash;
    }, hash);
  await goTo('v=1&t=in+between');
  await shows(page, 'in between');
  await expect(page.getByTestId('line-link')).toHaveCount(0);
  await goTo(fragment);
}

/** @param {Page} page @param {string} hash */
async function openKept(page, hash) {
  await page.mouse.move(0, 0);
  await page.keyboard.press('Escape');
  await page.evaluate(() => localStorage.clear());
  await openNext(page, withEnd(hash));
  await expect.poll(async () => (await pieces(page)).join('')).not.toBe('in·between');
}

/** @param {Page} page */
export const analysed = (page) =>
  page.waitForFunction(() => performance.getEntriesByName('headscope:first-analysis').length > 0);

/** A link that a test writes by hand has no end mark yet. @param {string} address */
const withEnd = (address) =>
  address.startsWith('#v=2') && !address.includes('&end=') ? ended(address) : address;

/**
 * Opens an address and waits for its first figures on this project's backend.
 * @param {Page} page @param {boolean} webgpu the page skips a software adapter, so the GPU is chosen by hand
 * @param {string} address relative to the site, or whole
 */
export async function openIn(page, webgpu, address) {
  await page.goto(withEnd(address));
  await analysed(page);
  if (!webgpu) return expect(status(page)).toContainText('on the CPU');
  await page.getByRole('radio', { name: 'GPU' }).check({ force: true });
  // A software adapter compiles the pipelines on the cores that everything else uses.
  await expect(status(page)).toContainText('on the GPU', { timeout: 45_000 });
}

/**
 * Makes the engine of a page that is not open yet leave calls of a method without an answer. A test can then
 * stop them on any machine.
 * @param {Page} page @param {string} method of the worker @param {number} [first] calls that get their answer
 * @returns {Promise<() => Promise<void>>} lets the next calls through
 */
export async function hold(page, method, first = 0) {
  const how = { method, first };
  await page.addInitScript(({ method, first }) => {
    let called = 0;
    /** @type {any} */ (globalThis).held = method;
    const { postMessage } = Worker.prototype;
    /** @this {Worker} @param {any} message @param {any[]} rest */
    Worker.prototype.postMessage = function (message, ...rest) {
      const isHeld = message.method === /** @type {any} */ (globalThis).held && ++called > first;
      if (!isHeld) postMessage.call(this, message, ...rest);
    };
  }, how);
  return () => page.evaluate(() => void Object.assign(globalThis, { held: null }));
}

/** A fragment that was changed on purpose, with the check of what it now says. @param {string} fragment */
export const checked = (fragment) => ended(fragment.replace(/&end=[0-9a-z]{7}/, ''));

/** Copies the link by the Share menu. @param {Page} page */
export async function copyLink(page) {
  await page.getByTestId('share').click();
  await page.getByTestId('copy-link').click();
  await expect(page.getByTestId('copy-link')).toHaveText('Copied');
}

/** @param {Page} page */
export const status = (page) => page.getByTestId('status');
/** @param {Page} page */
export const box = (page) => page.getByRole('textbox', { name: 'Text to analyse' });
/** @param {Page} page @param {string} code */
export const problem = (page, code) => page.locator(`[data-testid="problem"][data-code="${code}"]`);
/** @param {Page} page @param {string} name */
export const head = (page, name) => page.locator(`[data-testid="head"][data-head="${name}"]`);

/**
 * Puts a text into the box as a paste does, as code units: `fill` would change lone surrogates.
 * @param {Page} page @param {string} text
 */
export async function paste(page, text) {
  const units =
    text.length < 10_000 ? Array.from({ length: text.length }, (_, at) => text.charCodeAt(at)) : text;
  await box(page).evaluate((element, units) => {
    const area = /** @type {HTMLTextAreaElement} */ (element);
    area.value = typeof units === 'string' ? units : String.fromCharCode(...units);
    area.dispatchEvent(new Event('input', { bubbles: true }));
  }, units);
}

/** The tokens of the strip as shown, without the BOS. @param {Page} page */
export const pieces = (page) =>
  page.locator('.token .piece').evaluateAll((all) => all.slice(1).map(({ textContent }) => textContent));

/** Every figure of the table as shown. The table is drawn in its tab, which is opened. @param {Page} page */
export async function figures(page) {
  const tab = page.getByTestId('tab-scores');
  if ((await tab.getAttribute('aria-selected')) !== 'true') await tab.click();
  await expect(page.getByTestId('figures').locator('tbody')).toHaveAttribute('aria-busy', 'false');
  return page.getByTestId('figures').locator('tbody td').allTextContents();
}

/**
 * Waits until the strip shows the tokens of a text.
 * @param {Page} page
 * @param {string} text with plain letters and blanks only
 * @param {number} [timeout] in milliseconds, of a run that compiles pipelines in software first
 */
export const shows = (page, text, timeout = 15_000) =>
  expect.poll(async () => (await pieces(page)).join('').replaceAll('·', ' '), { timeout }).toBe(text);

/**
 * Expects a good text to be analysed without a problem.
 * @param {Page} page @param {number} [timeout] as `shows` has it
 */
export async function nextRunWorks(page, timeout) {
  await box(page).fill('and then it works again');
  await shows(page, 'and then it works again', timeout);
  await expect(page.getByTestId('problem')).toHaveCount(0);
}
