// The answer: from a cold start to the model's induction heads, and what a model without them gets.
import { readFileSync } from 'node:fs';
import { dropFiles, fixture } from './hub.js';
import { box, expect, head, hold, test, testInKeptPage } from './page.js';

/** @param {import('@playwright/test').Page} page */
const headline = (page) => page.getByTestId('headline');

test('the first figures do not wait for the test of the model, and the page says that it runs', async ({
  page,
  open,
}) => {
  await hold(page, 'repeated');
  await open();
  await expect(page.locator('#answer')).toContainText('Testing every head on repeated random tokens');
  await expect(headline(page)).toBeHidden();
  await expect(page.getByTestId('answer')).toContainText('On this text');
});

testInKeptPage(
  'after the first figures the page tests the model by itself, and names its induction heads',
  async ({ page, open }) => {
    await open('');
    await expect(headline(page)).toHaveText(
      /^4 induction heads: 1\.2, 1\.0, 1\.1, 1\.6 \(1\.00, \.8\d, \.8\d, \.(69|7\d) on repeated random /,
    );
    await expect(headline(page)).toHaveText(/uniform attention \.01\), fed by previous-token head 0\.2\.$/);
    await headline(page)
      .getByRole('button', { name: /^Head 1\.0/ })
      .click();
    // The page scrolls to the pattern. A head that comes to lie under the resting mouse is not previewed.
    await expect(page.getByTestId('pattern-title')).toHaveText('Head 1.0');
  },
);

test('the test is made once a model: another text, tab or seed does not repeat it', async ({
  page,
  open,
}) => {
  await page.addInitScript(() => {
    /** @type {any} */ (globalThis).asked = 0;
    const { postMessage } = Worker.prototype;
    /** @this {Worker} @param {any} message @param {any[]} rest */
    Worker.prototype.postMessage = function (message, ...rest) {
      if (message.method === 'repeated') /** @type {any} */ (globalThis).asked += 1;
      postMessage.call(this, message, ...rest);
    };
  });
  await open('#v=2&tab=scores');
  await expect(headline(page)).toContainText('1.2');
  await box(page).fill('one two three one two three one two');
  await page.getByRole('tab', { name: 'Find' }).click();
  await expect(page.getByTestId('strict-map')).toBeVisible();
  await expect(headline(page)).toContainText('1.2');
  expect(await page.evaluate(() => /** @type {any} */ (globalThis).asked)).toBe(1);
});

testInKeptPage(
  'on the text: the heads above the threshold, else the best; other kinds, folded to a number',
  async ({ page, open }) => {
    await open('#v=1');
    const onText = page.getByTestId('answer-induction');
    await expect(onText).toHaveText('On this text: best 1.1, .30 (few tokens repeat)');
    const first = page.getByTestId('answer-first');
    await expect(first).toHaveText('First token: 9 heads ▸');
    await first.getByRole('button').press('Enter');
    await expect(first).toHaveText('First token: 0.0, 0.1, 0.3, 0.5, 1.0, 1.1, 1.2, 1.3, 1.6');
    await expect(first.getByRole('button', { name: /^Head 0\.0/ })).toBeFocused();
    await page.getByTestId('example').nth(1).click();
    await expect(onText).toHaveText(/^On this text: 1\.\d, .*\(\.\d\d, .*uniform attention \.\d\d\)$/);
    await box(page).fill('no token twice');
    await expect(onText).toHaveText('On this text no token occurs twice, so no head can show induction');
  },
);

testInKeptPage(
  'an offset head is named with its distance, on every text; the table and the labels say it',
  async ({ page, open }) => {
    for (const address of ['#v=1', '#v=2&tab=scores']) {
      await open(address);
      await expect(page.getByTestId('answer-offset')).toHaveText('Offset head: 0.7 (2 back)');
    }
    await expect(head(page, '0.7')).toHaveAccessibleName(
      'Head 0.7, best score 2 back 1.00, named for offset',
    );
    await page.getByTestId('sort-offset').click();
    await expect(page.getByTestId('figures').locator('tbody tr').first()).toContainText('1.00, 2 back');
    await page.getByTestId('audit-offset').click();
    await page.getByTestId('figures').locator('tbody').getByRole('button', { name: 'Show head 0.7' }).click();
    await expect(page.getByTestId('audit-formula')).toHaveText(
      /^\d+\.\d\d \/ 64 cells = (1\.000|0\.99\d), 2 back$/,
    );
    await expect(page.getByTestId('audit-engine')).toContainText('✓');
  },
);

testInKeptPage('a very short text says once that it is too short to judge', async ({ page, open }) => {
  await open('#v=1&t=a+b');
  await expect(page.getByTestId('too-short')).toHaveText(
    'Too short to judge: with 3 tokens even uniform attention passes. Use 10 or more.',
  );
  await expect(page.getByTestId('answer-current')).toHaveCount(0);
  await expect(page.getByTestId('answer')).not.toContainText('not judged');
});

test('a model without induction heads has none, with its best head', async ({ page, open }) => {
  await open('#v=1');
  const own = 'random_2layer_lnpre_shortformer';
  await dropFiles(page, [
    { name: 'random.safetensors', content: readFileSync(fixture(`${own}.weights.safetensors`)) },
    { name: 'config.json', content: readFileSync(fixture(`${own}.config.json`)) },
  ]);
  await page.getByRole('button', { name: 'Put an example' }).click();
  await expect(headline(page)).toHaveText(
    /^Induction heads: none on repeated tokens \(best \d\.\d at \.\d\d; uniform attention \.\d\d\)\.$/,
  );
});
