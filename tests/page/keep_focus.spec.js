// Where a redraw takes the control away that has the focus, the focus moves on to the next one.
import { readFileSync } from 'node:fs';
import { backTo, enterAway, focused, tabTo } from './keys.js';
import { box, expect, hold, problem, test } from './page.js';

test('the focus moves on: unpinned, zoomed, restored', async ({ page, open }) => {
  test.slow(); // Tab goes through the whole page several times
  await open('#v=2&head=1.1&tab=ablate&off=0.2+1.0');
  await expect(page.getByTestId('off-told')).toContainText('Without heads');
  const pattern = page.locator('#pattern');

  const restore = (/** @type {string} */ place, /** @type {string} */ name) =>
    page.getByTestId(place).getByRole('button', { name: `Restore head ${name}` });
  await enterAway(page, restore('answer-ablated', '0.2'), 'Restore head 1.0');
  await page.keyboard.press('Enter');
  await expect(page.getByTestId('answer-ablated')).toBeHidden();
  await expect(page.locator('#answer :focus')).toHaveCount(1);

  await enterAway(page, page.getByTestId('let-go'), 'Zoom in');
  await expect(pattern.locator(':focus')).toHaveCount(1);
  await page.keyboard.press('Enter');
  await enterAway(page, pattern.getByRole('button', { name: 'Show the whole pattern' }), 'Attention pattern');
  await backTo(page, pattern.getByRole('button', { name: 'Zoom in' }));
  await page.keyboard.press('Enter');
  await backTo(page, pattern.getByRole('button', { name: 'Zoom out' }));
  await page.keyboard.press('Enter');
  await expect.poll(() => focused(page)).toBe('Zoom in');
  await expect(pattern.getByRole('button', { name: 'Zoom out' })).toBeDisabled();
});

test('the focus moves on: dismissed, closed, saved', async ({ page, open }) => {
  await open();
  await tabTo(page, box(page));
  await page.keyboard.press('Control+A');
  await page.keyboard.press('Delete');
  await expect(problem(page, 'EmptyInput')).toBeVisible();
  await enterAway(
    page,
    problem(page, 'EmptyInput').getByRole('button', { name: 'Dismiss' }),
    /^(answer|notices)$/,
  );
  await expect(page.getByTestId('problem')).toHaveCount(0);

  await backTo(page, page.getByTestId('export'));
  await page.keyboard.press('Enter');
  await tabTo(page, page.getByTestId('export-csv'));
  const saved = page.waitForEvent('download');
  await page.keyboard.press('Enter');
  expect(readFileSync(await (await saved).path(), 'utf8')).toContain('mean-previous');
  await expect(page.getByTestId('export-csv')).toBeEnabled();
  await expect(page.getByTestId('export-csv')).toBeFocused();
  await page.keyboard.press('Escape');

  await backTo(page, page.getByTestId('model'));
  await page.keyboard.press('Enter');
  await expect(page.locator('#models')).toBeVisible();
  await tabTo(page, page.locator('#models').getByRole('button', { name: 'Close' }));
  await page.keyboard.press('Enter');
  await expect(page.locator('#models')).toBeHidden();
  await expect(page.getByTestId('model')).toBeFocused();
});

test('a study that is stopped and run again keeps the focus in its region', async ({ page, open }) => {
  test.slow(); // Tab goes through the whole page
  const release = await hold(page, 'repeated', 1);
  await open('#v=2&tab=explain&batch=60&len=100');
  const standing = page.getByTestId('standing-path');
  await expect(standing.getByRole('button', { name: 'Stop' })).toBeVisible();
  await tabTo(page, standing.getByRole('button', { name: 'Stop' }));
  await page.keyboard.press('Enter');
  await expect(standing).toContainText('Stopped');
  await expect.poll(() => focused(page)).not.toBeNull();
  await expect(page.locator('#circuits :focus, #circuits:focus')).toHaveCount(1);
  await release();
});

test('a click beside all controls leaves the focus where the visitor put it', async ({ page, open }) => {
  await open();
  await page.getByTestId('export').focus();
  await page.locator('.brand p').click();
  await expect.poll(() => focused(page)).toBeNull();
  // A later redraw moves nothing.
  await page.getByTestId('example').first().hover();
  await box(page).evaluate((element) => {
    /** @type {HTMLTextAreaElement} */ (element).value = '';
    element.dispatchEvent(new Event('input', { bubbles: true }));
  });
  await expect(problem(page, 'EmptyInput')).toBeVisible();
  expect(await focused(page)).toBeNull();
});
