// The page at work: thresholds, the table, heads and tokens, the history, another one's link.
import { columns } from '../../www/figures/table.js';
import { box, checked, expect, figures, head, openIn, shows, status, test, testInKeptPage } from './page.js';

test('a link whose figures are others says how far they are', async ({ page, open, browser, webgpu }) => {
  await open();
  await head(page, '0.2').click();
  await expect(page).toHaveURL(/digest=.*head=0\.2/);
  const [address, fragment] = page.url().split('#');
  const link = `${address}#${checked(fragment.replace(/digest=(\d+\.)....../, 'digest=$1gAgAgA'))}`;
  const elsewhere = await browser.newContext();
  const other = await elsewhere.newPage();
  await openIn(other, webgpu, link);
  await expect(other.getByTestId('line-link')).toContainText(
    /Not reproduced: .* The largest difference is in current token of head 0\.\d: 0\.500 in the link/,
  );
  await elsewhere.close();
});

testInKeptPage(
  'typing analyses; the newest text wins, and the old figures stay until the new are there',
  async ({ page, open }) => {
    await open();
    await box(page).fill('');
    await box(page).pressSequentially('one two three one two', { delay: 15 });
    expect(await figures(page)).toHaveLength(16 * columns.length);
    await shows(page, 'one two three one two');
    await expect(page.getByTestId('problem')).toHaveCount(0);
  },
);

testInKeptPage('thresholds judge at once, without a run', async ({ page, open }) => {
  await open();
  const before = await status(page).textContent();
  await expect(page.getByTestId('printed-mean-current')).toContainText('0.6');
  await page.getByTestId('threshold-mean').fill('0.99');
  await expect(page.getByTestId('printed-mean-current')).toContainText('none');
  await page.getByRole('button', { name: 'Back to the notebook’s thresholds' }).click();
  await expect(page.getByTestId('printed-mean-current')).toContainText('0.6');
  await expect(status(page)).toHaveText(before ?? '');
});

testInKeptPage('the table sorts by any figure', async ({ page, open }) => {
  await open();
  const first = page.getByTestId('figures').locator('tbody tr').first();
  await page.getByTestId('sort-dominant-previous').click();
  await expect(first).toContainText('0.2');
  await expect(page.getByRole('columnheader', { name: 'Dominant weight, previous' })).toHaveAttribute(
    'aria-sort',
    'descending',
  );
  await page.getByTestId('sort-head').click();
  await expect(first).toContainText('0.0');
});

test('hovering previews a head, clicking pins it; a token’s attention is shown both ways', async ({
  page,
  open,
}) => {
  await open();
  const title = page.getByTestId('pattern-title');
  await head(page, '0.6').hover();
  await expect(title).toHaveText('Head 0.6');
  await status(page).hover();
  await expect(title).toHaveText('Mean of all heads');
  await page.getByTestId('answer-previous').getByRole('button').hover();
  await expect(title).toHaveText('Head 0.2');
  await status(page).hover();
  await expect(title).toHaveText('Mean of all heads');
  await head(page, '0.2').click();
  await status(page).hover();
  await expect(title).toHaveText('Head 0.2');
  const tokens = page.getByTestId('tokens').getByRole('option');
  await tokens.nth(5).hover();
  const caption = page.getByTestId('strip-caption');
  await expect(caption).toContainText('What token 5 “ful” looks at, in head 0.2');
  await expect(tokens.nth(4).locator('.weight')).toHaveText(/1\.00|\.9\d/);
  await page.getByTestId('direction-to').check({ force: true });
  await tokens.nth(5).hover();
  await expect(caption).toContainText('What looks at token 5 “ful”, in head 0.2');
  await expect(tokens.nth(6).locator('.weight')).toHaveText(/1\.00|\.9\d/);
  await expect(page.getByTestId('top-keys')).toContainText('Queries that look most at key 5');
});

test('back and forward walk through the texts that were run', async ({ page, open }) => {
  await open();
  await page.getByTestId('example').nth(2).click();
  await expect(page).toHaveURL(/[tz]=/);
  await head(page, '1.1').click();
  await expect(page).toHaveURL(/head=1\.1/);
  await page.goBack();
  await expect(box(page)).toHaveValue(/^We think/);
  await expect(page.getByTestId('pattern-title')).toHaveText('Mean of all heads');
  await expect(page.getByTestId('answer-induction')).toContainText('few tokens repeat');
  await page.goForward();
  await expect(box(page)).toHaveValue(/^Marta/);
  await expect(page.getByTestId('pattern-title')).toHaveText('Head 1.1');
  await expect(page.getByTestId('answer-induction')).toContainText('1.1');
});

test('a reload keeps the view, and makes no claim of having been sent it', async ({ page, open }) => {
  await open('');
  expect(new URL(page.url()).hash).toBe('');
  await box(page).fill('what was typed stays');
  await shows(page, 'what was typed stays');
  await expect(page).toHaveURL(/t=what\+was\+typed\+stays&end=\w+$/);
  await page.reload();
  await shows(page, 'what was typed stays');
  await expect(page.getByTestId('line-link')).toHaveCount(0);
});
