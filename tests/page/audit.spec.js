// A selected score: its cells are marked and its formula holds the engine's figures.
// Also the pattern weighted by values, and labels tried on several texts.
import { columns } from '../../www/figures/table.js';
import { EXAMPLES, FIRST_TEXT } from '../../www/state/examples.js';
import { engineSays } from './engine_says.js';
import { expect, head, test, testInKeptPage } from './page.js';

/** @typedef {import('@playwright/test').Page} Page */

/** Counts pixels in the colour of marks, which nothing else on the pattern has. @param {Page} page */
const markedPixels = (page) =>
  page
    .getByTestId('explorer')
    .locator('canvas')
    .evaluate((canvas) => {
      const { width, height } = /** @type {HTMLCanvasElement} */ (canvas);
      const pixels =
        /** @type {HTMLCanvasElement} */ (canvas).getContext('2d')?.getImageData(0, 0, width, height).data ??
        [];
      let marked = 0;
      for (let at = 0; at < pixels.length; at += 4)
        if (pixels[at] > 190 && pixels[at + 1] > 60 && pixels[at + 1] < 130 && pixels[at + 2] < 60) marked++;
      return marked;
    });

testInKeptPage(
  'a selected score marks its cells, fills in its formula, and agrees with the engine',
  async ({ page, open, webgpu }) => {
    test.slow();
    await open();
    await expect(page.getByTestId('audit-lack')).toContainText('Choose a score');
    await page.getByTestId('audit-mean-previous').click();
    await expect(page.getByTestId('audit-lack')).toContainText('Choose a head');
    expect(await markedPixels(page)).toBe(0);
    await head(page, '0.2').click();
    await expect(page.getByTestId('audit-title')).toHaveText('Head 0.2: Mean score, previous token');

    const { seq, pattern, detection } = await engineSays(page, webgpu, FIRST_TEXT);
    let sum = 0;
    for (let query = 1; query < seq; query++) sum += pattern[query * seq + query - 1];
    await expect(page.getByTestId('audit-formula')).toHaveText(
      `${sum.toFixed(2)} / ${seq - 1} cells = ${(sum / (seq - 1)).toFixed(3)}`,
    );
    expect(detection.mean.previous[0][2]).toBeCloseTo(sum / (seq - 1), 4);
    await expect(page.getByTestId('audit-engine')).toContainText(
      `Computed independently: ${detection.mean.previous[0][2].toFixed(3)} ✓`,
    );
    await expect(page.getByTestId('audit-uniform')).toContainText(detection.null.mean.previous.toFixed(3));
    await expect(page.getByTestId('audit-verdict')).toContainText('> 0.40: the head is named');
    await expect(page.getByTestId('audit-definition')).toHaveAttribute(
      'href',
      'docs/definitions.html#mean-score',
    );
    await page.getByTestId('threshold-mean').fill('1');
    await expect(page.getByTestId('audit-verdict')).toContainText('≤ 1.00: the head is not named');
    expect(await markedPixels(page)).toBeGreaterThan(200);

    await page.getByTestId('audit-clear').click();
    await expect(page.getByTestId('audit-lack')).toContainText('Choose a score');
    await expect.poll(() => markedPixels(page)).toBe(0);
  },
);

testInKeptPage(
  'the cell that is pointed at says whether it was counted; a figure in the table is a way in',
  async ({ page, open }) => {
    await open('#v=1&head=0.2&query=30&key=29');
    await page.locator('tr[data-head="1.1"] td').nth(7).click();
    await expect(page).toHaveURL(/head=1\.1.*score=matching-induction/);
    await expect(page.getByTestId('audit-matching-induction')).toHaveAttribute('aria-pressed', 'true');
    await page.mouse.move(0, 0);
    await expect(page.getByTestId('readout')).toContainText('not counted');
    await page.getByTestId('audit-score').selectOption('mean-previous');
    await expect(page.getByTestId('readout')).toContainText('in the numerator and the denominator');
    await page.getByTestId('audit-score').selectOption('detect-previous-mul-current');
    await expect(page.getByTestId('audit-formula')).toHaveText(/^\d+\.\d\d \/ \d+\.\d\d = 0\.\d{3}$/);
    await expect(page.getByTestId('audit-verdict')).toContainText('no threshold');
    await page.getByTestId('explorer').focus();
    await page.keyboard.press('ArrowRight');
    await expect(page.getByTestId('readout')).toContainText('key 30');
    await expect(page.getByTestId('readout')).toContainText('not counted');
  },
);

