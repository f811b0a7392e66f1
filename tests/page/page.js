// The page as a visitor has it: opened, analysed, on the backend this project's browser is there to test.
import { expect, test as base } from './harness.js';

/**
 * @typedef {import('@playwright/test').Page} Page
 * @typedef {object} Opened
 * @property {(hash?: string) => Promise<void>} open the page with a link's fragment, until its first figures
 *   are painted
 */

/**
 * @type
 *   {import('@playwright/test').Fixtures<Opened, {}, import('@playwright/test').PlaywrightTestArgs & import('./harness.js').PerTest>}
 */
const fixtures = {
  open: async ({ page, webgpu }, use) => use((hash = '') => openIn(page, webgpu, hash)),
};

export const test = base.extend(fixtures);
export { expect };

/** @param {Page} page */
export const analysed = (page) =>
  page.waitForFunction(() => performance.getEntriesByName('headscope:first-analysis').length > 0);

/**
 * @param {Page} page @param {boolean} webgpu `auto` passes over a software adapter, so the GPU is asked for
 * @param {string} address relative to the site, or whole
 */
export async function openIn(page, webgpu, address) {
  await page.goto(address);
  await analysed(page);
  if (!webgpu) return expect(status(page)).toContainText('on the CPU');
  await page.getByRole('radio', { name: 'GPU' }).check({ force: true });
  // A software adapter compiles the pipelines on the cores that everything else runs on.
  await expect(status(page)).toContainText('on the GPU', { timeout: 45_000 });
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
 * Puts a text into the box as a paste does. Lone surrogates would not survive `fill`, so they come as code
 * units.
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

/** The tokens of the strip without the BOS, as they are shown. @param {Page} page */
export const pieces = (page) =>
  page.locator('.token .piece').evaluateAll((all) => all.slice(1).map(({ textContent }) => textContent));

/** Every figure of the table, as it is shown. @param {Page} page */
export async function figures(page) {
  await expect(page.getByTestId('figures').locator('tbody')).toHaveAttribute('aria-busy', 'false');
  return page.getByTestId('figures').locator('tbody td').allTextContents();
}

/**
 * Waits until a text's figures are those shown: its tokens, put together, begin it.
 * @param {Page} page
 * @param {string} text with plain letters and blanks only
 */
export const shows = (page, text) =>
  expect.poll(async () => (await pieces(page)).join('').replaceAll('·', ' ')).toBe(text);

/** A text that has nothing wrong with it is analysed, and nothing is complained of. @param {Page} page */
export async function nextRunWorks(page) {
  await box(page).fill('and then it works again');
  await shows(page, 'and then it works again');
  await expect(page.getByTestId('problem')).toHaveCount(0);
}
