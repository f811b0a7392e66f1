// The Circuits tab shows the engine's figures, a link brings them back, and long work can be stopped.
import { FIRST_TEXT } from '../../www/state/examples.js';
import { engineSays } from './engine_says.js';
import { fixture } from './hub.js';
import { box, expect, head, hold, openIn, test, testInKeptPage } from './page.js';

/** A figure as the page writes it. @param {number} value @param {number} places */
const written = (value, places) =>
  value
    .toFixed(places)
    .replace(/^-(0\.?0*)$/, '$1')
    .replace('-', '−');

/**
 * The figures of a matrix on the page, by row.
 * @param {import('@playwright/test').Page} page
 * @param {string} testid
 */
const matrix = (page, testid) =>
  page
    .getByTestId(`${testid}-matrix`)
    .locator('tbody tr')
    .evaluateAll((rows) =>
      rows.map((row) => [...row.querySelectorAll('td')].map((cell) => cell.textContent)),
    );

testInKeptPage(
  'composition, positions and attribution are the engine’s own',
  async ({ page, open, webgpu }) => {
    test.slow();
    await open('#v=1&tab=circuits');
    await expect(page.getByTestId('attribution-sum')).toContainText('add up to its logit');
    const said = await engineSays(page, webgpu, FIRST_TEXT);

    for (const through of ['Q', 'K', 'V']) {
      const shown = await matrix(page, `composition-${through}`);
      expect(shown).toEqual(
        said.composition[through].map((/** @type {number[]} */ row) => row.map((value) => written(value, 3))),
      );
    }
    await expect(page.getByTestId('composition-told')).toContainText(written(said.composition.baseline, 4));

    const scores = page.getByTestId('positions-map').getByRole('button');
    expect(await scores.allTextContents()).toEqual(
      said.positions.map((/** @type {number} */ value) => written(value, 2)),
    );

    const [row] = await matrix(page, 'attribution');
    // After the components come their sum and the logit, which are one.
    const sum = said.attribution[0].reduce(
      (/** @type {number} */ sum, /** @type {number} */ part) => sum + part,
      0,
    );
    const figures = [...said.attribution[0], sum, sum];
    expect(row.map((cell) => cell?.replace('+', ''))).toEqual(figures.map((value) => written(value, 2)));
    const told = (await page.getByTestId('attribution-sum').textContent()) ?? '';
    expect(told).toContain(`each of the ${said.seq - 1} next tokens`);
    expect(Number(/difference is ([\d.e-]+)\.$/.exec(told)?.[1])).toBeLessThan(1e-3);
  },
);

testInKeptPage(
  'a row of the attribution chooses its query, and later tokens are a page away',
  async ({ page, open }) => {
    await open('#v=1&tab=circuits');
    const rows = page.getByTestId('attribution-matrix').locator('tbody').getByRole('button');
    await rows.nth(5).click();
    await expect(page).toHaveURL(/query=5/);
    await expect(page.getByTestId('readout')).toContainText('query 5 ');
    await page.getByTestId('attribution-later').click();
    await expect(rows.first()).toHaveText(/^24 /);
    await page
      .getByTestId('attribution-matrix')
      .locator('thead')
      .getByRole('button', { name: 'Show head 1.3' })
      .click();
    await expect(page.getByTestId('pattern-title')).toHaveText('Head 1.3');
  },
);

test('copying is counted when it is asked for, and a link counts it again', async ({
  page,
  open,
  webgpu,
}) => {
  test.slow();
  await open('#v=1&tab=circuits');
  await expect(page.getByTestId('copying-ask')).toBeDisabled();
  await page.getByTestId('copying-1.1').check();
  await page.getByTestId('copying-ask').click();
  // The map of every head runs first, and the count waits for it.
  await expect(page.getByTestId('copying-told')).toContainText('Head 1.1', { timeout: 60_000 });
  const { copying } = await engineSays(page, webgpu, FIRST_TEXT);
  await expect(page.getByTestId('copying-told')).toContainText(`top-1 ${written(copying.top1, 4)}`);
  await expect(page.getByTestId('copying-told')).toContainText(`top-5 ${written(copying.top5, 4)}`);
  await expect(page).toHaveURL(/copy=1\.1.*ran=copying/);
  await page.goto('about:blank');
  await page.goBack();
  await expect(page.getByTestId('copying-told')).toContainText(`top-1 ${written(copying.top1, 4)}`, {
    timeout: 60_000,
  });
  // Other heads need another count, so the old count disappears.
  await page.getByTestId('copying-0.0').check();
  await expect(page.getByTestId('copying-ask')).toBeEnabled();
  await expect(page).not.toHaveURL(/ran=/);
});

