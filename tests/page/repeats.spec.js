// The Repeats tab shows the engine's figures, by pointer, keyboard and link.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { box, checked, expect, head, hold, openIn, problem, shows, test, testInKeptPage } from './page.js';

/** A figure as the page writes it. @param {number} value @param {number} [places] */
const written = (value, places = 2) =>
  value
    .toFixed(places)
    .replace(/^-(?=0\.0*$)/, '')
    .replace('-', '−');

/**
 * The experiment as a second engine in the same page computes it.
 * @param {import('@playwright/test').Page} page
 * @param {boolean} webgpu
 * @param {{ seqLen: number, batch: number, seed: number }} settings
 */
const made = (page, webgpu, settings) =>
  page.evaluate(
    async ({ backend, ...settings }) => {
      const { Headscope } = await import(new URL('headscope.js', document.baseURI).href);
      const hs = await Headscope.open({ backend });
      const model = await hs.loadModel('default');
      const found = await model.repeated(settings);
      const { pieces } = await model.run(found.tokens[0]);
      hs.close();
      return { ...found, pieces };
    },
    { ...settings, backend: webgpu ? 'webgpu' : 'cpu' },
  );

/** @param {import('@playwright/test').Page} page @param {string} map @param {string} name */
const cell = (page, map, name) => page.getByTestId(`${map}-map`).locator(`[data-head="${name}"]`);

testInKeptPage(
  'repeated tokens: chart, stripes and heads above the threshold are the engine’s',
  async ({ page, open, webgpu, complaints }) => {
    await open();
    await page.getByRole('tab', { name: 'Find' }).click();
    await expect(page.getByTestId('repeats-told')).toContainText('over 10 sequences of 50 tokens');
    const { meanFirst, meanSecond, stripe, strict, sd, stripeSd, logProbs, pieces } = await made(
      page,
      webgpu,
      {
        seqLen: 50,
        batch: 10,
        seed: 0,
      },
    );
    expect(meanFirst).toBeLessThan(-10);
    expect(meanSecond).toBeGreaterThan(-0.5);
    await expect(page.getByTestId('repeats-told')).toContainText(`${written(meanFirst)} nats`);
    await expect(page.getByTestId('repeats-told')).toContainText(`second copy ${written(meanSecond)}`);
    await expect(page.getByTestId('repeats-named')).toContainText(/1\.2 .*1\.0 .*1\.1 .*1\.6 /);
    for (const name of ['1.0', '1.2', '1.6', '0.0']) {
      const [layer, at] = name.split('.').map(Number);
      await expect(cell(page, 'strict', name)).toHaveAccessibleName(
        new RegExp(
          `^Head ${name}, strict induction stripe ${written(strict[layer][at])}, ` +
            `standard deviation ${written(sd[layer][at])}`,
        ),
      );
      await expect(cell(page, 'stripe', name)).toHaveAccessibleName(
        new RegExp(
          `^Head ${name}, induction stripe ${written(stripe[layer][at])}, ` +
            `standard deviation ${written(stripeSd[layer][at])}`,
        ),
      );
    }
    // Both measures differ where a head looks at the first token, but scores so small show nothing.
    expect(stripe[0][0]).toBeGreaterThan(2 * strict[0][0]);
    await expect(page.getByTestId('repeats-odd')).toContainText('The two agree about every head here.');
    await expect(cell(page, 'strict', '0.0')).not.toContainText('⚑');

    // By keyboard the chart names the target token, its position and its figures.
    const chart = page.getByTestId('log-probs-plot');
    await expect(chart.locator('svg')).toBeVisible();
    await chart.focus();
    await page.keyboard.press('End');
    await page.keyboard.press('ArrowLeft');
    await expect(chart).toHaveAttribute('aria-valuenow', '99');
    const mean =
      logProbs.reduce((/** @type {number} */ sum, /** @type {number[]} */ one) => sum + one[98], 0) / 10;
    const words = (await chart.getAttribute('aria-valuetext')) ?? '';
    expect(words).toContain('position 49 of the second copy');
    expect(words.replaceAll('·', ' ')).toContain(pieces[99].trim());
    expect(words).toContain(`log-probability ${written(logProbs[0][98])}`);
    expect(words).toContain(`mean of 10 sequences ${written(mean)}`);
    await page.keyboard.press('Tab');
    const area = await chart.boundingBox();
    if (!area) throw new Error('The chart has no place on the page.');
    await page.mouse.move(area.x + area.width / 4, area.y + area.height / 2);
    await expect(chart.locator('.tip')).toContainText('of the first copy');
    expect(complaints).toEqual([]);
  },
);

