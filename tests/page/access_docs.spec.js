// The pages of docs/ in the built site: a link to a definition arrives at it, and axe finds nothing.
import { AxeBuilder } from '@axe-core/playwright';
import { expect, test } from './harness.js';

const DESKTOP = { width: 1280, height: 900 };
const PHONE = { width: 390, height: 844 };

for (const [name, colorScheme, viewport] of /** @type {const} */ ([
  ['definitions', 'light', DESKTOP],
  ['definitions', 'dark', PHONE],
  ['attention', 'light', PHONE],
  ['adding', 'dark', DESKTOP],
  ['style', 'light', PHONE],
])) {
  test(`axe finds nothing: ${name}, ${colorScheme}, ${viewport.width} wide`, async ({ page, complaints }) => {
    await page.emulateMedia({ colorScheme });
    await page.setViewportSize(viewport);
    await page.goto(`docs/${name}.html`);
    const { violations } = await new AxeBuilder({ page }).options({ resultTypes: ['violations'] }).analyze();
    const found = violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ target }) => target.join(' '))}`);
    expect(found).toEqual([]);
    const { scrollWidth, clientWidth } = await page.evaluate(() => {
      const { scrollWidth, clientWidth } = document.documentElement;
      return { scrollWidth, clientWidth };
    });
    expect(scrollWidth, 'the page itself never scrolls sideways').toBe(clientWidth);
    expect(complaints).toEqual([]);
  });
}

test('a link to a definition arrives at it, and leads back to the page', async ({ page, site }) => {
  await page.goto('docs/definitions.html#detect_head');
  await expect(page.getByRole('heading', { name: 'detect_head' })).toBeInViewport();
  await expect(page.locator('script')).toHaveCount(0);
  await page.getByRole('link', { name: 'row statistics' }).first().click();
  await expect(page.getByRole('heading', { name: 'Row statistics' })).toBeInViewport();
  await page.goto('docs/attention.html');
  await page.getByRole('link', { name: 'attention pattern' }).click();
  await expect(page).toHaveURL(`${site.url}docs/definitions.html#attention-pattern`);
  await page.getByRole('navigation').getByRole('link', { name: 'Headscope' }).click();
  await expect(page).toHaveURL(`${site.url}index.html`);
});
