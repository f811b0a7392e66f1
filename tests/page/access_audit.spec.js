// axe finds nothing on the Detectors tab with a score selected and labels tried on another text.
import { AxeBuilder } from '@axe-core/playwright';
import { expect, test } from './page.js';

for (const [device, width, colorScheme] of /** @type {const} */ ([
  ['desktop, light', 1280, 'light'],
  ['phone, dark', 390, 'dark'],
])) {
  test(`axe finds nothing with a score selected and labels tried: ${device}`, async ({ page, open }) => {
    test.slow();
    await page.emulateMedia({ colorScheme });
    await page.setViewportSize({ width, height: 900 });
    await open('#v=1&head=1.1&score=matching-induction&weighted=attention&query=30&key=3');
    await page.getByTestId('stability-example').nth(1).click();
    await expect(page.getByTestId('stability-table')).toContainText('in 2 of 2 texts');
    await expect(page.getByTestId('audit-formula')).toContainText('rows =');
    await expect(page.getByTestId('definitions-of')).toContainText('exclude_bos');
    const axe = new AxeBuilder({ page })
      .include('#panel-scores')
      .include('#pattern')
      .options({ resultTypes: ['violations'] });
    const { violations } = await axe.analyze();
    expect(
      violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ target }) => target.join(' ')).join(', ')}`),
    ).toEqual([]);
    expect(
      await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth),
    ).toBeLessThanOrEqual(0);
  });
}
