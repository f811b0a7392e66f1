// axe finds nothing on whole pages, and the keyboard reaches everything.
import { DESKTOP, look, PHONE, tooWide, violations } from './axe.js';
import { box, expect, head, problem, test } from './page.js';

test('axe finds nothing, on a desktop and a phone, light and dark, and with the menus open', async ({
  page,
  open,
}) => {
  test.slow(); // five audits of the whole page
  await page.setViewportSize(DESKTOP);
  await open();
  await page.getByTestId('example').nth(1).click();
  await expect(page.getByTestId('answer-induction')).toContainText('1.0');
  await head(page, '1.0').click();
  await page.getByTestId('tokens').getByRole('option').nth(30).click();
  await page.getByText('Keys', { exact: true }).click();
  await box(page).fill('');
  await expect(problem(page, 'EmptyInput')).toBeVisible();
  for (const [device, viewport] of /** @type {const} */ ([
    ['desktop', DESKTOP],
    ['phone', PHONE],
  ])) {
    for (const colorScheme of /** @type {const} */ (['light', 'dark'])) {
      await look(page, { colorScheme }, viewport);
      expect(await violations(page), `${colorScheme}, ${device}`).toEqual([]);
      expect(await tooWide(page), `${device}: the page itself never scrolls sideways`).toBeLessThanOrEqual(0);
    }
  }

  await look(page, { colorScheme: 'light' }, { width: 1280, height: 720 });
  await page.getByTestId('model').click();
  await expect(page.getByTestId('listed').nth(1)).toBeVisible();
  await page.getByTestId('export').click();
  await expect(page.getByTestId('export-npz')).toBeVisible();
  expect(await violations(page), 'the models panel open, and what can be exported').toEqual([]);
  await page.setViewportSize(PHONE);
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
