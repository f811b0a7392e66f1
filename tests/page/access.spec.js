// axe finds nothing on whole pages, and the keyboard reaches everything.
import { AxeBuilder } from '@axe-core/playwright';
import { box, expect, head, problem, test } from './page.js';

/** @param {import('@playwright/test').Page} page @param {string} [part] a selector */
async function violations(page, part = 'html') {
  const { violations } = await new AxeBuilder({ page })
    .include(part)
    .options({ resultTypes: ['violations'] })
    .analyze();
  return violations.map(
    ({ id, nodes }) => `${id}: ${nodes.map(({ target }) => target.join(' ')).join(', ')}`,
  );
}

/** The pixels by which the page is wider than the window. @param {import('@playwright/test').Page} page */
const tooWide = (page) =>
  page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);

test('axe finds nothing, on a desktop and a phone, light and dark', async ({ page, open }) => {
  test.slow(); // four audits of the whole page
  await page.setViewportSize({ width: 1280, height: 900 });
  await open();
  await page.getByTestId('example').nth(1).click();
  await expect(page.getByTestId('answer-induction')).toContainText('1.0');
  await head(page, '1.0').click();
  await page.getByTestId('tokens').getByRole('option').nth(30).click();
  await page.getByText('Keys', { exact: true }).click();
  await box(page).fill('');
  await expect(problem(page, 'EmptyInput')).toBeVisible();
  for (const [device, viewport] of /** @type {const} */ ([
    ['desktop', { width: 1280, height: 900 }],
    ['phone', { width: 390, height: 844 }],
  ])) {
    await page.setViewportSize(viewport);
    for (const colorScheme of /** @type {const} */ (['light', 'dark'])) {
      await page.emulateMedia({ colorScheme });
      expect(await violations(page), `${colorScheme}, ${device}`).toEqual([]);
      expect(await tooWide(page), `${device}: the page itself never scrolls sideways`).toBeLessThanOrEqual(0);
    }
  }
});

/**
 * Links to each tab with all of its views open, and the element that appears last.
 * @type {readonly (readonly [string, string, string])[]}
 */
const TABS = [
  ['Find', 'tab=repeats&head=1.0&len=8&batch=2', 'own-told'],
  ['Ablate', 'tab=off&off=0.2&ran=losses&len=8&batch=2', 'losses-told'],
];

for (const [name, link, last] of TABS) {
  test(`axe finds nothing: the tab ${name}`, async ({ page, open }) => {
    await page.setViewportSize({ width: 390, height: 844 });
    await page.emulateMedia({ colorScheme: 'dark' });
    await open(`#v=1&${link}`);
    await expect(page.getByTestId(last)).not.toHaveText('');
    for (const table of await page.getByRole('tabpanel').locator('summary').filter({ visible: true }).all())
      await table.click();
    for (const colorScheme of /** @type {const} */ (['dark', 'light'])) {
      await page.emulateMedia({ colorScheme });
      expect(await violations(page, '.panel:not([hidden])'), colorScheme).toEqual([]);
    }
    expect(await tooWide(page), 'the page itself never scrolls sideways').toBeLessThanOrEqual(0);
  });
}

test('axe finds nothing: the models panel open, and what can be exported', async ({ page, open }) => {
  await open();
  await page.getByTestId('model').click();
  await expect(page.getByTestId('listed').nth(1)).toBeVisible();
  await page.getByTestId('export').click();
  await expect(page.getByTestId('export-npz')).toBeVisible();
  expect(await violations(page)).toEqual([]);
  await page.setViewportSize({ width: 390, height: 844 });
  expect(await tooWide(page), 'the page itself never scrolls sideways').toBeLessThanOrEqual(0);
});

