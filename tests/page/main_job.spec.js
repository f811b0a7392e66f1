// The main job: open, analyse, look at a head, copy the link, open it elsewhere, see the same.
import { box, expect, figures, head, openIn, pieces, problem, shows, status, test } from './page.js';

const PHRASE = 'seven copper lanterns drift beyond the quiet harbour wall; ';

test('the page opens with the notebook’s paragraph analysed, and the answer first', async ({
  page,
  open,
}) => {
  await open();
  await expect(box(page)).toHaveValue(/^We think that powerful/);
  await expect(page.getByTestId('answer-previous')).toHaveText('Previous token: 0.2');
  await expect(page.getByTestId('answer-current')).toContainText('0.6');
  await expect(page.getByTestId('printed-dominant-previous')).toContainText(
    'Heads attending to previous token: 0.2',
  );
  await expect(page.getByTestId('head')).toHaveCount(16);
  await expect(head(page, '0.2')).toHaveAccessibleName(
    'Head 0.2, best score previous 1.00, named for previous',
  );
  expect((await figures(page)).length).toBe(16 * 14);
});

test('a copied link opens the same analysis in another browser, and says that it is reproduced', async ({
  page,
  open,
  browser,
  baseURL,
  webgpu,
}) => {
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
  await open();
  await box(page).fill(PHRASE.repeat(3).trim());
  await expect(page.getByTestId('answer-induction')).toContainText('1.0');
  await page
    .getByTestId('answer-induction')
    .getByRole('button', { name: /Head 1\.0/ })
    .click();
  await page.mouse.move(0, 0);
  await page.getByTestId('explorer').focus();
  for (const key of ['ArrowDown', 'Shift+ArrowUp', 'Shift+ArrowRight', 'ArrowRight'])
    await page.keyboard.press(key);
  await page.getByTestId('threshold-fraction').fill('0.5');
  await expect(page.getByTestId('printed-dominant-first')).not.toContainText('1.7');
  const readout = (await page.getByTestId('readout').textContent()) ?? '';
  expect(readout).toMatch(/^query 56 “.*” → key 11 “.*” {3}0\.\d{3}$/);
  await page.getByTestId('copy-link').click();
  await expect(page.getByTestId('copy-link')).toHaveText('Copied');
  const link = await page.evaluate(() => navigator.clipboard.readText());
  await expect(page.getByTestId('copied')).toHaveText(`${link.length} characters`);
  expect(link.startsWith(`${baseURL}#v=1&digest=`)).toBe(true);
  expect(link).toContain('&fraction=0.5&head=1.0&key=11&query=56&sha=');

  const elsewhere = await browser.newContext();
  const other = await elsewhere.newPage();
  await openIn(other, webgpu, link);
  await expect(other.getByTestId('line-link')).toContainText(/Reproduced: all (64|82) figures/); // with detect_head's options, where those were done when it was copied
  await expect(other.getByTestId('pattern-title')).toHaveText('Head 1.0');
  await expect(other.getByTestId('readout')).toHaveText(readout);
  expect(await figures(other)).toEqual(await figures(page));
  expect(await pieces(other)).toEqual(await pieces(page));
  await elsewhere.close();
});

test('a link whose figures are others says how far they are', async ({ page, open, browser, webgpu }) => {
  await open();
  await head(page, '0.2').click();
  await expect(page).toHaveURL(/digest=.*head=0\.2/);
  const link = page.url().replace(/digest=(\d+\.)....../, 'digest=$1gAgAgA');
  const elsewhere = await browser.newContext();
  const other = await elsewhere.newPage();
  await openIn(other, webgpu, link);
  await expect(other.getByTestId('line-link')).toContainText(
    /Not reproduced: .* up to 0\.\d{3}\. The furthest is current token of head 0\.\d: 0\.500 in the link/,
  );
  await elsewhere.close();
});

