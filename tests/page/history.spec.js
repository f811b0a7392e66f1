// The history: Back, Forward and edits lose no entry, and what a chip or a link replaced can be had back.
import { analysed, box, expect, problem, shows, test } from './page.js';

/** @param {import('@playwright/test').Page} page @param {string} text */
async function write(page, text) {
  await box(page).fill(text);
  await shows(page, text);
}

test('an edit right after Back overwrites nothing: Back and Forward lead to what was', async ({
  page,
  open,
}) => {
  await open();
  await write(page, 'the first text');
  // Edits further apart than a burst are entries of their own; so are a burst and what comes after Back.
  await page.getByTestId('example').first().click();
  await write(page, 'the second text');
  await page.goBack();
  await expect(box(page)).toHaveValue(/^We think/);
  await page.goBack();
  await shows(page, 'the first text');
  await box(page).fill('an edit at once');
  await shows(page, 'an edit at once');
  await page.goForward();
  await expect(box(page)).toHaveValue(/^We think/);
  await page.goForward();
  await shows(page, 'the second text');
  for (let steps = 0; steps < 2; steps++) await page.goBack();
  await shows(page, 'an edit at once');
  await page.goBack();
  await shows(page, 'the first text');
});

test('an example, a link and a saved analysis can be undone', async ({ page, open }) => {
  await open();
  await write(page, 'a text of my own');
  const undo = page.getByTestId('undo-example');
  await expect(undo).toBeHidden();
  await page.getByTestId('example').first().click();
  await expect(box(page)).toHaveValue(/^We think/);
  await undo.click();
  await shows(page, 'a text of my own');
  await page.evaluate(() => {
    location.hash = '#v=1&t=a+text+of+a+link';
  });
  await shows(page, 'a text of a link');
  await undo.click();
  await shows(page, 'a text of my own');
  await box(page).pressSequentially(' and more');
  await expect(undo).toBeHidden();
});

test('the pattern is drawn anew when its pixels change', async ({ page, open }) => {
  await open();
  const canvas = page.getByTestId('explorer').locator('canvas');
  const sizes = () =>
    canvas.evaluate((element) => {
      const { width, clientWidth } = /** @type {HTMLCanvasElement} */ (element);
      return width / clientWidth;
    });
  expect(await sizes()).toBeCloseTo(1, 1);
  const before = await canvas.evaluate(({ clientWidth }) => clientWidth);
  const session = await page.context().newCDPSession(page);
  const { width, height } = /** @type {{ width: number, height: number }} */ (page.viewportSize());
  for (const deviceScaleFactor of [2, 1.5]) {
    // A screen of another height, so that the browser notices; the canvas keeps its size on the page.
    const metrics = { width, height: height - deviceScaleFactor * 2, deviceScaleFactor, mobile: false };
    await session.send('Emulation.setDeviceMetricsOverride', metrics);
    await expect.poll(sizes).toBeCloseTo(deviceScaleFactor, 1);
    expect(await canvas.evaluate(({ clientWidth }) => clientWidth)).toBe(before);
  }
});

test('a link’s model that nobody asked for is still not asked for after a reload and Back', async ({
  page,
}) => {
  const unasked = () => page.evaluate(() => history.state?.unasked);
  await page.goto('#v=1&model=gpt2&t=one+two');
  await expect(problem(page, 'ModelNotHere')).toBeVisible();
  await expect.poll(unasked).toBe('gpt2');
  await page.reload();
  await expect(problem(page, 'ModelNotHere')).toBeVisible();
  await expect.poll(unasked).toBe('gpt2');
  // The visitor's own choice.
  await problem(page, 'ModelNotHere').getByRole('button', { name: 'Load the default model' }).click();
  await analysed(page);
  await expect.poll(unasked).toBe(null);
});