test('every control is reached by Tab, and has a name', async ({ page, open }) => {
  await open();
  await page.locator('body').press('Tab');
  /** @type {string[]} */ const reached = [];
  for (let step = 0; step < 170; step++) {
    const name = await page.evaluate(() => {
      const element = document.activeElement;
      if (!element || element === document.body) return null;
      const of =
        element.getAttribute('aria-label') ??
        /** @type {HTMLInputElement} */ (element).labels?.[0]?.textContent ??
        element.textContent;
      return `${element.getAttribute('role') ?? element.tagName.toLowerCase()}: ${of?.trim().slice(0, 40)}`;
    });
    if (name === null) break;
    reached.push(name);
    await page.keyboard.press('Tab');
  }
  for (const expected of [
    'button: Take the tour',
    'button: Share',
    'button: Export',
    'textarea: Text to analyse',
    'button: A paragraph',
    'button: Head 0.6',
    'button: Mean of all heads',
    'button: Next head',
    'button: Zoom in',
    'application: Attention pattern',
    'option: ',
    'tab: Scores',
    'input: Active weight',
    'button: Token matching, induction',
    'button: Show head 1.7',
    'summary: Keys',
  ]) {
    expect(
      reached.some((name) => name.startsWith(expected)),
      `${expected} in ${reached.join(' | ')}`,
    ).toBe(true);
  }
  expect(reached.filter((name) => /: (undefined)?$/.test(name))).toEqual([]);
});

test('heads, tokens and the pattern are walked through by arrows, brackets and Escape', async ({
  page,
  open,
}) => {
  await open();
  const title = page.getByTestId('pattern-title');
  await head(page, '0.0').focus();
  await page.keyboard.press('ArrowRight');
  await expect(title).toHaveText('Head 0.1');
  await page.keyboard.press('ArrowDown');
  await expect(title).toHaveText('Head 1.1');
  await page.keyboard.press('Enter');
  await expect(head(page, '1.1')).toHaveAttribute('aria-pressed', 'true');
  await page.keyboard.press('[');
  await expect(title).toHaveText('Head 1.0');
  await page.keyboard.press(']');
  await page.keyboard.press(']');
  await expect(title).toHaveText('Head 1.2');

  const readout = page.getByTestId('readout');
  await page.getByTestId('explorer').focus();
  await page.keyboard.press('ArrowUp');
  await expect(readout).toHaveText(/^query 83 .* → key 0 .* \d\.\d{3}$/);
  await page.keyboard.press('Shift+ArrowUp');
  await page.keyboard.press('ArrowRight');
  await expect(readout).toHaveText(/^query 73 .* → key 1 /);
  const [closer, farther] = [
    page.getByRole('button', { name: 'Zoom in' }),
    page.getByRole('button', { name: 'Zoom out' }),
  ];
  await expect(farther).toBeDisabled();
  for (let press = 0; press < 8; press++) await page.keyboard.press('+');
  await expect(closer).toBeDisabled();
  await page.keyboard.press('-');
  await expect(closer).toBeEnabled();
  await page.keyboard.press('0');
  await expect(farther).toBeDisabled();
  await page.keyboard.press('Escape');
  await expect(readout).toHaveText('Point at a cell for its weight');
  await expect(title).toHaveText('Head 1.2');
  await page.keyboard.press('Escape');
  await expect(title).toHaveText('Mean of all heads');

  await page.getByTestId('tokens').getByRole('option').last().focus();
  await page.keyboard.press('Home');
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('Shift+ArrowRight');
  await page.keyboard.press('Enter');
  await expect(page.getByTestId('strip-caption')).toContainText('What token 11 ');
  await expect(page).toHaveURL(/query=11/);
});

test('a wheel over the pattern scrolls the page until the pattern has the focus, then zooms', async ({
  page,
  open,
}) => {
  await open();
  const explorer = page.getByTestId('explorer');
  const farther = page.getByRole('button', { name: 'Zoom out' });
  await explorer.hover();
  await page.mouse.wheel(0, -100);
  await expect(farther).toBeDisabled();
  await explorer.click({ position: { x: 150, y: 200 } });
  await page.mouse.wheel(0, -300);
  await expect(farther).toBeEnabled();
});
