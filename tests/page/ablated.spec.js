// An ablation is seen wherever results are shown, with a switch between before and after.
import { DRAWS, toggle } from './ablated.js';
import { expect, head, openIn, test, testInKeptPage } from './page.js';

/** The pixels of a head's thumbnail. @param {import('@playwright/test').Page} page @param {string} name */
const thumbnail = (page, name) =>
  head(page, name)
    .locator('canvas')
    .evaluate((canvas) => /** @type {HTMLCanvasElement} */ (canvas).toDataURL());

/** @param {import('@playwright/test').Page} page @param {string} place @param {'before' | 'after'} side */
const choose = (page, place, side) =>
  page.getByTestId(`${place}-ablated-side-${side}`).check({ force: true });

const REPEAT = 'seven+copper+lanterns+drift+beyond+the+wall+seven+copper+lanterns+drift+beyond+the+wall';

testInKeptPage(
  'headline, thumbnails and pattern are the ablated run’s, and before is a click away',
  async ({ page, open }) => {
    await open(`#v=2&t=${REPEAT}&head=1.0&query=9&batch=${DRAWS}`);
    const headline = page.getByTestId('headline');
    const target = page.getByTestId('target');
    await expect(headline).toHaveText(/^4 induction heads: 1\.2, 1\.0, 1\.1, 1\.6 /);
    await expect(page.getByTestId('grid-ablated')).toBeHidden();
    await expect(target).toContainText('probability');
    const before = {
      thumbnail: await thumbnail(page, '1.0'),
      target: await target.textContent(),
      top: await page.getByTestId('top-keys').textContent(),
      onText: await page.getByTestId('answer-induction').textContent(),
    };
    await page.getByRole('tab', { name: 'Ablate' }).click();
    await toggle(page, '0.2').click();

    await expect(headline).toHaveText(
      /^Without 0\.2: no induction heads \(best \d\.\d at \.\d\d\); 4 with all heads\. Loss .* \+\d+\.\d\d n/,
    );
    for (const place of ['answer', 'grid', 'pattern'])
      await expect(page.getByTestId(`${place}-ablated`)).toContainText('ablated:0.2 ×');
    await expect(head(page, '0.2')).toHaveAccessibleName(/, ablated$/);
    await expect.poll(() => thumbnail(page, '1.0')).not.toBe(before.thumbnail);
    await expect(target).not.toHaveText(before.target ?? '');
    await expect(page.getByTestId('top-keys')).not.toHaveText(before.top ?? '');
    await expect(page.getByTestId('answer-induction')).not.toHaveText(before.onText ?? '');

    await choose(page, 'pattern', 'before');
    await expect(headline).toHaveText(/^4 induction heads/);
    await expect.poll(() => thumbnail(page, '1.0')).toBe(before.thumbnail);
    await expect(target).toHaveText(before.target ?? '');
    await expect(page.getByTestId('top-keys')).toHaveText(before.top ?? '');
    await expect(page.getByTestId('grid-ablated')).toContainText('not ablated here:');
    await expect(page).toHaveURL(/side=before/);

    await choose(page, 'grid', 'after');
    await expect(headline).toHaveText(/^Without 0\.2/);
    await page.getByTestId('pattern-ablated').getByRole('button', { name: 'Restore head 0.2' }).click();
    await expect(page.getByTestId('grid-ablated')).toBeHidden();
    await expect(headline).toHaveText(/^4 induction heads/);
    await expect(page).not.toHaveURL(/off=/);
  },
);

testInKeptPage(
  'the stripe before and after stand side by side, with one crosshair',
  async ({ page, open }) => {
    await open('#v=2&tab=ablate&off=0.2');
    await expect(page.getByTestId('off-stripe-title')).toHaveText('The stripe of head 1.2, before and after');
    const captions = page.locator('#off-stripe figcaption');
    await expect(captions.first()).toHaveText(/^whole model: strict induction score (1\.00|0\.9\d)$/);
    await expect(captions.last()).toHaveText(/^without 0\.2: 0\.0\d$/);
    await page.getByTestId('off-stripe-before').focus();
    await page.keyboard.press('ArrowUp');
    await expect(page.getByTestId('off-stripe-readout')).toHaveText(
      /^query 100 .* → key 0 .* \d\.\d{3} before, \d\.\d{3} after$/,
    );
    // The ablated head keeps its own pattern, so its stripe shows nothing: another head's is shown.
    await toggle(page, '1.2').click();
    await expect(page.getByTestId('off-stripe-title')).toHaveText('The stripe of head 1.0, before and after');
  },
);

test('a link opens with the heads ablated, and its own figures are reproduced', async ({
  page,
  open,
  context,
}) => {
  await open(`#v=2&t=${REPEAT}&head=1.0&tab=ablate&off=0.2&batch=${DRAWS}`);
  await expect(page).toHaveURL(/found=.*ablation/);
  const other = await context.newPage();
  await openIn(other, false, page.url());
  await expect(other.getByTestId('headline')).toHaveText(/^Without 0\.2/);
  await expect(other.getByTestId('line-link')).toContainText('Reproduced: all');
  await other.close();
});
