// axe finds nothing on the audit and the circuits with everything in them open.
import { AxeBuilder } from '@axe-core/playwright';
import { expect, test } from './page.js';

for (const [device, width, colorScheme] of /** @type {const} */ ([
  ['desktop, light', 1280, 'light'],
  ['phone, dark', 390, 'dark'],
])) {
  test(`axe finds nothing in Explain, and the page does not scroll sideways: ${device}`, async ({
    page,
    open,
  }) => {
    await page.emulateMedia({ colorScheme });
    await page.setViewportSize({ width, height: 900 });
    await open('#v=1&tab=circuits&ran=path+copying&copy=1.1&head=1.2');
    await expect(page.getByTestId('path-words')).toContainText('nats');
    await expect(page.getByTestId('copying-told')).toContainText('top-1');
    const { violations } = await new AxeBuilder({ page })
      .include('#panel-explain')
      .options({ resultTypes: ['violations'] })
      .analyze();
    expect(
      violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ target }) => target.join(' ')).join(', ')}`),
    ).toEqual([]);
    expect(
      await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth),
    ).toBeLessThanOrEqual(0);
  });
}
