// Ablations: on the visitor's text, with the mean, of every head in turn, stopped.
import { DRAWS, made, written } from './ablated.js';
import { box, expect, head, hold, openIn, shows, test, testInKeptPage } from './page.js';

testInKeptPage(
  'on the visitor’s text, mean ablation changes nothing, and the page says why',
  async ({ page, open, webgpu }) => {
    const text = 'One fish, two fish, red fish, blue fish. One fish, two fish, red fish, blue fish.';
    await open(`#v=1&tab=off&off=0.2&batch=${DRAWS}`);
    await box(page).fill(text);
    await shows(page, text);
    await page.getByTestId('off-on-text').check({ force: true });
    const told = page.getByTestId('off-told');
    const { before, after } = await made(page, webgpu, { heads: ['0.2'], text });
    await expect(told).toContainText(
      `predictions of your text goes from ${written(before.loss)} to ${written(after.loss)} nats`,
    );
    await expect(page.getByTestId('off-strict')).toBeHidden();
    const alone = page.getByTestId('off-mean');
    await expect(alone).toBeHidden();
    await page.getByTestId('off-kind-mean').check({ force: true });
    await expect(alone).toBeVisible();
    await expect(told).toContainText('a change of 0.000.');
    await page.getByTestId('off-on-repeats').check({ force: true });
    await expect(alone).toBeHidden();
    const mean = await made(page, webgpu, { heads: ['0.2'], kind: 'mean' });
    await expect(told).toContainText(`to ${written(mean.after.loss)} nats`);
  },
);

testInKeptPage('from the large pattern a head is switched off and on', async ({ page, open }) => {
  await open(`#v=1&batch=${DRAWS}`);
  await expect(page.getByTestId('pattern-off')).toBeHidden();
  await head(page, '1.2').click();
  await page.getByTestId('pattern-off').click();
  await expect(page.getByRole('tab', { name: 'Ablate' })).toHaveAttribute('aria-selected', 'true');
  await expect(page.getByTestId('off-told')).toContainText('Without head 1.2,');
  await expect(page.getByTestId('pattern-off')).toHaveText('Restore head 1.2');
  await page.getByTestId('pattern-off').click();
  await expect(page.getByTestId('off-told')).toContainText('With no head ablated');
});

test('every head in turn: asked for, the whole table, and a link does it again', async ({
  page,
  open,
  context,
  webgpu,
}) => {
  await open(`#v=1&tab=off&len=10&batch=${DRAWS}`);
  await page.getByTestId('losses-ask').click();
  const told = page.getByTestId('losses-told');
  await expect(told).toContainText('Head 0.2 matters most', { timeout: 100_000 });
  const { all } = await made(page, webgpu, { heads: [], seqLen: 10 });
  for (const [layer, row] of all.lossIncrease.entries()) {
    for (const [at, value] of row.entries()) {
      await expect(page.getByTestId('losses-map').locator(`[data-head="${layer}.${at}"]`)).toHaveText(
        new RegExp(`^\\+?${written(value, 2).replace('.', '\\.')}$`),
      );
    }
  }
  await expect(page).toHaveURL(/found=.*losses.*ran=losses/);
  const other = await context.newPage();
  await openIn(other, webgpu, page.url());
  await expect(other.getByTestId('losses-told')).toHaveText((await told.textContent()) ?? '', {
    timeout: 100_000,
  });
  await expect(other.getByTestId('line-link')).toContainText('Reproduced: all');
});

test('every head in turn is stopped: what was there stays, and it can be asked for again', async ({
  page,
  open,
}) => {
  await hold(page, 'loss_increase', 3);
  await open('#v=1&tab=off&batch=40');
  await page.getByTestId('losses-ask').click();
  const standing = page.getByTestId('standing-losses');
  await expect(standing).toContainText(/Ablating in turn: \d+ of 16 ablations/, { timeout: 60_000 });
  await standing.getByRole('button', { name: 'Stop' }).click();
  await expect(page.getByTestId('losses-ask')).toBeVisible();
  await expect(standing.getByRole('progressbar')).toBeHidden({ timeout: 30_000 });
  await expect(page).not.toHaveURL(/ran=/);
  await expect(page.getByTestId('off-told')).toContainText('With no head ablated');
});

testInKeptPage('one prediction is told of as one', async ({ page, open }) => {
  await open('#v=1&tab=off&len=2&batch=1&t=a');
  const told = page.getByTestId('off-told');
  await expect(told).toContainText('the loss on the last prediction of the repeated sequence is');
  await page.getByTestId('off-on-text').check({ force: true });
  await expect(told).toContainText('the loss on the one prediction of your text is');
  await page.getByTestId('tab-explain').click();
  await expect(page.getByTestId('attribution-sum')).toContainText('For the one next token the components');
  await expect(page.locator('#circuits')).toContainText('On 1 sequence of 2 random tokens');
});
