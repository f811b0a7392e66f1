// What the model predicts after a token, beside the target token, as a second engine computes it.
import { visible } from '../../www/base/tokens.js';
import { written } from './ablated.js';
import { expect, testInKeptPage as test } from './page.js';

const TEXT = 'seven copper lanterns drift beyond the quiet wall seven copper lanterns drift';
const QUERY = 11;

/** @param {import('@playwright/test').Page} page @param {string[]} heads ablated */
const said = (page, heads) =>
  page.evaluate(
    async ({ text, heads, query }) => {
      const { Headscope } = await import(new URL('headscope.js', document.baseURI).href);
      const hs = await Headscope.open({ backend: 'cpu' });
      const model = await hs.loadModel('default');
      const whole = await model.run(text);
      const run = heads.length ? await whole.ablated({ heads }) : whole;
      const found = { ...(await run.predictions(query, 5)), logProbs: [...(await run.logProbs())] };
      hs.close();
      return found;
    },
    { text: TEXT, heads, query: QUERY },
  );

/** @param {import('@playwright/test').Page} page */
const rows = (page) => page.getByTestId('predictions').locator('tbody tr');

test('the five most probable tokens are the engine’s, before and after an ablation', async ({
  page,
  open,
}) => {
  await open(`#v=2&query=${QUERY}&t=${encodeURIComponent(TEXT)}`);
  for (const heads of [[], ['0.2', '1.0']]) {
    if (heads.length) {
      await page.getByTestId('tab-ablate').click();
      for (const name of heads) await page.getByTestId('off-heads').locator(`[data-head="${name}"]`).click();
    }
    const { tokens, target } = await said(page, heads);
    const probabilities = tokens.map((/** @type {any} */ { probability }) => written(probability));
    await expect(rows(page).locator('.figure')).toHaveText(probabilities);
    const pieces = await rows(page).locator('.token-cell').allTextContents();
    expect(pieces).toEqual(tokens.map((/** @type {any} */ { piece }) => visible(piece)));
    const told = page.getByTestId('target');
    await expect(told).toContainText(`rank ${target.rank}, probability ${written(Math.exp(target.logProb))}`);
    await expect(told).toContainText(`log-probability ${written(target.logProb, 2)}`);
    if (heads.length) await expect(told).toContainText('(before ');
    await expect(page.locator('#expected')).not.toContainText('predicted');
  }
});

test('the share of positions whose target token is the most probable one', async ({ page, open }) => {
  await open(`#v=2&t=${encodeURIComponent(TEXT)}`);
  const [first, of] = await page.evaluate(async (text) => {
    const { Headscope } = await import(new URL('headscope.js', document.baseURI).href);
    const hs = await Headscope.open({ backend: 'cpu' });
    const model = await hs.loadModel('default');
    const run = await model.run(text);
    let first = 0;
    for (let position = 0; position < run.seq - 1; position++)
      first += Number((await run.predictions(position, 1)).target?.rank === 1);
    hs.close();
    return [first, run.seq - 1];
  }, TEXT);
  expect(first).toBeGreaterThan(0);
  expect(first).toBeLessThan(of);
  await expect(page.getByTestId('accuracy')).toContainText(
    `the most probable one at ${first} of ${of} positions`,
  );
});

test('after the last token there are predictions, and no target', async ({ page, open }) => {
  await open(`#v=2&t=${encodeURIComponent(TEXT)}`);
  await expect(rows(page).locator('.figure').first()).toHaveText(/^0\.\d{3}$/);
  await expect(page.locator('#expected')).toContainText('The text ends here: there is no target token.');
  await expect(page.getByTestId('target')).toBeHidden();
});

test('the tokens are coloured by their loss, and a link keeps it', async ({ page, open }) => {
  await open(`#v=2&query=${QUERY}&t=${encodeURIComponent(TEXT)}`);
  await page.getByTestId('strip-colour-loss').check({ force: true });
  const { logProbs } = await said(page, []);
  const weights = page.getByTestId('tokens').locator('.token .weight');
  const losses = logProbs.map((/** @type {number} */ logProb) => written(-logProb, 1));
  await expect(weights).toHaveText(['', ...losses]);
  await expect(page.getByTestId('strip-caption')).toHaveText(
    /^The loss of each token, in nats: \d+\.\d\d on average$/,
  );
  await expect(page).toHaveURL(/colour=loss/);
  await page.getByTestId('strip-colour-attention').check({ force: true });
  await expect(page.getByTestId('strip-caption')).toContainText(`What token ${QUERY}`);
});