testInKeptPage(
  'the path says which head feeds induction, and what is left without it',
  async ({ page, open, webgpu }) => {
    test.slow();
    // The path needs no asking on a small model.
    await open('#v=1&tab=circuits');
    await expect(page.getByTestId('path-words')).toContainText('nats', { timeout: 60_000 });
    const { composition, strict, without } = await engineSays(page, webgpu, FIRST_TEXT);
    const K = composition.K[2][2];
    await expect(page.getByTestId('path-words')).toContainText(
      `Head 1.2 has a strict induction score of ${written(strict[1][2], 2)}. ` +
        `Its keys read head 0.2 most: ${written(K, 3)}, random heads ${written(composition.baseline, 3)}.`,
    );
    await expect(page.getByTestId('path-words')).toContainText(
      `Ablating 0.2 leaves a score of ${written(without.strict[1][2], 2)} ` +
        `and raises the loss on the second copy by ${written(without.lossIncrease, 2)}`,
    );
    const drawn = page.getByTestId('path').locator('svg.path-diagram');
    await expect(drawn.getByRole('button', { name: /^Head 0\.2: ablated: loss \+/ })).toBeVisible();
    await expect(drawn.locator('title').first()).toHaveText(
      /^K-composition of \d\.\d with 1\.\d: 0\.\d{3}, random heads 0\.\d{3}$/,
    );
    await expect(page.getByTestId('composition-K-matrix').locator('tbody td').first()).toHaveAttribute(
      'title',
      `0.0, 1.0: ${written(composition.K[0][0], 3)}`,
    );
    await drawn.getByRole('button', { name: /^Head 1\.2/ }).focus();
    await page.keyboard.press('Enter');
    await expect(head(page, '1.2')).toHaveAttribute('aria-pressed', 'true');
  },
);

test('a link to all of it is reproduced in another browser', async ({ page, open, browser, webgpu }) => {
  test.slow();
  await open('#v=1&tab=circuits&ran=path+copying&copy=1.1');
  await expect(page.getByTestId('path-words')).toContainText('nats', { timeout: 60_000 });
  await expect(page.getByTestId('copying-told')).toContainText('top-1', { timeout: 60_000 });
  for (const kind of ['attribution', 'composition', 'copying', 'path', 'positions'])
    await expect(page).toHaveURL(new RegExp(`found=.*${kind}\\.`));
  const elsewhere = await browser.newContext();
  const other = await elsewhere.newPage();
  await openIn(other, webgpu, page.url());
  await expect(other.getByTestId('line-link')).toContainText('Reproduced: all', { timeout: 60_000 });
  const told = (await other.getByTestId('line-link').textContent()) ?? '';
  // 64 figures are the detectors', the others the studies'.
  expect(Number(/all (\d+) figures/.exec(told)?.[1])).toBeGreaterThan(64 + 8 + 2 + 65 + 200);
  await expect(other.getByTestId('path-words')).toHaveText(
    (await page.getByTestId('path-words').textContent()) ?? '',
  );
  await elsewhere.close();
});

test('a path that takes long can be stopped, and traced again', async ({ page, open }) => {
  // The model's own test is answered.
  const release = await hold(page, 'repeated', 1);
  await open('#v=1&tab=circuits&batch=60&len=100');
  const standing = page.getByTestId('standing-path');
  await standing.getByRole('button', { name: 'Stop' }).click();
  await expect(standing).toContainText('Stopped');
  await expect(page.getByTestId('path-words')).toBeHidden();
  await release();
  await expect(standing.getByRole('progressbar')).toBeHidden();
  await expect(standing.getByRole('button', { name: 'Run again' })).toBeVisible();
});

testInKeptPage(
  'copying of every head is a map, whose figures are those of each head by itself',
  async ({ page, open, webgpu }) => {
    test.slow();
    await open('#v=1&tab=circuits');
    const cell = page.getByTestId('copying-each-map').locator('[data-head="1.1"]');
    await expect(cell).toBeVisible({ timeout: 60_000 });
    const { copying } = await engineSays(page, webgpu, FIRST_TEXT);
    await expect(cell).toHaveText(written(copying.top1, 2));
    await expect(page).toHaveURL(/found=.*copying-map\./);
  },
);

