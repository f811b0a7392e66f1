// The definitions side by side: every figure of the pinned head, and a mark where definitions disagree.
import { FIRST_TEXT } from '../../www/state/examples.js';
import { engineSays } from './engine_says.js';
import { expect, test, testInKeptPage } from './page.js';

testInKeptPage(
  'every definition of the pinned head has a figure, a uniform baseline and a verdict',
  async ({ page, open, webgpu }) => {
    test.slow();
    await open('#v=1&head=0.2');
    const of = page.getByTestId('definitions-of');
    /** @param {string} id */
    const row = (id) => of.locator(`tr[data-score="${id}"] td`);
    await expect(row('detect-previous-mul-bos-current').first()).not.toHaveText('–');
    const { seq, pattern, detection } = await engineSays(page, webgpu, FIRST_TEXT);

    await expect(row('mean-previous')).toHaveText([
      detection.mean.previous[0][2].toFixed(4),
      detection.null.mean.previous.toFixed(3),
      '0.40',
      'named',
    ]);
    await expect(row('dominant-current').last()).toHaveText('not named');
    await expect(row('detect-previous-mul').first()).toHaveText(
      detection.head_detector.previous_token_head.mul[0][2].toFixed(4),
    );
    const mul =
      detection.head_detector.previous_token_head.mul[0][2] /
      detection.null.head_detector.previous_token_head.mul;
    await expect(row('detect-previous-mul').last()).toHaveText(
      `${mul.toFixed(1)} times the uniform baseline`,
    );
    const first = page.getByTestId('ranked-first');
    await expect(first.locator('[data-kind="previous"]')).toHaveText('0.2 by all 4');
    await expect(first.locator('[data-kind="duplicate"]')).toHaveText(/^\d\.\d by all 3$/);

    // exclude_bos and exclude_current_token: column 0 and the diagonal are left out of both sums.
    let [on, all] = [0, 0];
    for (let query = 0; query < seq; query++) {
      for (let key = 1; key < query; key++) {
        all += pattern[query * seq + key];
        if (key === query - 1) on += pattern[query * seq + key];
      }
    }
    await expect(row('detect-previous-mul-bos-current').first()).toHaveText((on / all).toFixed(4));
  },
);

testInKeptPage(
  'a mark stands where definitions disagree at the thresholds, and goes with them',
  async ({ page, open }) => {
    await open('#v=1&head=0.2');
    const agreement = page.getByTestId('agreement');
    const cell = agreement.locator('tr[data-head="0.2"] td[data-kind="previous"]');
    await expect(cell).toHaveText('2 of 2');
    await page.getByTestId('threshold-mean').fill('1');
    await expect(cell).toHaveText('1 of 2≠ they disagree');
    await expect(page.getByTestId('definitions-of').locator('tr[data-kind="previous"]')).toContainText(
      'they disagree at the thresholds',
    );
    // In so short a text uniform attention passes for the first token, so that definition does not count.
    await page.getByTestId('text').fill('a b');
    await expect(agreement.locator('tr[data-head="0.0"] td[data-kind="first"]')).toHaveText('0 of 1');
  },
);

testInKeptPage('a definition’s name selects it, and so marks its cells', async ({ page, open }) => {
  await open('#v=1&head=1.1');
  const choose = page.getByTestId('definition-detect-induction-abs-bos');
  await choose.focus();
  await page.keyboard.press('Enter');
  await expect(page.getByTestId('audit-title')).toContainText('induction, abs, exclude_bos');
  await expect(choose).toHaveAttribute('aria-pressed', 'true');
  await expect(choose).toBeFocused();
});

test('the stripes come from the sequences of the model’s answer', async ({ page, open, webgpu }) => {
  test.slow();
  await open('#v=1&head=1.2');
  const { strict } = await engineSays(page, webgpu, FIRST_TEXT);
  await expect(page.getByTestId('definitions-stripes')).toContainText('10 sequences of 50 repeated tokens', {
    timeout: 60_000,
  });
  await expect(page.getByTestId('definitions-of').locator('tr[data-score="strict"] td').first()).toHaveText(
    new RegExp(`^${strict[1][2].toFixed(4)} ± 0\\.\\d{4}$`),
  );
  await expect(
    page.getByTestId('agreement').locator('tr[data-head="1.2"] td[data-kind="induction"]'),
  ).toHaveText('2 of 4≠ they disagree');
  await expect(page.getByTestId('ranked-first').locator('[data-kind="induction"]')).toContainText(
    /1\.\d by Token matching, Neuronpedia, detect_head mul, detect_head abs.*1\.2 by .*strict.*they disagree/,
  );
  await expect(page.getByTestId('definitions-repeats')).toBeHidden();
  await expect(page).toHaveURL(/found=/);
  const link = page.url();
  await page.goto('about:blank');
  await page.goto(link);
  await expect(page.getByTestId('definitions-stripes')).toContainText('10 sequences of 50 repeated tokens', {
    timeout: 60_000,
  });
  await expect(page.getByTestId('line-link')).toContainText('Reproduced: all');
});
