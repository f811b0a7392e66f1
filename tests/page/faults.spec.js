// Faults of the browser and of the network: what was under way is repeated once, and nothing is lost.
import { endAt, ended, endIdle, watchWorkers, withLittleMemory } from './faults.js';
import { ENTRY, hubOf } from './hub.js';
import { analysed, box, expect, figures, nextRunWorks, problem, shows, status, test } from './page.js';
import { download, IDS, listed, openPanel, uses } from './panel.js';

/** @param {import('@playwright/test').Page} page */
const problems = (page) => page.getByTestId('problem');

test('a worker that is ended while it loads, runs or experiments: repeated once, without a click', async ({
  page,
}) => {
  test.slow(); // starts five workers
  await watchWorkers(page, { method: 'load_model', times: 1 });
  await page.goto('');
  await analysed(page);
  expect(await ended(page)).toBe(1);
  await expect(problems(page)).toHaveCount(0);

  await endAt(page, 'run_text', 1);
  await box(page).fill('it runs and it runs');
  await shows(page, 'it runs and it runs');
  expect(await ended(page)).toBe(2);
  await expect(problems(page)).toHaveCount(0);

  // The worker ends at the fourth head of sixteen.
  await endAt(page, 'loss_increase', 1, 3);
  await page.getByRole('tab', { name: 'Ablate' }).click();
  await page.getByTestId('losses-ask').click();
  await expect(page.getByTestId('losses-told')).toContainText('matters most:');
  await expect(page.getByTestId('losses-told')).not.toContainText('Partial');
  expect(await ended(page)).toBe(3);

  // A run that ends two workers is told, and goes on by one click.
  const before = await figures(page);
  await endAt(page, 'run_text', 2);
  await box(page).fill('again and again');
  const told = problem(page, 'WorkerDied');
  await expect.poll(() => ended(page)).toBe(5);
  await expect(status(page)).not.toContainText('Running');
  await expect(told).toContainText('Your text and the last result are still here.');
  await expect(box(page)).toHaveValue('again and again');
  expect(await figures(page)).toEqual(before);
  await told.getByRole('button', { name: 'Run again' }).click();
  await shows(page, 'again and again');
  await expect(problems(page)).toHaveCount(0);
});

test('an engine without memory: it is told, the figures stay, and a short text runs', async ({ page }) => {
  await page.route('**/assets/*.wasm', async (route) => {
    const response = await route.fetch();
    await route.fulfill({ response, body: withLittleMemory(await response.body(), 400) });
  });
  await page.goto('#v=1&t=a+short+text+a+short+text');
  await analysed(page);
  const before = await figures(page);
  const long = 'one two three four five six seven eight '.repeat(60);
  await box(page).fill(long);
  await expect(problem(page, 'WorkerDied')).toContainText('may have run out of memory');
  await expect(box(page)).toHaveValue(long);
  expect(await figures(page)).toEqual(before);
  await nextRunWorks(page);
});

test('files deleted by another tab, then by the browser: one click downloads them again', async ({
  page,
  context,
}) => {
  test.slow(); // two pages
  await watchWorkers(page);
  const hub = await hubOf(page);
  await openPanel(page);
  await download(page).click();
  await uses(page, ENTRY.name);
  const deletesElsewhere = async () => {
    const other = await context.newPage();
    const otherHub = await hubOf(other);
    await openPanel(other);
    await listed(other)
      .getByRole('button', { name: /^Delete/ })
      .click();
    await expect(listed(other)).toContainText(/To download/);
    await other.close();
    await otherHub.close();
  };
  const evicted = () =>
    page.evaluate(async () => {
      const storage = await navigator.storage.getDirectory();
      const folder = /** @type {any} */ (await storage.getDirectoryHandle('headscope-models'));
      for await (const name of folder.keys()) await folder.removeEntry(name);
      await storage.removeEntry('headscope-models');
    });
  let text = IDS;
  for (const by of ['another tab', 'the browser']) {
    await box(page).fill(text);
    await expect(page.locator('.token')).toHaveCount(text.split(' ').length);
    const before = await figures(page);
    if (by === 'another tab') await deletesElsewhere();
    else await evicted();
    await endIdle(page);
    await expect(problem(page, 'WorkerDied')).toBeVisible();
    // A new worker reads the model from its files.
    text += ' 5';
    await box(page).fill(text);
    const told = problem(page, 'ModelNotHere');
    await expect(told, by).toContainText('not in this browser yet');
    await expect(box(page)).toHaveValue(text);
    expect(await figures(page)).toEqual(before);
    await told.getByRole('button', { name: 'Download it' }).click();
    await expect(page.locator('.token')).toHaveCount(text.split(' ').length);
    await expect(problems(page)).toHaveCount(0);
    text += ' 3';
  }
  await hub.close();
});

test('a tab that was frozen, and a clock that was changed: the page goes on', async ({ page, open }) => {
  await open();
  const before = await figures(page);
  const devtools = await page.context().newCDPSession(page);
  await page.getByRole('tab', { name: 'Ablate' }).click();
  await page.getByTestId('losses-ask').click();
  await devtools.send('Page.setWebLifecycleState', { state: 'frozen' });
  await devtools.send('Page.setWebLifecycleState', { state: 'active' });
  await expect(page.getByTestId('losses-told')).toContainText('matters most:');
  for (const years of [-30, 60])
    await page.evaluate((years) => {
      const { now } = Date;
      Date.now = () => now() + years * 365 * 86_400_000;
    }, years);
  expect(await figures(page)).toEqual(before);
  await nextRunWorks(page);
});

test('a file that is longer or shorter than the hub’s list says: told, and the model in use goes on', async ({
  page,
}) => {
  const hub = await hubOf(page);
  await openPanel(page);
  for (const more of [100, -100]) {
    hub.plan.next = (name) =>
      name === 'model.safetensors' ? { status: 200, body: 'x'.repeat(ENTRY.weights.bytes + more) } : null;
    await download(page).click();
    await expect(problem(page, 'CheckpointFormat').or(problem(page, 'ModelFetch'))).toBeVisible();
    await expect(download(page), 'it is not kept').toBeVisible();
    await nextRunWorks(page);
    await box(page).fill('');
  }
  hub.plan.next = null;
  await download(page).click();
  await uses(page, ENTRY.name);
  await page.unrouteAll({ behavior: 'ignoreErrors' });
  await hub.close();
});
