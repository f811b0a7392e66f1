// The tour on random models: each step tells what was computed, and makes no claim that only holds of trained
// models.

import { readdirSync } from 'node:fs';
import { fixture } from './hub.js';
import { box, expect, test } from './page.js';

/** Token ids that repeat, in the vocabulary of each of these models. */
const IDS = '0 5 3 9 7 2 8 4 6 1 10 11 5 3 9 7 2 8 4 6 1 10 11';

/** Families that differ in what the tour asks of a model: positions, norms, MLPs, weights that are tied. */
const FAMILIES = ['gpt2', 'gpt_neo', 'pythia', 'qwen3', 'tl_solu'];

/** What each step tells of a model without induction heads. */
const TOLD = [
  /^On this text, .* the current token.*; .* the previous token.*; .* the first token/,
  /^The mean log-probability is −\d\.\d\d in the first copy .* hardly gains from looking back\.$/,
  /^No head has more than 0\.40 of its weight on the stripe; \d\.\d has most, 0\.\d\d\.$/,
  /^No head has a stripe on random tokens\.$/,
  /^Head \d\.\d scores 0\.\d\d on this text, where uniform attention would score 0\.06/,
  /^(The keys of \d\.\d read \d\.\d most: 0\.\d{3}, |Head 0\.\d is in the first layer)/,
  /^No head has a stripe on random tokens, so no ablation takes one away\.$/,
  /^(The strongest edge is from \d\.\d to \d\.\d\.|No head of this model feeds another\.)/,
];

test('of random models of five families, each step tells what was computed', async ({ page, open }) => {
  test.slow();
  await open('#v=1&len=20&batch=2');
  for (const name of FAMILIES) {
    const files = readdirSync(fixture(`families/${name}`)).filter((file) => !file.startsWith('expected.'));
    const weights = files.find((file) => file !== 'config.json');
    const sha = page.getByTestId('loaded');
    const before = await sha.textContent();
    await page
      .getByTestId('own-files')
      .setInputFiles(files.map((file) => fixture(`families/${name}/${file}`)));
    await expect(page.getByTestId('model'), name).toHaveText(`${weights}`);
    await expect(sha, name).not.toHaveText(before ?? '');
    await box(page).fill(IDS);
    await page.getByTestId('tour-start').click();
    for (const [at, told] of TOLD.entries()) {
      await expect(page.locator('#guide')).toContainText(`Step ${at + 1} of`);
      await expect(page.getByTestId('claim'), `${name}, step ${at + 1}`).toHaveText(told);
      await page.getByTestId('tour-next').click();
    }
    await page.getByRole('button', { name: 'Leave the tour' }).click();
    await expect(page.getByTestId('problem')).toHaveCount(0);
  }
});
