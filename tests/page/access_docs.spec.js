// The pages of docs/ in the built site: a link to a definition arrives at it, and axe finds nothing.
import { DESKTOP, look, PHONE, tooWide, violations } from './axe.js';
import { expect, test } from './harness.js';

/** @type {readonly (readonly [string, 'light' | 'dark', { width: number, height: number }])[]} */
const PAGES = [
  ['definitions', 'light', DESKTOP],
  ['definitions', 'dark', PHONE],
  ['attention', 'light', PHONE],
  ['adding', 'dark', DESKTOP],
  ['style', 'light', PHONE],
  ['keyboard', 'dark', PHONE],
];

test('axe finds nothing in the documents', async ({ page, complaints }) => {
  test.slow(); // six audits
  let shown = '';
  for (const [name, colorScheme, viewport] of PAGES) {
    const what = `${name}, ${colorScheme}, ${viewport.width} wide`;
    if (name !== shown) await page.goto(`docs/${name}.html`);
    shown = name;
    await look(page, { colorScheme }, viewport);
    expect(await violations(page), what).toEqual([]);
    expect(await tooWide(page), `${what}: the page itself never scrolls sideways`).toBe(0);
    expect(complaints, what).toEqual([]);
  }
});

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