testInKeptPage('a matrix is saved as CSV and SVG with the figures shown', async ({ page, open }) => {
  await open('#v=1&tab=circuits');
  await expect(page.getByTestId('composition-K-matrix')).toBeVisible();
  const [csv] = await Promise.all([
    page.waitForEvent('download'),
    page.getByTestId('composition-K-csv').click(),
  ]);
  expect(csv.suggestedFilename()).toBe('headscope-K-composition.csv');
  const lines = (await textOf(csv)).trim().split('\r\n');
  expect(lines).toHaveLength(65);
  const shown = await matrix(page, 'composition-K');
  expect(Number(lines[1].split(',')[2]).toFixed(3)).toBe(shown[0][0]);
  const [svg] = await Promise.all([
    page.waitForEvent('download'),
    page.getByTestId('attribution-svg').click(),
  ]);
  const drawn = await textOf(svg);
  expect(drawn).toContain('Each target token, each component');
  expect(drawn).not.toContain('var(--');
});

/** @param {import('@playwright/test').Download} download */
async function textOf(download) {
  const chunks = [];
  for await (const chunk of await download.createReadStream()) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}

test('what a model has no circuit for is said, and the rest stands', async ({ page, open }) => {
  test.slow();
  await open('#v=1&tab=circuits&len=20');
  /** @param {string} name */
  const use = async (name) => {
    if (!(await page.getByTestId('own-files').isVisible())) await page.getByTestId('model').click();
    await page
      .getByTestId('own-files')
      .setInputFiles([fixture(`${name}.weights.safetensors`), fixture(`${name}.config.json`)]);
    await expect(page.getByTestId('model')).toHaveText(`${name}.weights.safetensors`, { timeout: 30_000 });
    await box(page).fill('0 5 3 9 7 2 8 4 6 1 10 11 5 3 9 7 2 8 4 6 1 10 11');
    await expect(page.getByTestId('tokens').getByRole('option')).toHaveCount(23);
  };
  await use('random_1layer');
  await expect(page.locator('#circuits')).toContainText('This model has one layer');
  await expect(page.getByTestId('path-ask')).toBeHidden();
  await expect(page.locator('#composition')).toBeHidden();
  await expect(page.getByTestId('attribution-sum')).toContainText('each of the 22 next tokens');

  await use('random_3layer_ln_standard');
  // Each component goes through the final norm, and they add up all the same.
  await expect(page.getByTestId('attribution-sum')).toContainText('each of the 22 next tokens');
  await page.getByTestId('composition-from').selectOption('1');
  await expect(page.getByTestId('composition-K-matrix').locator('thead')).toContainText('2.3');
  await expect(page.getByTestId('composition-K-matrix').locator('tbody')).toContainText('1.3');
});

test('the maps of a model of twelve heads show every column, and the page does not grow wider', async ({
  page,
  open,
}) => {
  await open('#v=1&tab=circuits&len=20');
  await page.getByTestId('model').click();
  await page
    .getByTestId('own-files')
    .setInputFiles([
      fixture('planted_f16_12heads.weights.safetensors'),
      fixture('planted_f16_12heads.config.json'),
    ]);
  await expect(page.getByTestId('model')).toHaveText('planted_f16_12heads.weights.safetensors', {
    timeout: 30_000,
  });
  await box(page).fill('0 5 3 9 7 2 8 4 6 1 10 11 5 3 9 7 2 8 4 6 1 10 11');
  await expect(page.getByTestId('composition-K-matrix').locator('tbody')).toContainText('0.11');
  const hidden = () =>
    page
      .locator('.headmap-scroller:visible, .matrices .scroller:visible')
      .evaluateAll((all) => all.filter(({ scrollWidth, clientWidth }) => scrollWidth > clientWidth).length);
  expect(await hidden()).toBe(0);
  await page.getByTestId('tab-find').click();
  await expect(page.getByTestId('strict-map')).toContainText('11');
  expect(await hidden()).toBe(0);
  await page.setViewportSize({ width: 390, height: 800 });
  expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBeLessThanOrEqual(0);
});

testInKeptPage('a path that the model has no room for says how much it takes', async ({ page, open }) => {
  await open('#v=1&tab=circuits&len=4000');
  await expect(page.locator('#circuits')).toContainText(
    '4000 repeated tokens take 8001 positions, and this model has',
  );
  await expect(page.getByTestId('path-ask')).toBeHidden();
});
