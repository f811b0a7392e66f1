// What a first visit sees before the weights are there, and after.
import { analysed, box, expect, head, status, test } from './page.js';

test('the first paint has the precomputed result, marked until the page’s own replaces it', async ({
  page,
}) => {
  /** @type {() => void} */ let release = () => {};
  const held = new Promise((resolve) => {
    release = () => resolve(null);
  });
  await page.route('**/model.safetensors.planes', async (route) => {
    await held;
    await route.continue();
  });
  await page.goto('');
  await expect(page.getByTestId('headline')).toHaveText(/^4 induction heads: 1\.2, 1\.0, 1\.1, 1\.6 /);
  await expect(status(page)).toHaveText(/^Precomputed result\. /);
  await expect(page.getByTestId('pattern-title')).toHaveText('Head 1.0');
  await expect(page.getByTestId('readout')).toHaveText(/^query 41 “our” → key 20 “ w” {3}0\.8\d\d$/);
  await expect(page.getByTestId('target')).toContainText('“ w”');
  await expect(head(page, '1.0')).toHaveAttribute('aria-pressed', 'true');
  await expect(page.getByTestId('tokens').getByRole('option')).toHaveCount(66);
  const readout = await page.getByTestId('readout').textContent();
  // It cannot be shared or saved: this browser has computed nothing yet.
  await page.getByTestId('share').click();
  await expect(page.getByTestId('copy-link')).toBeDisabled();
  // It can be looked at.
  await head(page, '0.2').click();
  await expect(page.getByTestId('pattern-title')).toHaveText('Head 0.2');
  await head(page, '1.0').click();
  release();
  await analysed(page);
  await expect(status(page)).toHaveText(/^66 tokens in .* on the CPU$/);
  await expect(page.getByTestId('headline')).toHaveText(/^4 induction heads: 1\.2, 1\.0, 1\.1, 1\.6 /);
  await expect(page.getByTestId('readout')).toHaveText(readout ?? '');
});

test('the plain address opens with the head pinned; a link of version 1 keeps its default text', async ({
  page,
}) => {
  await page.goto('');
  await analysed(page);
  await expect(box(page)).toHaveValue(/^seven copper lanterns/);
  expect(new URL(page.url()).hash).toBe('');
  await page.getByTestId('let-go').click();
  await expect(page).toHaveURL(/#v=2&/);
  await page.goto('about:blank');
  await page.goto('#v=1');
  await analysed(page);
  await expect(box(page)).toHaveValue(/^We think that powerful/);
  await expect(page.getByTestId('pattern-title')).toHaveText('Mean of all heads');
});

test('a link to another text shows no precomputed result', async ({ page }) => {
  await page.route('**/model.safetensors.planes', () => {});
  await page.goto('#v=1&t=another+text');
  await expect(status(page)).toContainText('Loading the model');
  await expect(page.getByTestId('headline')).toBeHidden();
  await expect(page.getByTestId('head')).toHaveCount(0);
});
