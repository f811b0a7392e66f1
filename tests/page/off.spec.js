// Ablated heads: the figures are the engine's, live, by pointer, keyboard and link.
import { box, expect, head, openIn, shows, test } from './page.js';

// WebGPU in software compiles its pipelines for seconds in every engine that is opened.
test.slow(({ webgpu }) => webgpu);

/** A figure as the page writes it. @param {number} value @param {number} [places] */
const written = (value, places = 3) =>
  value
    .toFixed(places)
    .replace(/^-(?=0\.0*$)/, '')
    .replace('-', '−');

/** Sequences of the experiment: few, for speed. */
const DRAWS = 2;

/**
 * The ablation as a second engine in the same page computes it.
 * @param {import('@playwright/test').Page} page @param {boolean} webgpu
 * @param {{ heads: string[], kind?: 'zero' | 'mean', text?: string, seqLen?: number }} what
 */
const made = (page, webgpu, what) =>
  page.evaluate(
    async ({ heads, kind, text, seqLen = 50, draws, backend }) => {
      const { Headscope } = await import(new URL('headscope.js', document.baseURI).href);
      const hs = await Headscope.open({ backend });
      const model = await hs.loadModel('default');
      const on =
        text === undefined ? await model.repeated({ seqLen, batch: draws, seed: 0 }) : await model.run(text);
      const found = {
        before: await model.ablate({ heads: [], kind, on }),
        after: await model.ablate({ heads, kind, on }),
        all: heads.length ? null : await model.ablateAll({ kind, on }),
      };
      hs.close();
      return found;
    },
    { ...what, draws: DRAWS, backend: webgpu ? 'webgpu' : 'cpu' },
  );

/** @param {import('@playwright/test').Page} page @param {string} name */
const toggle = (page, name) => page.getByTestId('off-heads').locator(`[data-head="${name}"]`);

test('a head ablated: loss, every score beside the old, largest change first; the link has it', async ({
  page,
  open,
  context,
  webgpu,
  complaints,
}) => {
  await open(`#v=1&batch=${DRAWS}`);
  await page.getByRole('tab', { name: 'Switch off' }).click();
  const told = page.getByTestId('off-told');
  await expect(told).toHaveText(
    /^With every head on, the loss on the last 49 predictions of 2 repeated sequences is 0\.\d{3} nats\.$/,
  );
  await toggle(page, '0.2').click();
  await expect(toggle(page, '0.2')).toHaveAttribute('aria-pressed', 'true');
  const { before, after } = await made(page, webgpu, { heads: ['0.2'] });
  // Without the default model's previous-token head nothing is copied.
  expect(after.lossIncrease).toBeGreaterThan(5);
  await expect(told).toHaveText(
    `Without head 0.2, the loss on the last 49 predictions of 2 repeated sequences goes from ${written(before.loss)} to ${written(after.loss)} nats, a change of +${written(after.lossIncrease)}.`,
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

  await expect(page).toHaveURL(/found=repeated\.[\w-]+~ablation\..*off=0\.2&.*tab=off/);
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
  await expect(told).toContainText('With every head on');
  await expect(page).not.toHaveURL(/off=0/);
  expect(complaints).toEqual([]);
});

test('measured on the visitor’s text, and to the mean: what has to be known of it is said', async ({
  page,
  open,
  webgpu,
}) => {
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
});

test('from the large pattern a head is switched off and on', async ({ page, open }) => {
  await open(`#v=1&batch=${DRAWS}`);
  await expect(page.getByTestId('pattern-off')).toBeHidden();
  await head(page, '1.2').click();
  await page.getByTestId('pattern-off').click();
  await expect(page.getByRole('tab', { name: 'Switch off' })).toHaveAttribute('aria-selected', 'true');
  await expect(page.getByTestId('off-told')).toContainText('Without head 1.2,');
  await expect(page.getByTestId('pattern-off')).toHaveText('Switch head 1.2 on again');
  await page.getByTestId('pattern-off').click();
  await expect(page.getByTestId('off-told')).toContainText('With every head on');
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
  await expect(told).toContainText('Head 0.2 is missed most', { timeout: 100_000 });
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
  await open('#v=1&tab=off&batch=40');
  await page.getByTestId('losses-ask').click();
  const standing = page.getByTestId('standing-losses');
  await expect(standing).toContainText(/Switching heads off: \d+ of 16 heads/, { timeout: 60_000 });
  await standing.getByRole('button', { name: 'Stop' }).click();
  await expect(page.getByTestId('losses-ask')).toBeVisible();
  await expect(standing.getByRole('progressbar')).toBeHidden({ timeout: 30_000 });
  await expect(page).not.toHaveURL(/ran=/);
  await expect(page.getByTestId('off-told')).toContainText('With every head on');
});

test('one prediction is told of as one', async ({ page, open }) => {
  await open('#v=1&tab=off&len=2&batch=1&t=a');
  const told = page.getByTestId('off-told');
  await expect(told).toContainText('the loss on the last prediction of the repeated sequence is');
  await page.getByTestId('off-on-text').check({ force: true });
  await expect(told).toContainText('the loss on the one prediction of your text is');
  await page.getByTestId('tab-circuits').click();
  await expect(page.getByTestId('attribution-sum')).toContainText('For the one next token the components');
  await expect(page.locator('#circuits')).toContainText('On 1 draw of 2 random tokens');
});
