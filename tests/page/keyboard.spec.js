// Tasks of docs/keyboard.md, done by keyboard alone.
import { toggle } from './ablated.js';
import { box, expect, head, shows, test } from './page.js';

/** @typedef {import('@playwright/test').Page} Page */
/** @typedef {import('@playwright/test').Locator} Locator */

/** What has the focus, in words; null where nothing has. @param {Page} page */
const focused = (page) =>
  page.evaluate(() => {
    const at = document.activeElement;
    return at && at !== document.body
      ? (at.getAttribute('aria-label') ?? at.textContent ?? at.tagName)
      : null;
  });

/** Presses Tab until `target` has the focus. @param {Page} page @param {Locator} target */
async function tabTo(page, target) {
  for (let press = 0; press < 300; press++) {
    if (await target.evaluate((element) => element === document.activeElement)) return;
    await page.keyboard.press('Tab');
  }
  throw new Error(`Tab never reached ${target}`);
}

test('text, heads, pattern, ablation and menus by keyboard, and the focus is never lost', async ({
  page,
  open,
}) => {
  test.slow(); // Tab goes through the whole page several times
  await open();
  const skip = page.getByTestId('skip');
  await page.keyboard.press('Tab');
  await expect(skip).toBeFocused();
  expect((await skip.boundingBox())?.height, 'seen while it has the focus').toBeGreaterThan(20);
  await page.keyboard.press('Enter');
  await expect(page.locator('#answer')).toBeFocused();

  await page.keyboard.press('Shift+Tab');
  await tabTo(page, box(page));
  await page.keyboard.press('Control+A');
  const text = 'one two three '.repeat(12).trim();
  await page.keyboard.type(text);
  await shows(page, text);

  await tabTo(page, page.locator('[data-testid="head"][tabindex="0"]'));
  await page.keyboard.press('ArrowRight');
  const name = await page.evaluate(() => /** @type {HTMLElement} */ (document.activeElement).dataset.head);
  await page.keyboard.press('Enter');
  await expect(head(page, name ?? '')).toHaveAttribute('aria-pressed', 'true');
  await expect(page.getByTestId('pattern-title')).toHaveText(`Head ${name}`);

  const explorer = page.getByTestId('explorer');
  await tabTo(page, explorer);
  await page.keyboard.press('ArrowUp');
  await expect(page.getByTestId('readout')).toHaveText(/^query \d+ .* → key \d+ .* \d\.\d{3}$/);
  await page.keyboard.press('+');
  await expect(page.getByRole('button', { name: 'Zoom out' })).toBeEnabled();
  await page.keyboard.press('0');
  await page.keyboard.press('Escape');
  await page.keyboard.press('Escape');
  await expect(page.getByTestId('pattern-title')).toHaveText('Mean of all heads');
  await expect(explorer).toBeFocused();

  await tabTo(page, page.locator('[role="tab"][aria-selected="true"]'));
  await page.keyboard.press('Home');
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('ArrowRight');
  await expect(page.getByRole('tab', { name: 'Ablate' })).toBeFocused();
  await expect(page.getByRole('tab', { name: 'Ablate' })).toHaveAttribute('aria-selected', 'true');
  await tabTo(page, page.getByTestId('off-heads').locator('[tabindex="0"]'));
  await page.keyboard.press('Enter');
  await expect(page.getByTestId('off-told')).toContainText('Without head');
  await expect(toggle(page, '0.0')).toHaveAttribute('aria-pressed', 'true');
  expect(await focused(page)).not.toBeNull();

  for (const menu of ['share', 'export']) {
    const opener = page.getByTestId(menu);
    await tabTo(page, opener);
    await page.keyboard.press('Enter');
    await expect(opener).toHaveAttribute('aria-expanded', 'true');
    await page.keyboard.press('Tab');
    expect(await focused(page)).not.toBeNull();
    await page.keyboard.press('Escape');
    await expect(opener).toHaveAttribute('aria-expanded', 'false');
    await expect(opener).toBeFocused();
  }
});

test('the tour from its button to its end by keyboard', async ({ page, open }) => {
  test.slow(); // ten steps, with their experiments
  await open();
  await tabTo(page, page.getByTestId('tour-start'));
  await page.keyboard.press('Enter');
  await expect(page.locator('#guide-title')).toBeFocused();
  const next = page.getByTestId('tour-next');
  const steps = await page.getByTestId('tour-step').count();
  for (let step = 1; step <= steps; step++) {
    await expect(page.locator('.guide .caption')).toHaveText(`Step ${step} of ${steps}`);
    await tabTo(page, next);
    await page.keyboard.press('Enter');
    expect(await focused(page), `after step ${step}`).not.toBeNull();
  }
  await expect(page.locator('.guide')).toBeHidden();
  await expect(page.locator('[role="tab"][aria-selected="true"]')).toBeFocused();
});