testInKeptPage(
  'every score of the table can be selected by keyboard, and agrees with the engine',
  async ({ page, open }) => {
    await open('#v=1&head=1.0');
    const marks = page.locator('.audit-mark');
    expect(await marks.count()).toBe(columns.length);
    for (let at = 0; at < columns.length; at++) {
      await marks.nth(at).focus();
      await page.keyboard.press('Enter');
      await expect(marks.nth(at)).toHaveAttribute('aria-pressed', 'true');
      await expect(page.getByTestId('audit-engine')).toHaveText(/^Computed independently: [−\d.]+ ✓$/);
    }
  },
);

test('a link brings the score back, and one of a score there is not says so', async ({ page, open }) => {
  await open('#v=1&head=1.1&score=detect-induction-mul-bos');
  await expect(page.getByTestId('audit-title')).toHaveText(
    'Head 1.1: TransformerLens detect_head, induction, mul, exclude_bos',
  );
  await open('#v=1&head=1.1&score=nonsense');
  await page.reload();
  await expect(page.getByTestId('audit-lack')).toContainText('a score that this page does not have');
});

test('weighted by values the pattern keeps its own scale, everywhere, and the audit steps back', async ({
  page,
  open,
  webgpu,
}) => {
  test.slow();
  await open('#v=1&head=0.2&score=mean-previous');
  const { most } = await engineSays(page, webgpu, FIRST_TEXT);
  for (const by of /** @type {const} */ (['value', 'output'])) {
    await page.getByTestId(`weighted-${by}`).check({ force: true });
    await expect(page.getByTestId('weighted-hint')).toContainText(
      `The darkest cell is ${most[by].toFixed(3)}`,
    );
    await expect(page.getByTestId('top-keys').locator('th').last()).toHaveText(
      by === 'value' ? 'Weight × |v|' : 'Weight × |v W_O|',
    );
    await expect(page.getByTestId('strip-caption')).toContainText(
      by === 'value' ? 'weighted by |v|' : 'weighted by |v W_O|',
    );
    await expect(page.getByTestId('audit-lack')).toContainText('counted on the attention weights');
  }
  await expect(page).toHaveURL(/found=.*weighted\..*weighted=output/);
  const link = page.url();
  await page.goto('about:blank');
  await page.goto(link);
  await expect(page.getByTestId('line-link')).toContainText('Reproduced: all');
  await expect(page.getByTestId('weighted-output')).toBeChecked();
  await expect(page.getByTestId('weighted-hint')).toContainText(
    `The darkest cell is ${most.output.toFixed(3)}`,
  );
  await page.getByTestId('let-go').click();
  await expect(page.getByTestId('weighted-hint')).toContainText('Choose a head');
  await page.getByTestId('weighted-attention').check({ force: true });
  await expect(page.getByTestId('weighted-hint')).toBeHidden();
});

test('labels are tried on other texts, without the shown run; a link carries the texts', async ({
  page,
  open,
  browser,
}) => {
  await open('#v=1&head=0.2');
  const shown = await page.getByTestId('status').textContent();
  const table = page.getByTestId('stability-table');
  await expect(table).toBeHidden();
  await page.getByTestId('stability-example').nth(1).click();
  await page.getByTestId('stability-example').nth(2).click();
  await page.getByTestId('stability-box').fill('the old cat sat on the mat, the old cat sat on the mat');
  await page.getByTestId('stability-add').click();
  const row = table.locator('tr[data-head="0.2"]');
  await expect(row).toContainText('previous token in 4 of 4 texts');
  await expect(table.locator('thead th')).toHaveCount(6);
  expect(await page.getByTestId('status').textContent()).toBe(shown);
  await expect(table.locator('tr[data-head="1.0"]')).toContainText('induction in 3 of 4 texts');

  await page.getByTestId('stability-add').click();
  await expect(page.getByTestId('stability-told')).toHaveText('There is no text in the box.');
  await page.getByTestId('stability-box').fill('x'.repeat(40_001));
  await page.getByTestId('stability-add').click();
  await expect(page.getByTestId('stability-told')).toContainText('a link can carry 40000');
  await expect(page.getByTestId('stability-texts').locator('li')).toHaveCount(3);

  await expect(page).toHaveURL(/found=options\..*stability\..*zz=/);
  const other = await (await browser.newContext()).newPage();
  await other.goto(page.url());
  await expect(other.getByTestId('stability-table').locator('tr[data-head="0.2"]')).toContainText(
    'previous token in 4 of 4 texts',
  );
  await expect(other.getByTestId('stability-texts')).toContainText(EXAMPLES[2].name);
  // On another backend the figures agree too.
  await expect(other.getByTestId('line-link')).toContainText(`Reproduced: all ${64 + 3 * 64 + 18} figures`);
  await other.getByTestId('stability-texts').getByRole('button').first().click();
  await expect(other.getByTestId('stability-table').locator('tr[data-head="0.2"]')).toContainText(
    'previous token in 3 of 3 texts',
  );
  await other.context().close();
});
