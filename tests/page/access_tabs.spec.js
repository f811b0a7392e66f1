// axe finds nothing in any tab with its views open: light, dark, and in forced colours.
import { DESKTOP, look, PHONE, tooWide, violations } from './axe.js';
import { expect, test } from './page.js';

/** @typedef {import('@playwright/test').Page} Page */
/** @typedef {{ width: number, height: number }} Size */

/**
 * Audits the open page in three looks: the parts light and dark, the whole page in forced colours.
 * @param {Page} page @param {Size} light its size @param {...string} parts
 */
async function auditAll(page, light, ...parts) {
  await look(page, { colorScheme: 'light' }, light);
  expect(await violations(page, ...parts), 'light').toEqual([]);
  expect(await tooWide(page), 'the page itself never scrolls sideways').toBeLessThanOrEqual(0);
  await look(page, { colorScheme: 'dark' }, PHONE);
  expect(await violations(page, ...parts), 'dark').toEqual([]);
  expect(await tooWide(page), 'the page itself never scrolls sideways').toBeLessThanOrEqual(0);
  await look(page, { colorScheme: 'light', forcedColors: 'active' }, { width: 1280, height: 720 });
  expect(await violations(page), 'forced colours').toEqual([]);
}

/** Opens every table of the tab. @param {Page} page */
async function openTables(page) {
  for (const table of await page.getByRole('tabpanel').locator('summary').filter({ visible: true }).all())
    await table.click();
}

test('axe finds nothing: the tab Find', async ({ page, open }) => {
  test.slow(); // three audits
  await open('#v=2&tab=find&head=1.0&len=8&batch=2');
  await expect(page.getByTestId('own-told')).not.toHaveText('');
  await openTables(page);
  await auditAll(page, PHONE, '#panel-find');
});

test('axe finds nothing: the tab Explain', async ({ page, open }) => {
  test.slow(); // three audits
  await open('#v=2&tab=explain&ran=path+copying&copy=1.1&head=1.2&len=8&batch=2');
  await expect(page.getByTestId('path-words')).toContainText('nats');
  await expect(page.getByTestId('copying-told')).toContainText('top-1');
  await auditAll(page, DESKTOP, '#panel-explain');
});

test('axe finds nothing: the tab Ablate, with a head ablated', async ({ page, open }) => {
  test.slow(); // three audits
  await open('#v=2&tab=ablate&off=0.2&ran=losses&len=8&batch=2');
  await expect(page.getByTestId('losses-told')).not.toHaveText('');
  await openTables(page);
  await auditAll(page, PHONE, '#panel-ablate');
});

test('axe finds nothing: the tab Scores, with a score selected and labels tried', async ({ page, open }) => {
  test.slow(); // three audits
  await open('#v=1&head=1.1&score=matching-induction&weighted=attention&query=30&key=3');
  await page.getByTestId('stability-example').nth(1).click();
  await expect(page.getByTestId('stability-table')).toContainText('in 2 of 2 texts');
  await expect(page.getByTestId('audit-formula')).toContainText('rows =');
  await expect(page.getByTestId('definitions-of')).toContainText('exclude_bos');
  await auditAll(page, DESKTOP, '#panel-scores', '#pattern');
});