test('a chart is drawn by code that a first visit does not load, and is saved as shown', async ({
  page,
  open,
}) => {
  /** @type {string[]} */ const fetched = [];
  page.on('request', (request) => fetched.push(request.url()));
  await open();
  expect(fetched.filter((url) => url.includes('plotting'))).toEqual([]);
  await page.getByRole('tab', { name: 'Find' }).click();
  await page.getByTestId('log-probs-plot').scrollIntoViewIfNeeded();
  await expect(page.getByTestId('log-probs-plot').locator('svg')).toBeVisible();
  expect(fetched.filter((url) => url.includes('plotting'))).toHaveLength(1);

  /** @param {string} what */
  const saved = async (what) => {
    const download = page.waitForEvent('download');
    await page.getByTestId(what).click();
    return readFileSync(await (await download).path());
  };
  const table = page.getByTestId('log-probs-table');
  await table.locator('summary').click();
  await expect(table.locator('tbody tr')).toHaveCount(100);
  const csv = (await saved('log-probs-csv')).toString().trim().split('\r\n');
  expect(csv).toHaveLength(101);
  expect(csv[0]).toBe('position,target token (sequence 1),copy,mean log-probability,in sequence 1');
  const last = csv[100].split(',');
  await expect(table.locator('tbody tr').last().locator('td').last()).toHaveText(
    written(Number(last[last.length - 1]), 4),
  );
  const svg = (await saved('log-probs-svg')).toString();
  expect(svg).toContain('Log-probability of each token');
  expect(svg).toContain('second copy: mean');
  expect(svg).not.toContain('var(');
  // The picture needs nothing of the page: the browser draws it alone.
  const size = await page.evaluate(async (svg) => {
    const image = new Image();
    image.src = URL.createObjectURL(new Blob([svg], { type: 'image/svg+xml' }));
    await image.decode();
    return [image.naturalWidth, image.naturalHeight];
  }, svg);
  expect(Math.min(...size)).toBeGreaterThan(200);
  expect((await saved('log-probs-png')).subarray(1, 4).toString()).toBe('PNG');
  expect((await saved('strict-svg')).toString()).toContain('± 0.0');
  expect((await saved('strict-csv')).toString()).toContain('head,strict induction stripe,standard deviation');
});

test('a chart that cannot be fetched says so, keeps its figures, and is tried again', async ({
  page,
  open,
}) => {
  await open();
  await page.route('**/plotting*', (route) => route.abort());
  await page.getByRole('tab', { name: 'Find' }).click();
  const chart = page.getByTestId('log-probs');
  await expect(chart).toContainText('The chart could not be drawn');
  await chart.locator('summary').click();
  await expect(chart.locator('tbody tr')).toHaveCount(100);
  await page.unroute('**/plotting*');
  await chart.getByRole('button', { name: 'Try again' }).click();
  await expect(chart.locator('svg')).toBeVisible();
  await expect(chart).not.toContainText('could not be drawn');
});

test('seed, length and number of sequences are settings, and a link restores them', async ({
  page,
  open,
  context,
  webgpu,
}) => {
  await open();
  await page.getByRole('tab', { name: 'Find' }).click();
  const told = page.getByTestId('repeats-told');
  await expect(told).toContainText('over 10 sequences');
  const before = await told.textContent();
  await page.getByTestId('repeats-again').click();
  await expect(told).not.toHaveText(before ?? '');
  await expect(page.getByTestId('repeats-seed')).toHaveValue('1');
  await page.getByTestId('repeats-length').fill('20');
  await page.getByTestId('repeats-length').press('Enter');
  await page.getByTestId('repeats-batch').fill('3');
  await page.getByTestId('repeats-batch').press('Tab');
  await expect(told).toContainText('over 3 sequences of 20 tokens');
  const { meanSecond } = await made(page, webgpu, { seqLen: 20, batch: 3, seed: 1 });
  await expect(told).toContainText(`second copy ${written(meanSecond)}`);
  await expect(page).toHaveURL(/batch=3.*found=repeated.*len=20.*seed=1/);

  // A length above the model's limit becomes the limit.
  await page.getByTestId('repeats-length').fill('99999');
  await page.getByTestId('repeats-length').press('Enter');
  await expect(page.getByTestId('repeats-length')).toHaveValue('255');
  const table = page.getByTestId('log-probs-table');
  await table.locator('summary').click();
  await expect(table.locator('tbody tr')).toHaveCount(200);
  // The tokens come after the figures, and fill the table anew.
  await expect(table.locator('tbody tr').first().locator('th, td').nth(1)).not.toBeEmpty();
  await page.getByTestId('log-probs-more').click();
  await expect(table.locator('tbody tr')).toHaveCount(400);
  await table.locator('summary').click();
  // A cleared field stays empty while the page draws.
  await page.getByTestId('repeats-length').fill('');
  await cell(page, 'strict', '1.0').hover();
  await expect(page.getByTestId('pattern-title')).toHaveText('Head 1.0');
  await expect(page.getByTestId('repeats-length')).toHaveValue('');
  await page.getByTestId('repeats-length').fill('20');
  await page.getByTestId('repeats-length').press('Enter');
  await expect(told).toContainText('over 3 sequences of 20 tokens');

  await expect(page).toHaveURL(/len=20.*found|found.*len=20/);
  const other = await context.newPage();
  await openIn(other, webgpu, page.url());
  await expect(other.getByTestId('repeats-told')).toHaveText((await told.textContent()) ?? '');
  await expect(other.getByTestId('line-link')).toContainText('Reproduced: all');
  await other.close();
});

