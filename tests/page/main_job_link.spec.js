// The main job: open, analyse, copy the link, open it elsewhere, see the same.
import { box, copyLink, expect, figures, head, openIn, pieces, test } from './page.js';

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
  expect((await figures(page)).length).toBe(16 * 16);
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
  await expect(page).toHaveURL(/found=options\./);
  await copyLink(page);
  const link = await page.evaluate(() => navigator.clipboard.readText());
  await expect(page.getByTestId('copied')).toHaveText(`${link.length} characters`);
  expect(link.startsWith(`${baseURL}#v=2&digest=`)).toBe(true);
  expect(link).toContain('&fraction=0.5&head=1.0&key=11&query=56&sha=');

  const elsewhere = await browser.newContext();
  const other = await elsewhere.newPage();
  await openIn(other, webgpu, link);
  // 64 figures of the detectors and 18 of detect_head's options.
  await expect(other.getByTestId('line-link')).toContainText('Reproduced: all 82 figures');
  await expect(other.getByTestId('pattern-title')).toHaveText('Head 1.0');
  await expect(other.getByTestId('readout')).toHaveText(readout);
  expect(await figures(other)).toEqual(await figures(page));
  expect(await pieces(other)).toEqual(await pieces(page));
  await elsewhere.close();
});
