// axe finds nothing where the system forces its colours, in every tab. The keyboard's way from a tab to the
// pattern.
import { AxeBuilder } from '@axe-core/playwright';
import { expect, test } from './page.js';

/**
 * A link to each tab with its views open, and the element that appears last.
 * @type {readonly (readonly [string, string, string])[]}
 */
const TABS = [
  ['Find', 'tab=find&head=1.0&len=8&batch=2', 'own-told'],
  ['Explain', 'tab=explain&ran=path+copying&copy=1.1&head=1.2&len=8&batch=2', 'copying-told'],
  ['Ablate', 'tab=ablate&off=0.2&ran=losses&len=8&batch=2', 'losses-told'],
  ['Scores', 'tab=scores&head=1.1&score=matching-induction', 'audit-formula'],
];

for (const [name, link, last] of TABS) {
  test(`axe finds nothing in forced colours: the page and its tab ${name}`, async ({ page, open }) => {
    await page.emulateMedia({ forcedColors: 'active' });
    await open(`#v=2&${link}`);
    await expect(page.getByTestId(last)).not.toHaveText('');
    const { violations } = await new AxeBuilder({ page }).options({ resultTypes: ['violations'] }).analyze();
    expect(
      violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ target }) => target.join(' ')).join(', ')}`),
    ).toEqual([]);
  });
}

test('from a tab the keyboard reaches the pattern, and the value of a cell there', async ({ page, open }) => {
  await open('#v=2&tab=scores&head=0.2');
  const way = page.getByTestId('to-pattern');
  await page.getByRole('tab', { name: 'Scores' }).focus();
  await page.keyboard.press('Tab');
  await expect(way).toBeFocused();
  expect((await way.boundingBox())?.height, 'seen while it has the focus').toBeGreaterThan(20);
  await page.keyboard.press('Enter');
  await expect(page.getByTestId('explorer')).toBeFocused();
  await expect(page.getByTestId('explorer')).toBeInViewport();
  await page.keyboard.press('ArrowUp');
  await expect(page.getByTestId('explorer').locator('.cell-tip')).toHaveText(/^\d\.\d{3} {2}“.*” → “.*”$/);
});
