// Links copied from earlier builds of the page open the same studies here, with the same figures.
import { readFileSync } from 'node:fs';
import { decode, fromFile } from '../../www/link/link.js';
import { DEFAULT_VIEW } from '../../www/state/view.js';
import { dropFiles, fixture, hubOf } from './hub.js';
import { analysed, expect, openNext, problem, test } from './page.js';

// No link depends on another.
test.describe.configure({ mode: 'parallel' });

/**
 * @typedef {object} Kept
 * @property {string} name
 * @property {string} made      year and month of the build that the link was copied from
 * @property {'reproduced' | 'nothing'} expects     `nothing`: for a link without figures
 * @property {string[]} [unfolded]  the kinds of its figures that were computed without folded norms
 * @property {string[]} [files] fixtures: the own model that the link names by its sha256
 * @property {boolean} [hub]    the link names the model that the tests' hub has
 * @property {string} [fragment]
 * @property {string} [saved]   in place of `fragment`: a saved analysis, for a text too long for a link
 */

/** @type {Kept[]} */
const KEPT = JSON.parse(readFileSync(fixture('links.json'), 'utf8'));

/** @typedef {Record<string, string>} Parameters     of a link, decoded */

/** @param {Kept} kept @returns {Parameters} */
function parametersOf({ fragment, saved }) {
  if (fragment !== undefined) return Object.fromEntries(new URLSearchParams(fragment));
  const { headscope, ...rest } = JSON.parse(saved ?? '');
  return { v: String(headscope), ...rest };
}

/** The studies whose figures a link holds, each with their number. @param {Parameters} link */
const studies = ({ found }) =>
  Object.fromEntries(
    (found?.split('~') ?? []).map((part) => [part.split('.')[0], part.split('.')[1].length / 3]),
  );

/**
 * The number of figures in a link: two characters a figure of the detectors, three a figure of a study.
 * @param {Parameters} link @param {string[]} without kinds that do not count
 */
const figureCount = (link, without) =>
  Object.entries(studies(link))
    .filter(([kind]) => !without.includes(kind))
    .reduce((sum, [, count]) => sum + count, link.digest.split('.')[1].length / 2);

/** The view of a link or a saved analysis. @param {Pick<Kept, 'fragment' | 'saved'>} kept */
async function viewOf({ fragment, saved }) {
  const { view } = fragment === undefined ? fromFile(saved ?? '') : await decode(fragment);
  return { ...DEFAULT_VIEW, ...view };
}

/**
 * Opens a link, and gives the page the model that the link names.
 * @param {import('@playwright/test').Page} page @param {Kept} kept
 */
async function opened(page, { fragment, saved, files, hub }) {
  const models = hub ? await hubOf(page) : null;
  await page.goto(fragment === undefined ? '' : `#${fragment}`);
  if (saved !== undefined) {
    await analysed(page);
    await dropFiles(page, [{ name: 'analysis.headscope.json', content: saved }]);
  }
  if (files) {
    await expect(problem(page, 'OwnFileNeeded')).toBeVisible();
    await page.getByTestId('model').click();
    await page.getByTestId('own-files').setInputFiles(files.map(fixture));
  }
  if (models) await problem(page, 'ModelNotHere').getByRole('button', { name: 'Download it' }).click();
  return { close: () => models?.close() };
}

/** The fragment of the link that the button copies now. @param {import('@playwright/test').Page} page */
async function copied(page) {
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
  const clipboard = () => page.evaluate(() => navigator.clipboard.readText());
  await page.evaluate(() => navigator.clipboard.writeText(''));
  await page.getByTestId('share').click();
  await page.getByTestId('copy-link').click();
  // The button's own words are of no use here: it may still speak of an earlier link.
  await expect.poll(clipboard).toContain('#');
  await page.keyboard.press('Escape');
  return (await clipboard()).split('#')[1];
}

/**
 * Expects the figures of a link that was just opened to come out the same, and the page's own link to say so.
 * @param {import('@playwright/test').Page} page @param {Kept} kept
 */
async function reproduces(page, kept) {
  const link = parametersOf(kept);
  const line = page.getByTestId('line-link');
  const unfolded = kept.unfolded ?? [];
  const all = `${unfolded.length ? '' : 'all '}${figureCount(link, unfolded)}`;
  const same = `Reproduced: ${all} figures of this link came out the same here`;
  await expect(line).toContainText(same, { timeout: 45_000 });
  const told = 'Computed in the link without folded norms, so not compared: the composition of heads.';
  if (unfolded.length) await expect(line).toContainText(told);
  else await expect(line).not.toContainText('norms');
  // The page shows what the link shows: its own link has the same view and weights, and its studies. The
  // tab of today may show more than the tab that the link names.
  const again = await copied(page);
  expect(await viewOf({ fragment: again })).toEqual(await viewOf(kept));
  expect(parametersOf({ ...kept, fragment: again }).sha).toBe(link.sha);
  // A link of today carries figures of folded norms under a kind of their own.
  const carried = Object.fromEntries(
    Object.entries(studies(link)).map(([kind, count]) => [
      unfolded.includes(kind) ? `${kind}-folded` : kind,
      count,
    ]),
  );
  expect(studies(parametersOf({ ...kept, fragment: again }))).toMatchObject(carried);
}

test('there are links of every kind', () => {
  const kinds = new Set(KEPT.flatMap((kept) => Object.keys(studies(parametersOf(kept)))));
  const all = [
    'ablation',
    'attribution',
    'composition',
    'copying',
    'draw',
    'losses',
    'options',
    'own',
    'path',
  ];
  expect([...kinds].sort()).toEqual([...all, 'positions', 'repeated', 'stability', 'weighted']);
});

// Links of the default model are opened one after another in a few pages: opening a page takes longer than
// what a link asks of it. A link that needs its own model or has no figures to wait for has its own page.
const inSharedPages = KEPT.filter(
  ({ expects, fragment, files, hub }) => expects === 'reproduced' && fragment && !files && !hub,
);
const PAGES = 4;

for (let first = 0; first < PAGES; first++) {
  const links = inSharedPages.filter((_, at) => at % PAGES === first);
  test(`links of the default model, ${first + 1} of ${PAGES}`, async ({ page, open }) => {
    test.setTimeout(60_000 + links.length * 15_000);
    await open();
    for (const kept of links)
      await test.step(`a link of ${kept.made}: ${kept.name}`, async () => {
        await openNext(page, kept.fragment ?? '');
        await reproduces(page, kept);
      });
  });
}

for (const kept of KEPT.filter((kept) => !inSharedPages.includes(kept))) {
  test(`a link of ${kept.made}: ${kept.name}`, async ({ page }) => {
    const models = await opened(page, kept);
    if (kept.expects === 'reproduced') await reproduces(page, kept);
    else {
      await expect(page.getByTestId('line-link')).toHaveCount(0);
      expect(await viewOf({ fragment: await copied(page) })).toEqual(await viewOf(kept));
    }
    await models.close();
  });
}
