// The tabs under the evidence: one panel at a time, by pointer, keyboard and link.
import { expect, testInKeptPage as test } from './page.js';

test('a tab shows its panel, arrows walk through them, and a link opens at one', async ({ page, open }) => {
  await open('#v=2');
  const tab = (/** @type {string} */ name) => page.getByRole('tab', { name });
  const panels = () =>
    page
      .getByRole('tabpanel')
      .evaluateAll((all) => all.filter((one) => one.checkVisibility()).map(({ id }) => id));
  await expect.poll(panels).toEqual(['panel-find']);
  await tab('Ablate').click();
  await expect.poll(panels).toEqual(['panel-ablate']);
  await expect(page).toHaveURL(/tab=ablate/);
  await page.keyboard.press('ArrowRight');
  await expect(tab('Scores')).toBeFocused();
  await page.keyboard.press('ArrowRight');
  await expect(tab('Find')).toHaveAttribute('aria-selected', 'true');
  await expect(page).not.toHaveURL(/tab=/);
  await page.keyboard.press('End');
  await expect.poll(panels).toEqual(['panel-scores']);
  await open('#v=1&tab=circuits');
  await expect.poll(panels).toEqual(['panel-explain']);
});

test('the menus of the header open one at a time, and close on Escape and on a click elsewhere', async ({
  page,
  open,
}) => {
  await open();
  const [share, save] = [page.getByTestId('share'), page.getByTestId('export')];
  await share.click();
  await expect(page.getByTestId('copy-link')).toBeVisible();
  await save.click();
  await expect(page.getByTestId('copy-link')).toBeHidden();
  await expect(page.getByTestId('export-npz')).toBeVisible();
  await page.getByTestId('export-npz').focus();
  await page.keyboard.press('Escape');
  await expect(page.getByTestId('export-npz')).toBeHidden();
  await expect(save).toBeFocused();
  await save.click();
  await page.getByRole('heading', { name: 'Headscope' }).click();
  await expect(page.getByTestId('export-npz')).toBeHidden();
});

test('the evidence stays in view beside what is read below; a link to a head acts on it there', async ({
  page,
  open,
}) => {
  await open('#v=2');
  await page.locator('#own-repeats').scrollIntoViewIfNeeded();
  await expect(page.getByTestId('explorer')).toBeInViewport({ ratio: 1 });
  await page.getByTestId('own-induction-map').locator('[data-head="1.1"]').click();
  await expect(page.getByTestId('pattern-title')).toHaveText('Head 1.1');
  await expect(page.getByTestId('pattern-title')).toBeInViewport();
});

test('on a phone a head that is pinned far below brings its pattern into view', async ({ page, open }) => {
  await page.setViewportSize({ width: 390, height: 844 });
  await open('#v=2');
  await expect(page.getByTestId('strict-map')).toBeVisible();
  await page.getByTestId('strict-map').locator('[data-head="1.2"]').click();
  await expect(page.getByTestId('pattern-title')).toHaveText('Head 1.2');
  await expect(page.getByTestId('explorer')).toBeInViewport({ ratio: 0.5 });
});
