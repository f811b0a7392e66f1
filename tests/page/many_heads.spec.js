// A model of 270 heads: the map leads, and views are drawn by need.
import { writeFileSync } from 'node:fs';
import { COUNT, manyHeads } from '../../tools/bench/many_heads.js';
import { box, expect, openIn, test } from './page.js';

/** @typedef {import('@playwright/test').Page} Page */

/** 31 ids twice: 62 tokens. */
const IDS = Array.from({ length: 62 }, (_, at) => 1 + (((at % 31) * 7) % 299)).join(' ');

// The tests share a page: loading the model and its first answer take longer than most of them.
test.describe.configure({ mode: 'serial', timeout: 200_000 });

/** @type {Page} */ let page;

test.beforeAll(async ({ browser, site, webgpu }, info) => {
  page = await browser.newPage({ baseURL: site.url });
  await openIn(page, webgpu, '#v=2&len=16&batch=2');
  // Bytes in place of paths would be decoded on the page's main thread.
  const paths = Object.entries(manyHeads()).map(([name, bytes]) => {
    const path = info.outputPath(name);
    writeFileSync(path, bytes);
    return path;
  });
  await page.getByTestId('model').click();
  await page.getByTestId('own-files').setInputFiles(paths);
  await expect(page.getByTestId('model')).toHaveText('model.safetensors', { timeout: 60_000 });
  await box(page).fill(IDS);
  await expect(page.locator('.token')).toHaveCount(62, { timeout: 60_000 });
  await expect(cells(page)).toHaveCount(COUNT.heads);
  await page.keyboard.press('Escape');
});
test.afterAll(() => page.close());

/** The heads of the map. @param {Page} page */
const cells = (page) => page.getByTestId('score-map').locator('[data-head]');

/** @param {Page} page @param {string} tab */
const opens = (page, tab) => page.getByTestId(`tab-${tab.toLowerCase()}`).click();

/** Opens every tab, and waits for what it shows of all heads. @param {Page} page */
async function looksAround(page) {
  await cells(page).nth(100).hover();
  await cells(page).nth(100).click();
  await expect(page.getByTestId('pattern-title')).toHaveText('Head 11.1');
  for (const key of ['ArrowRight', 'ArrowDown', 'ArrowDown', 'Enter']) await page.keyboard.press(key);
  await expect(page.getByTestId('pattern-title')).toHaveText('Head 13.2');
  await page.getByTestId('map-score').selectOption('mean-previous');
  await page.getByTestId('explorer').hover();
  await page.getByTestId('strip-colour-loss').check({ force: true });
  await expect(page.getByTestId('strip-caption')).toContainText('in nats');
  await opens(page, 'Find');
  await expect(page.getByTestId('strict-map').locator('[data-head]')).toHaveCount(COUNT.heads);
  await opens(page, 'Explain');
  await expect(page.getByTestId('attribution-sum')).toContainText('each of the 61 next tokens');
  await page.getByTestId('attribution-components').click();
  await expect(page.getByTestId('attribution-matrix').locator('thead th')).toHaveCount(43);
  await page.getByTestId('composition-from').selectOption('2');
  await expect(page.getByTestId('composition-K-matrix')).toContainText('2.0');
  await opens(page, 'Ablate');
  await page.getByTestId('off-heads').locator('[data-head="3.4"]').click();
  await page.getByTestId('off-mlps').locator('[data-layer="5"]').click();
  await expect(page.getByTestId('off-told')).toContainText('Without head 3.4 and the MLP of layer 5');
  await page.getByTestId('off-more').click();
  await opens(page, 'Scores');
  await expect(page.getByTestId('figures').locator('tbody tr')).toHaveCount(COUNT.heads, { timeout: 30_000 });
  await page.getByTestId('figures').locator('thead button').nth(2).click();
}

test('the map of one score leads, with the thumbnails of a layer', async () => {
  await expect(page.getByTestId('head')).toHaveCount(9);
});

/** The most elements that one frame lays out anew: the budget of www/base/frames.js, and a view. */
const MOST_IN_A_FRAME = 1000;

/**
 * How many elements of a tab's panel come to be laid out in each frame until it stays as it is.
 * @param {Page} page @param {string} tab
 */
async function growth(page, tab) {
  await page.evaluate((tab) => {
    const panel = /** @type {HTMLElement} */ (document.getElementById(`panel-${tab}`));
    /** @type {number[]} */ const grown = [];
    let before = 0;
    function look() {
      const all = panel.checkVisibility() ? [...panel.querySelectorAll('*')] : [];
      const now = all.filter((element) => element.checkVisibility()).length;
      grown.push(now - before);
      before = now;
      requestAnimationFrame(look);
    }
    look();
    Object.assign(globalThis, { grown });
  }, tab);
  await opens(page, tab);
  /** @type {number[]} */ let grown = [];
  await expect
    .poll(
      async () => {
        grown = await page.evaluate(() => /** @type {any} */ (globalThis).grown);
        return grown.length > 30 && grown.some((more) => more > 0) && grown.slice(-30).every((more) => !more);
      },
      { timeout: 60_000 },
    )
    .toBe(true);
  return { most: Math.max(...grown), all: grown.reduce((sum, more) => sum + more, 0) };
}

