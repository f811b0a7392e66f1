// Downloads of models that break off, are refused, stopped or deleted, and the visitor's own files.
import { readFileSync } from 'node:fs';
import { dropFiles, ENTRY, fixture } from './hub.js';
import { analysed, box, figures, problem, shows } from './page.js';
import { download, expect, IDS, listed, openPanel, test, uses } from './panel.js';

/** @typedef {import('@playwright/test').Page} Page */

/** Expects the default model to stay in use. @param {Page} page @param {string} text */
async function previousWorks(page, text) {
  await uses(page, 'Headscope default, 2 layers of 8 heads');
  await box(page).fill(text);
  await shows(page, text);
}

test('a hub model: size first, downloaded by a redirect, used, kept over a reload, deleted', async ({
  page,
  hub,
}) => {
  await openPanel(page);
  await expect(listed(page)).toContainText(/To download: \d+.* from huggingface\.co/);
  await expect(listed(page)).toContainText('Published heads: induction 1.0.');
  expect(hub.asked).toEqual([]);
  await download(page).click();
  await uses(page, ENTRY.name);
  await expect(problem(page, 'IdsNeeded')).toBeVisible();
  await box(page).fill(IDS);
  await expect(page.getByTestId('tokens').getByRole('option')).toHaveCount(23);
  await expect(page.getByTestId('problem')).toHaveCount(0);
  await expect(page).toHaveURL(/model=planted&sha=[0-9a-f]{12}/);
  await expect(listed(page)).toContainText('In use. In this browser');

  const before = hub.asked.length;
  await page.reload();
  await uses(page, ENTRY.name);
  await expect(page.getByTestId('tokens').getByRole('option')).toHaveCount(23);
  expect(hub.asked.length, 'nothing is fetched again').toBe(before);

  await page.getByTestId('model').click();
  const remove = listed(page).getByRole('button', { name: /^Delete/ });
  await expect(remove).toBeDisabled();
  await expect(listed(page)).toContainText('To delete it, use another model first');
  await listed(page, 'default').getByRole('button', { name: /^Use/ }).click();
  await uses(page, 'Headscope default, 2 layers of 8 heads');
  await remove.click();
  await expect(download(page)).toBeVisible();
  await page.goto('about:blank');
  await page.goto('#v=1&model=planted&t=1+2+3');
  await expect(problem(page, 'ModelNotHere')).toContainText('Planted circuits is a download of');
  expect(hub.asked.length, 'nothing is fetched unasked').toBe(before);
  await problem(page, 'ModelNotHere').getByRole('button', { name: 'Download it' }).click();
  await uses(page, ENTRY.name);
  await expect(page.getByTestId('tokens').getByRole('option')).toHaveCount(3);
});

test('half the bytes: goes on where it broke off', async ({ page, hub }) => {
  await openPanel(page);
  const half = ENTRY.weights.bytes >> 1;
  let broken = 0;
  hub.plan.next = (name) => (name === 'model.safetensors' && broken++ === 0 ? { only: half } : null);
  await download(page).click();
  await uses(page, ENTRY.name);
  const [, from] = /bytes=(\d+)-/.exec(hub.asked.filter((ask) => ask.includes('safetensors '))[0]) ?? [];
  expect(Number(from)).toBeGreaterThan(0);
  expect(Number(from)).toBeLessThanOrEqual(half);
});

test('half the bytes of another version: begun anew', async ({ page, hub }) => {
  await openPanel(page);
  let asks = 0;
  hub.plan.next = (name) => {
    if (name !== 'model.safetensors') return null;
    asks++;
    return asks === 1 ? { only: ENTRY.weights.bytes >> 1, headers: { etag: '"old"' } } : null;
  };
  await download(page).click();
  await uses(page, ENTRY.name);
  expect(hub.asked.filter((ask) => ask === 'model.safetensors')).toHaveLength(2);
});

/** @type {[string, import('./hub.js').Answer, RegExp][]} */
const REFUSALS = [
  ['404', { status: 404 }, /the server answered 404/],
  ['429', { status: 429, headers: { 'retry-after': '60' } }, /429.*fewer requests, again in 60 seconds/],
  [
    'an HTML page',
    { status: 200, headers: { 'content-type': 'text/html' }, body: '<!doctype html>' },
    /an HTML page was found/,
  ],
  ['nothing before the connection breaks', { only: 0 }, /Download failed: no connection to huggingface\.co/],
];
for (const [what, answer, told] of REFUSALS) {
  test(`a hub that answers ${what}: said, and the previous model goes on`, async ({ page, hub }) => {
    await openPanel(page);
    hub.plan.next = (name) => (name === 'model.safetensors' ? answer : null);
    await download(page).click();
    await expect(problem(page, 'ModelFetch')).toContainText(told);
    await previousWorks(page, 'and then it works again');
    hub.plan.next = null;
    await listed(page)
      .getByRole('button', { name: /^(Download|Resume download)/ })
      .click();
    await uses(page, ENTRY.name);
  });
}

test('a file whose bytes are not the hub’s: the previous model goes on', async ({ page, hub }) => {
  await openPanel(page);
  hub.plan.next = (name) =>
    name === 'model.safetensors' ? { status: 200, body: 'x'.repeat(ENTRY.weights.bytes) } : null;
  await download(page).click();
  await expect(problem(page, 'CheckpointFormat')).toBeVisible();
  await expect(download(page), 'it is not kept').toBeVisible();
  await previousWorks(page, 'it still works');
});