testInKeptPage(
  'a head’s stripe is marked on its pattern, apart from the notebook’s two extra cells',
  async ({ page, open }) => {
    await open('#v=1&tab=repeats&batch=2');
    const title = page.getByTestId('stripe-title');
    await expect(title).toHaveText('Head 1.2 on sequence 1');
    await cell(page, 'strict', '1.0').click();
    await expect(title).toHaveText('Head 1.0 on sequence 1');
    await expect(page.getByTestId('pattern-title')).toHaveText('Head 1.0');
    const readout = page.getByTestId('stripe-readout');
    const explorer = page.getByTestId('stripe-explorer');
    await explorer.focus();
    await page.keyboard.press('ArrowUp');
    await expect(readout).toHaveText(/^query 100 .* → key 0 /);
    for (let step = 0; step < 5; step++) await page.keyboard.press('Shift+ArrowRight');
    await page.keyboard.press('ArrowRight');
    await expect(readout).toHaveText(/^query 100 .* → key 51 .*, on the stripe$/);
    for (let step = 0; step < 5; step++) await page.keyboard.press('Shift+ArrowUp');
    for (let step = 0; step < 5; step++) await page.keyboard.press('Shift+ArrowLeft');
    await page.keyboard.press('ArrowRight');
    await expect(readout).toHaveText(
      /^query 50 .* → key 1 .*one of the two cells that only the notebook counts$/,
    );
    // Both stripes of the sequence by hand, beside uniform attention and all sequences.
    await expect(page.getByTestId('stripe-formula-strict')).toHaveText(
      /^\d+\.\d\d \/ 50 cells = [01]\.\d{3}$/,
    );
    await expect(page.getByTestId('stripe-formula-stripe')).toHaveText(
      /^\d+\.\d\d \/ 52 cells = [01]\.\d{3}$/,
    );
    await expect(page.getByTestId('stripe-uniform-strict')).toHaveText(
      /^0\.01\d, what uniform attention scores/,
    );
    await expect(page.getByTestId('stripe-verdict-strict')).toContainText('> 0.40: the head is named');
    await expect(page.getByTestId('stripe-over-strict')).toHaveText(
      /^[01]\.\d{3} ± 0\.\d{3} over 2 sequences$/,
    );
    await expect(page.getByTestId('strict')).toContainText(
      /Colours from 0 to 1\.00; uniform attention scores 0\.01\d\./,
    );
    // The chosen cell belongs to these tokens, not to the text above, so the link leaves it out.
    await expect(page).not.toHaveURL(/query=/);
    await page.keyboard.press('Escape');
    await expect(readout).toHaveText('Point at a cell for its weight');
  },
);

testInKeptPage(
  'repeats in a text of one’s own: where a head should look, whether it did, what was lost',
  async ({ page, open, webgpu }) => {
    await open('#v=1&tab=repeats&batch=2');
    const text =
      'The captain of the Velmorran ship spoke. Nobody heard the captain of the Velmorran ship again.';
    await box(page).fill(text);
    await shows(page, text);
    const told = page.getByTestId('own-told');
    await expect(told).toContainText(
      /^Head 1\.\d looked where an induction head should at \d+ of \d+ tokens inside a repeat/,
    );
    const name = (/^Head (\S+)/.exec((await told.textContent()) ?? '') ?? [])[1];
    const row = page.getByTestId('own-table').locator('tr[data-query]').nth(1);
    const query = Number(await row.getAttribute('data-query'));
    const cells = await row.locator('td').allTextContents();
    const key = Number(cells[0].split(' ')[0]);
    const of = await page.evaluate(
      async ({ text, at, query, key, backend }) => {
        const { Headscope } = await import(new URL('headscope.js', document.baseURI).href);
        const hs = await Headscope.open({ backend });
        const model = await hs.loadModel('default');
        const run = await model.run(text);
        const pattern = await run.pattern(...at);
        const logProbs = await run.logProbs();
        const keys = [...run.ids].flatMap((id, position) =>
          position < query && id === run.ids[query] ? [position + 1] : [],
        );
        const expected = keys.reduce((sum, one) => sum + pattern[query * run.seq + one], 0);
        hs.close();
        return {
          expected,
          loss: -logProbs[query],
          first: -logProbs[key - 1],
          same: run.ids[key - 1] === run.ids[query],
        };
      },
      { text, at: name.split('.').map(Number), query, key, backend: webgpu ? 'webgpu' : 'cpu' },
    );
    expect(of.same).toBe(true);
    expect(cells[1]).toBe(written(of.expected, 3));
    expect(cells[4]).toBe(written(of.loss));
    expect(cells[5]).toBe(written(of.first));
    await row.getByRole('button').click();
    await expect(page.getByTestId('pattern-title')).toHaveText(`Head ${name}`);
    await expect(page.getByTestId('readout')).toHaveText(new RegExp(`^query ${query} .* → key ${key} `));
    await expect(page).toHaveURL(new RegExp(`head=${name}&key=${key}.*query=${query}`));

    await box(page).fill('Nothing comes twice in here');
    await expect(page.getByTestId('own-none')).toContainText('No two tokens in a row occur again');
    await expect(page.getByTestId('own-table')).toBeHidden();
  },
);

