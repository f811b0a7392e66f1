// The page without network after one visit, and builds that come while it is open.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildIn, deployed } from './deploy.js';
import { ENTRY, hubOf } from './hub.js';
import { analysed, box, expect, problem, shows, test } from './page.js';
import { download, uses } from './panel.js';

/** @typedef {import('@playwright/test').Page} Page */

/** Whether the service worker of a page controls it. @param {Page} page */
const kept = (page) =>
  page.waitForFunction(async () => {
    const registration = await navigator.serviceWorker?.ready;
    return registration?.active?.state === 'activated' && navigator.serviceWorker.controller !== null;
  });

/** The build of an open page. @param {Page} page */
const buildOf = (page) =>
  page.evaluate(async () => {
    const script = document.querySelector('script[type="module"]');
    const text = await (await fetch(/** @type {HTMLScriptElement} */ (script).src)).text();
    return text;
  });

/** Ends the engine's worker, so that the page starts another. @param {Page} page */
async function endWorker(page) {
  await page.evaluate(() =>
    /** @type {any} */ (globalThis).workers.forEach((/** @type {any} */ one) => one.terminate()),
  );
  await expect(problem(page, 'WorkerDied')).toBeVisible();
}

/** Lets a test end the page's workers. @param {Page} page */
const watchWorkers = (page) =>
  page.addInitScript(() => {
    const Original = Worker;
    /** @type {Worker[]} */ const workers = [];
    Object.assign(globalThis, {
      workers,
      Worker: class extends Original {
        /** @param {string | URL} script @param {WorkerOptions} [options] */
        constructor(script, options) {
          super(script, options);
          if (!String(script).includes('hash_worker')) workers.push(this);
        }
      },
    });
  });

test.describe('with a service worker', () => {
  test.use({ serviceWorkers: 'allow' });

  test('after one visit the page and the default model need no network', async ({ page }) => {
    const site = await deployed();
    await page.goto(site.url);
    await analysed(page);
    await kept(page);
    await site.away();
    await page.reload();
    await analysed(page);
    await box(page).fill('no network here');
    await shows(page, 'no network here');
    // Also what a first visit does not load.
    for (const tab of await page.getByRole('tab').all()) await tab.click();
    await expect(page.getByTestId('problem')).toHaveCount(0);
    await site.remove();
  });

  test('a kept model of the hub needs no network', async ({ page }) => {
    const site = await deployed();
    const catalogue = join(site.folder, 'models/catalogue.json');
    const own = JSON.parse(readFileSync(catalogue, 'utf8'));
    writeFileSync(catalogue, JSON.stringify({ ...own, models: [own.models[0], ENTRY] }));
    const hub = await hubOf(page);
    await page.unroute('**/models/catalogue.json');
    await page.goto(site.url);
    await analysed(page);
    await page.getByTestId('model').click();
    await download(page).click();
    await uses(page, 'Planted circuits');
    await kept(page);
    const { length } = hub.asked;
    await page.unrouteAll();
    await site.away();
    await page.goto(`${site.url}#v=1&model=planted&t=1+2+3`);
    await page.reload();
    await uses(page, 'Planted circuits');
    await expect(page.locator('.token')).toHaveCount(3);
    expect(hub.asked).toHaveLength(length);
    await hub.close();
    await site.remove();
  });

  test('a build that comes while a tab is open: the tab goes on, and reloads by choice', async ({ page }) => {
    await watchWorkers(page);
    const site = await deployed();
    const old = buildIn(site.folder);
    await page.goto(site.url);
    await analysed(page);
    await kept(page);
    const next = 'feedfeedfeed';
    site.deploy(next);
    // The old files are gone from the site. The tab goes on with its own.
    await endWorker(page);
    await box(page).fill('the old build runs');
    await shows(page, 'the old build runs');
    await page.evaluate(() => navigator.serviceWorker.ready.then((registration) => registration.update()));
    await expect(problem(page, 'NewVersion')).toContainText('A new version is ready');
    expect(await buildOf(page)).toContain(old);
    await box(page).fill('the old build still runs');
    await shows(page, 'the old build still runs');
    await problem(page, 'NewVersion').getByRole('button', { name: 'Reload the page' }).click();
    await analysed(page);
    await shows(page, 'the old build still runs');
    const now = await buildOf(page);
    expect([now.includes(next), now.includes(old)]).toEqual([true, false]);
    await expect(page.getByTestId('problem')).toHaveCount(0);
    // And the new build needs no network either.
    await site.away();
    await page.reload();
    await analysed(page);
    await site.remove();
  });
});

test('without a service worker, a tab whose files are gone says that a new version is ready', async ({
  page,
}) => {
  await watchWorkers(page);
  const site = await deployed();
  await page.goto(site.url);
  await analysed(page);
  site.deploy('feedfeedfeed');
  await endWorker(page);
  await expect(problem(page, 'NewVersion')).toBeVisible();
  await problem(page, 'NewVersion').getByRole('button', { name: 'Reload the page' }).click();
  await analysed(page);
  await box(page).fill('the new build runs');
  await shows(page, 'the new build runs');
  await expect(page.getByTestId('problem')).toHaveCount(0);
  await site.remove();
});

test('a worker of another build is refused and told', async ({ page, site }) => {
  const build = buildIn(new URL('../../dist', import.meta.url).pathname);
  await page.route(/\/worker-[\w-]+\.js$/, async (route) => {
    const answer = await route.fetch();
    await route.fulfill({ response: answer, body: (await answer.text()).replaceAll(build, 'feedfeedfeed') });
  });
  await page.goto(site.url);
  await expect(problem(page, 'BuildMixed')).toContainText('of two versions');
  await expect(problem(page, 'BuildMixed')).toContainText(`build ${build}`);
  await expect(problem(page, 'BuildMixed').getByRole('button', { name: 'Reload the page' })).toBeVisible();
});
