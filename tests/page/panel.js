// The models panel with a local hub.
import { ENTRY, hubOf } from './hub.js';
import { analysed, test as base, expect } from './page.js';

/** @typedef {import('@playwright/test').Page} Page */
/** @typedef {import('@playwright/test').PlaywrightTestArgs} Given */

/** @type {import('@playwright/test').Fixtures<{ hub: import('./hub.js').Hub }, {}, Given>} */
const fixtures = {
  hub: async ({ page }, use) => {
    const hub = await hubOf(page);
    await use(hub);
    // A request may be on its way when a test ends.
    await page.unrouteAll({ behavior: 'ignoreErrors' });
    await hub.close();
  },
};
export const test = base.extend(fixtures);
export { expect };

/** @param {Page} page @param {string} [id] */
export const listed = (page, id = ENTRY.id) => page.locator(`[data-testid="listed"][data-model="${id}"]`);
/** @param {Page} page */
export const download = (page) =>
  listed(page).getByRole('button', { name: /^(Download|Resume download of) Planted circuits, / });
/** @param {Page} page @param {string} name */
export const uses = (page, name) => expect(page.getByTestId('model')).toHaveText(name, { timeout: 30_000 });

/** Eleven ids of the fixtures' vocabulary, twice. */
export const IDS = '0 5 3 9 7 2 8 4 6 1 10 11 5 3 9 7 2 8 4 6 1 10 11';

/** @param {Page} page */
export async function openPanel(page) {
  await page.goto('');
  await analysed(page);
  await page.getByTestId('model').click();
  await expect(page.getByTestId('listed').nth(1)).toBeVisible();
}