test('what the draws cannot be made of is said where they are shown, and the page goes on', async ({
  page,
  open,
}) => {
  await open('#v=1&tab=repeats&len=300');
  await expect(page.locator('#repeats').getByTestId('standing-repeated')).toContainText(
    'There are too many tokens',
  );
  await expect(problem(page, 'TooManyTokens')).toHaveCount(0);
  // A link with figures of them cannot be compared, and the page says so instead of waiting.
  await expect(page).toHaveURL(/digest=/);
  const fragment = page
    .url()
    .split('#')[1]
    .replace(/&(?:found|end)=[^&]*/g, '');
  await page.goto(`#${checked(`${fragment}&found=repeated.AAA`)}`);
  await expect(page.getByTestId('line-link')).toContainText(
    'Not computed: the repeated tokens (there are too many tokens: ',
  );
  await page.getByTestId('repeats-length').fill('10');
  await page.getByTestId('repeats-length').press('Enter');
  await expect(page.getByTestId('repeats-told')).toContainText('of 10 tokens');
  await head(page, '0.2').click();
  await expect(page.getByTestId('stripe-title')).toHaveText('Head 0.2 on sequence 1');
});

test('draws that take more than a moment can be stopped, and other ones made', async ({ page, open }) => {
  // The model's own test is answered; the experiment of the tab is not.
  const release = await hold(page, 'repeated', 1);
  await open('#v=1&tab=repeats&batch=32&len=250');
  const standing = page.locator('#repeats').getByTestId('standing-repeated');
  await standing.getByRole('button', { name: 'Stop' }).click();
  await expect(standing).toContainText('Stopped');
  await release();
  await expect(standing.getByRole('progressbar')).toBeHidden();
  await expect(standing.getByRole('button', { name: 'Run again' })).toBeVisible();
  await page.getByTestId('repeats-length').fill('5');
  await page.getByTestId('repeats-batch').fill('1');
  await page.getByTestId('repeats-batch').press('Enter');
  // A single sequence has no standard deviation.
  await expect(page.getByTestId('repeats-told')).toContainText('over one sequence of 5 tokens');
  await expect(cell(page, 'strict', '1.2')).not.toContainText('±');
});

test('what was found of one model is not shown under another, whose draws are shorter', async ({
  page,
  open,
}) => {
  await open('#v=1&tab=repeats');
  await expect(page.getByTestId('stripe-title')).toHaveText('Head 1.2 on sequence 1');
  await page.getByTestId('model').click();
  await page
    .getByTestId('own-files')
    .setInputFiles(
      ['weights.safetensors', 'config.json'].map((part) =>
        fileURLToPath(new URL(`../fixtures/random_1layer.${part}`, import.meta.url)),
      ),
    );
  await expect(page.getByTestId('model')).toHaveText('random_1layer.weights.safetensors', {
    timeout: 30_000,
  });
  await box(page).fill('0 5 3 9 7 2 8 4 6 1 10 11 5 3 9 7 2 8 4 6 1 10 11');
  // The default length becomes one that the model has room for.
  await expect(page.getByTestId('stripe-title')).toHaveText(/^Head 0\.\d on sequence 1$/);
  await expect(page.getByTestId('repeats-length')).toHaveValue('47');
  await page.getByTestId('repeats-length').fill('20');
  await page.getByTestId('repeats-length').press('Enter');
  await expect(page.getByTestId('stripe-title')).toHaveText(/^Head 0\.\d on sequence 1$/);
});