test('a download tells its bytes, is stopped, and the text can be worked on meanwhile', async ({
  page,
  hub,
}) => {
  await openPanel(page);
  hub.plan.next = (name) => (name === 'model.safetensors' ? { held: 1 << 16 } : null);
  await download(page).click();
  await expect(page.getByTestId('download-line')).toHaveText(/Planted circuits: \d+\.\d of \d+\.\d MB/);
  await box(page).fill('while it comes');
  await shows(page, 'while it comes');
  await page.getByTestId('stop-download').click();
  await expect(page.getByTestId('download-line')).toBeHidden();
  await expect(page.getByTestId('problem')).toHaveCount(0);
});

test('a network that trickles: bytes are told as they come, and texts run meanwhile', async ({
  page,
  hub,
}) => {
  await openPanel(page);
  const pieces = 40;
  hub.plan.next = (name) =>
    name === 'model.safetensors'
      ? { slow: { bytes: Math.ceil(ENTRY.weights.bytes / pieces), ms: 100 } }
      : null;
  const line = page.getByTestId('download-line');
  await line.evaluate((element) => {
    /** @type {Set<string>} */ const told = new Set();
    new MutationObserver(() => told.add(element.textContent ?? '')).observe(element, {
      characterData: true,
      childList: true,
      subtree: true,
    });
    Object.assign(globalThis, { told });
  });
  await download(page).click();
  await expect(line).toHaveText(/Planted circuits: \d+\.\d of \d+\.\d MB/);
  await box(page).fill('while it trickles');
  await shows(page, 'while it trickles');
  await uses(page, ENTRY.name);
  const told = await page.evaluate(() => [.../** @type {any} */ (globalThis).told]);
  const amounts = told.flatMap((words) => [...words.matchAll(/(\d+\.\d) of/g)].map(([, mb]) => Number(mb)));
  expect(new Set(amounts).size, 'amounts that were told').toBeGreaterThan(2);
  expect(amounts, 'never less than before').toEqual([...amounts].sort((one, other) => one - other));
});

test('storage refused, or full: the model is used from memory, and that is said', async ({ page, hub }) => {
  await page.addInitScript(() => {
    const refuse = () => Promise.reject(new DOMException('no room', 'QuotaExceededError'));
    const { write } = FileSystemWritableFileStream.prototype;
    FileSystemWritableFileStream.prototype.write = function (data) {
      return data instanceof Blob && data.size > 1000 ? refuse() : write.call(this, data);
    };
  });
  await openPanel(page);
  await download(page).click();
  await uses(page, ENTRY.name);
  await expect(page.getByTestId('models-note')).toContainText(
    'could not be kept (no room), so it stays only until the page is closed',
  );
  await expect(listed(page)).toContainText('In memory until this page is closed');
  await page.addInitScript(() => {
    StorageManager.prototype.getDirectory = () => Promise.reject(new DOMException('no', 'SecurityError'));
    CacheStorage.prototype.open = () => Promise.reject(new DOMException('no', 'SecurityError'));
  });
  await page.goto('about:blank');
  await openPanel(page);
  await download(page).click();
  await uses(page, ENTRY.name);
  await expect(page.getByTestId('models-note')).toContainText('lets the page keep no files');
  expect(hub.asked.length).toBe(4);
});

test('own files: the configuration before the weights, together, and weights that do not fit', async ({
  page,
  hub,
}) => {
  await openPanel(page);
  const config = { name: 'config.json', content: readFileSync(fixture('planted_f32.config.json')) };
  const weights = {
    name: 'mine.safetensors',
    content: readFileSync(fixture('planted_f32.weights.safetensors')),
  };
  await dropFiles(page, [config]);
  await expect(page.getByTestId('own')).toContainText('Now the weights');
  await dropFiles(page, [weights]);
  await uses(page, 'mine.safetensors');
  await box(page).fill(IDS);
  await expect(page.getByTestId('tokens').getByRole('option')).toHaveCount(23);
  await expect(page).toHaveURL(/model=own-[0-9a-f]{12}&sha=/);
  const link = page.url();
  const shown = await figures(page);

  await dropFiles(page, [config, { name: 'broken.safetensors', content: weights.content.subarray(0, 5000) }]);
  await expect(problem(page, 'CheckpointFormat')).toBeVisible();
  await uses(page, 'mine.safetensors');
  expect(await figures(page)).toEqual(shown);
  await box(page).fill('1 2 3 1 2 3');
  await expect(page.getByTestId('tokens').getByRole('option')).toHaveCount(6);

  await page.goto('about:blank');
  await page.goto(link);
  await expect(problem(page, 'OwnFileNeeded')).toContainText(/its sha256 begins with [0-9a-f]{12}/);
  await page.getByTestId('model').click();
  await page
    .getByTestId('own-files')
    .setInputFiles([fixture('planted_f32.weights.safetensors'), fixture('planted_f32.config.json')]);
  await uses(page, 'planted_f32.weights.safetensors');
  await expect(page.getByTestId('line-link')).toContainText('Reproduced');
  expect(hub.asked).toEqual([]);
});

test('the panel by keyboard', async ({ page, hub }) => {
  await page.goto('');
  await analysed(page);
  await page.getByTestId('model').focus();
  await page.keyboard.press('Enter');
  await expect(page.getByTestId('model')).toHaveAttribute('aria-expanded', 'true');
  await expect(download(page)).toBeVisible();
  await download(page).focus();
  await page.keyboard.press('Enter');
  await uses(page, ENTRY.name);
  await page.getByTestId('own-files').focus();
  await page.keyboard.press('Escape');
  await expect(page.locator('#models')).toBeHidden();
  await expect(page.getByTestId('model')).toBeFocused();
  expect(hub.asked.length).toBe(2);
});
