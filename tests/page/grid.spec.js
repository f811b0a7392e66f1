// The heads: a map of one score in the grid's place, a head found by its name, and the scatter.
import { expect, head, testInKeptPage as test } from './page.js';

const REPEAT =
  'seven+copper+lanterns+drift+beyond+the+quiet+wall+seven+copper+lanterns+drift+beyond+the+quiet+wall';

test('the map shows one score of every head, chosen from all of them, and the thumbnails of a layer', async ({
  page,
  open,
}) => {
  await open(`#v=2&t=${REPEAT}`);
  await expect(page.getByTestId('head')).toHaveCount(16);
  await page.getByTestId('grid-as-map').check({ force: true });
  const cell = (/** @type {string} */ name) => page.getByTestId('score-map').locator(`[data-head="${name}"]`);
  await expect(cell('1.2')).toHaveAccessibleName(/^Head 1\.2, Induction stripe, strict (1\.00|0\.99)$/);
  await expect(page.getByTestId('map-scale')).toHaveText(
    'Colours from 0 to 1; uniform attention scores .01.',
  );
  await expect(page.getByTestId('head')).toHaveCount(8);
  await expect(head(page, '0.0')).toBeVisible();
  await cell('1.0').click();
  await expect(page.getByTestId('pattern-title')).toHaveText('Head 1.0');
  await expect(head(page, '1.0')).toHaveAttribute('aria-pressed', 'true');
  await page.keyboard.press('ArrowRight');
  await expect(page.getByTestId('pattern-title')).toHaveText('Head 1.1');
  await page.getByTestId('map-score').selectOption({ label: 'Mean score, previous token' });
  await expect(cell('0.2')).toHaveText(/^(1\.00|\.9\d)$/);
  await expect(page).toHaveURL(/grid=map&head=1\.0&map=mean-previous/);
});

test('a head is found by typing its name, and a wrong name is told', async ({ page, open }) => {
  await open('#v=2');
  const field = page.getByTestId('find-head');
  await field.fill('1.6');
  await expect(page.getByTestId('pattern-title')).toHaveText('Head 1.6');
  await field.press('Enter');
  await expect(head(page, '1.6')).toHaveAttribute('aria-pressed', 'true');
  await field.fill('5.5');
  await expect(page.getByTestId('find-head-told')).toHaveText(
    'No head 5.5: 2 layers of 8 heads, counted from 0.',
  );
  await expect(field).toHaveAttribute('aria-invalid', 'true');
});

test('the scatter sets 1.2 and 1.0 apart, and its points are the grid’s heads', async ({ page, open }) => {
  await open(`#v=2&t=${REPEAT}`);
  const field = page.getByTestId('scatter-field');
  const point = (/** @type {string} */ name) => field.locator(`[data-head="${name}"]`);
  await expect(field.locator('[data-head]')).toHaveCount(16);
  for (const name of ['1.2', '1.0']) await expect(point(name).getByText(name)).toBeVisible();
  await expect(page.getByTestId('scatter-told')).toHaveText(
    /^High on both: .*1\.0 \(0\.\d\d, .* Only the first score shows: 1\.2 \((1\.00|0\.99), 0\.\d\d\)\.$/,
  );
  await point('1.2').hover();
  await expect(page.getByTestId('pattern-title')).toHaveText('Head 1.2');
  await point('1.0').focus();
  await page.keyboard.press('Enter');
  await expect(head(page, '1.0')).toHaveAttribute('aria-pressed', 'true');
  await page.getByTestId('scatter-x').selectOption('mean-first');
  await expect(point('1.0')).toHaveAccessibleName(
    /^Head 1\.0: Mean score, first token 0\.\d\d, Token matching/,
  );
  await expect(page).toHaveURL(/across=mean-first/);
});