test('typing analyses; the newest text wins, and the old figures stay until the new are there', async ({
  page,
  open,
}) => {
  await open();
  await box(page).fill('');
  await box(page).pressSequentially('one two three one two', { delay: 15 });
  expect(await figures(page)).toHaveLength(16 * 14);
  await shows(page, 'one two three one two');
  await expect(page.getByTestId('problem')).toHaveCount(0);
});

test('thresholds judge at once, without a run', async ({ page, open }) => {
  await open();
  const before = await status(page).textContent();
  await expect(page.getByTestId('printed-mean-current')).toContainText('0.6');
  await page.getByTestId('threshold-mean').fill('0.99');
  await expect(page.getByTestId('printed-mean-current')).toContainText('none');
  await page.getByRole('button', { name: 'Back to the notebook’s thresholds' }).click();
  await expect(page.getByTestId('printed-mean-current')).toContainText('0.6');
  await expect(status(page)).toHaveText(before ?? '');
});

test('the table sorts by any figure', async ({ page, open }) => {
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
  await expect(page.getByTestId('strip-caption')).toContainText('What token 5 “ful” looks at, in head 0.2');
  await expect(tokens.nth(4).locator('.weight')).toHaveText(/1\.00|\.9\d/);
  await page.getByTestId('direction-to').check({ force: true });
  await tokens.nth(5).hover();
  await expect(page.getByTestId('strip-caption')).toContainText('What looks at token 5 “ful”, in head 0.2');
  await expect(tokens.nth(6).locator('.weight')).toHaveText(/1\.00|\.9\d/);
  await expect(page.getByTestId('top-keys')).toContainText('Queries that look most at key 5');
});

test('back and forward walk through the texts that were run', async ({ page, open }) => {
  await open();
  await page.getByTestId('example').nth(1).click();
  await expect(page).toHaveURL(/[tz]=/);
  await head(page, '1.0').click();
  await expect(page).toHaveURL(/head=1\.0/);
  await page.goBack();
  await expect(box(page)).toHaveValue(/^We think/);
  await expect(page.getByTestId('pattern-title')).toHaveText('Mean of all heads');
  await expect(page.getByTestId('answer-induction')).toContainText('none');
  await page.goForward();
  await expect(box(page)).toHaveValue(/^seven copper/);
  await expect(page.getByTestId('pattern-title')).toHaveText('Head 1.0');
  await expect(page.getByTestId('answer-induction')).toContainText('1.0');
});

test('a reload keeps the view, and makes no claim of having been sent it', async ({ page, open }) => {
  await open();
  expect(new URL(page.url()).hash).toBe('');
  await box(page).fill('what was typed stays');
  await shows(page, 'what was typed stays');
  await expect(page).toHaveURL(/t=what\+was\+typed\+stays$/);
  await page.reload();
  await shows(page, 'what was typed stays');
  await expect(page.getByTestId('line-link')).toHaveCount(0);
});

test('the backend switch: WebGPU, or a sentence why not and the way back; the figures stay', async ({
  page,
  webgpu,
}) => {
  await page.goto('');
  await expect(status(page)).toContainText('on the CPU');
  await expect(page.getByTestId('line-reason')).toContainText('Running on the CPU.');
  const before = await figures(page);
  await page.getByRole('button', { name: 'Use WebGPU anyway' }).click();
  if (webgpu) {
    await expect(status(page)).toContainText('on the GPU');
    await expect(page.getByTestId('line-reason')).toHaveCount(0);
    await page.getByRole('radio', { name: 'CPU' }).check({ force: true });
  } else {
    await expect(problem(page, 'GpuUnavailable')).toContainText('WebGPU is not available here');
    expect(await figures(page)).toEqual(before);
    await problem(page, 'GpuUnavailable').getByRole('button', { name: 'Use the CPU' }).click();
  }
  await expect(status(page)).toContainText('on the CPU');
  await expect(page.getByTestId('problem')).toHaveCount(0);
  expect(await figures(page)).toEqual(before);
});
