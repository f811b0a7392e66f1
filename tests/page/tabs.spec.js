// The tabs under the evidence: one panel at a time, by pointer, keyboard and link.
import { expect, test } from './page.js';

test('a tab shows its panel, arrows walk through them, and a link opens at one', async ({ page, open }) => {
  await open();
  const tab = (/** @type {string} */ name) => page.getByRole('tab', { name });
  const panels = () =>
    page
      .getByRole('tabpanel')
      .evaluateAll((all) => all.filter((one) => one.checkVisibility()).map(({ id }) => id));
  await expect.poll(panels).toEqual(['panel-detectors']);
  await tab('Export').click();
  await expect.poll(panels).toEqual(['panel-export']);
  await expect(page).toHaveURL(/tab=export/);
  await page.keyboard.press('ArrowRight');
  await expect(tab('Tour')).toBeFocused();
  await page.keyboard.press('ArrowRight');
  await expect(tab('Detectors')).toHaveAttribute('aria-selected', 'true');
  await expect(page).not.toHaveURL(/tab=/);
  await page.keyboard.press('End');
  await expect.poll(panels).toEqual(['panel-tour']);
  await open('#v=1&tab=circuits');
  await expect.poll(panels).toEqual(['panel-circuits']);
});
