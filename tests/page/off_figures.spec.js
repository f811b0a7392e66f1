// An ablated head: the figures are the engine's, by pointer, keyboard and link.
import { DRAWS, made, toggle, written } from './ablated.js';
import { expect, openIn, test } from './page.js';

test('a head ablated: loss, every score beside the old, largest change first; the link has it', async ({
  page,
  open,
  context,
  webgpu,
  complaints,
}) => {
  await open(`#v=1&batch=${DRAWS}`);
  await page.getByRole('tab', { name: 'Ablate' }).click();
  const told = page.getByTestId('off-told');
  await expect(told).toHaveText(
    /^With no head ablated, the loss on the last 49 predictions of 2 repeated sequences is 0\.\d{3} nats\.$/,
  );
  await toggle(page, '0.2').click();
  await expect(toggle(page, '0.2')).toHaveAttribute('aria-pressed', 'true');
  const { before, after } = await made(page, webgpu, { heads: ['0.2'] });
  // Without the default model's previous-token head nothing is copied.
  expect(after.lossIncrease).toBeGreaterThan(5);
  await expect(told).toHaveText(
    'Without head 0.2, the loss on the last 49 predictions of 2 repeated sequences goes from ' +
      `${written(before.loss)} to ${written(after.loss)} nats, a change of +${written(after.lossIncrease)}.`,
  );
  const rows = page.getByTestId('off-table').locator('tbody tr');
  await expect(rows).toHaveCount(24);
  const cells = await rows
    .filter({ hasText: 'Induction stripe, strict' })
    .filter({ has: page.locator('[data-head="1.2"]') })
    .locator('td')
    .allTextContents();
  expect(cells).toEqual([
    'Induction stripe, strict',
    written(before.strict[1][2]),
    written(after.strict[1][2]),
    written(after.strict[1][2] - before.strict[1][2]),
  ]);
  const changes = (await rows.locator('td:last-child').allTextContents()).map((words) =>
    Math.abs(Number(words.replace('−', '-'))),
  );
  expect(changes).toEqual([...changes].sort((a, b) => b - a));
  await expect(page.getByTestId('off-strict-map').locator('[data-head="1.2"]')).toHaveAccessibleName(
    `Head 1.2, strict induction stripe ${written(after.strict[1][2], 2)}`,
  );
  await page.getByTestId('off-more').click();
  // The table's columns, and the engine's stripes.
  await expect(rows).toHaveCount(16 * (after.stripe ? 16 : 15));

  await expect(page).toHaveURL(/found=repeated\.[\w%-]+ablation\..*off=0\.2&.*tab=ablate/);
  const other = await context.newPage();
  await openIn(other, webgpu, page.url());
  await expect(other.getByTestId('off-told')).toHaveText((await told.textContent()) ?? '');
  await expect(other.getByTestId('line-link')).toContainText('Reproduced: all');
  await other.close();

  // The keyboard ablates a second head; then every head is on again.
  await toggle(page, '0.2').focus();
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  await expect(told).toContainText('Without heads 0.2, 1.2,');
  await page.getByTestId('off-none').click();
  await expect(told).toContainText('With no head ablated');
  await expect(page).not.toHaveURL(/off=0/);
  expect(complaints).toEqual([]);
});