test('a tab of thousands of elements is laid out over frames, the first time and again', async () => {
  await page.getByTestId('find-head').fill('11.1');
  await page.getByTestId('find-head').press('Enter');
  await opens(page, 'Explain');
  for (const [tab, least] of /** @type {const} */ ([
    ['scores', 6000],
    ['find', 3000],
  ])) {
    const first = await growth(page, tab);
    expect(first.all, tab).toBeGreaterThan(least);
    expect(first.most, `${tab}, of ${first.all}`).toBeLessThan(MOST_IN_A_FRAME);
    await opens(page, 'Explain');
    const again = await growth(page, tab);
    expect(again.all, `${tab}, again`).toBeGreaterThan(least);
    expect(again.most, `${tab} again, of ${again.all}`).toBeLessThan(MOST_IN_A_FRAME);
    await opens(page, 'Explain');
  }
});

test('a tab that is left while it is being shown is whole when it is opened again', async () => {
  for (const tab of ['Scores', 'Find', 'Scores', 'Find', 'Scores', 'Find']) await opens(page, tab);
  for (const tab of ['find', 'scores']) {
    await opens(page, tab);
    const panel = page.locator(`#panel-${tab}`);
    await expect(panel.locator('.later')).toHaveCount(0, { timeout: 30_000 });
    await expect(panel).toHaveCSS('min-block-size', '0px');
    for (const section of await panel.locator('section').all()) await expect(section).toBeVisible();
  }
});

test('a pinned head and a threshold change few elements of a table that is drawn', async () => {
  await opens(page, 'Scores');
  const table = page.getByTestId('figures');
  await expect(table.locator('tbody')).toHaveAttribute('aria-busy', 'false', { timeout: 30_000 });
  await table.evaluate((element) => {
    const added = { rows: 0, cells: 0 };
    new MutationObserver((records) => {
      for (const { addedNodes, target } of records) {
        if (target instanceof HTMLTableSectionElement) added.rows += addedNodes.length;
        else if (addedNodes.length) added.cells++;
      }
    }).observe(element, { childList: true, subtree: true });
    Object.assign(globalThis, { added });
  });
  const added = () => page.evaluate(() => /** @type {any} */ (globalThis).added);
  await page.getByTestId('find-head').fill('11.1');
  await page.getByTestId('find-head').press('Enter');
  await expect(table.locator('tr.locked')).toHaveAttribute('data-head', '11.1');
  expect(await added()).toEqual({ rows: 0, cells: 0 });
  await page.getByTestId('threshold-mean').fill('0.05');
  await expect.poll(async () => (await added()).cells, { timeout: 60_000 }).toBeGreaterThan(0);
  await expect(table.locator('tbody')).toHaveAttribute('aria-busy', 'false', { timeout: 60_000 });
  const { rows, cells } = await added();
  expect(rows, 'no row moves').toBe(0);
  expect(cells).toBeLessThan(COUNT.heads * 14);
});

test('every tab shows all heads, and what is done in it', async () => {
  await looksAround(page);
  await opens(page, 'Ablate');
  await page.getByTestId('off-none').click();
});

test('what is not defined for the model shows its reason, and no way to try again', async () => {
  await opens(page, 'Explain');
  const standing = page.getByTestId('standing-positions');
  await expect(standing).toContainText('not defined for this model');
  await expect(standing).toContainText('it has no W_pos, since its positions are rotary');
  await expect(standing.getByRole('button', { name: 'Try again' })).toHaveCount(0);
});

test('a path starts from the pinned head, over every earlier layer', async () => {
  await page.getByTestId('find-head').fill('4.2');
  await page.getByTestId('find-head').press('Enter');
  await opens(page, 'Explain');
  await expect(page.getByTestId('path').locator('[data-head="4.2"]')).toBeVisible({ timeout: 60_000 });
  await expect(page.getByTestId('path').locator('[data-head]')).toHaveCount(4);
});

test('every part is ablated in turn: a stopped map keeps what it has, and goes on', async () => {
  await opens(page, 'Ablate');
  await page.getByTestId('losses-ask').click();
  const standing = page.getByTestId('standing-losses');
  await expect(standing).toContainText(/Ablating in turn: \d+ of 300 ablations, .* left/, {
    timeout: 60_000,
  });
  await standing.getByRole('button', { name: 'Stop' }).click();
  const told = page.getByTestId('losses-told');
  await expect(told).toContainText(/^Partial map: stopped after \d+ of 300\./);
  const stopped = Number(/after (\d+) of/.exec((await told.textContent()) ?? '')?.[1]);
  await expect(page.getByTestId('losses-map').locator('[data-head]')).toHaveCount(COUNT.heads);
  const first = await page.getByTestId('losses-map').locator('[data-head="0.0"]').textContent();
  await page.getByTestId('losses-ask').click();
  await expect(standing).toContainText(/Ablating in turn: \d+ of 300/);
  const done = Number(/turn: (\d+) of/.exec((await standing.textContent()) ?? '')?.[1]);
  expect(done, 'what was measured is not measured again').toBeGreaterThanOrEqual(Math.min(stopped, 300) - 1);
  await expect(told).not.toContainText('Partial', { timeout: 200_000 });
  await expect(page.getByTestId('losses-map').locator('[data-head="0.0"]')).toHaveText(first ?? '');
  await expect(page.getByTestId('losses-mlps-matrix').locator('tbody td')).toHaveCount(30);
});
