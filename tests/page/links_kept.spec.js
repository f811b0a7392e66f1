// Links copied from earlier builds of the page open the same studies here, with the same figures.
import { readFileSync } from 'node:fs';
import { decode, fromFile } from '../../www/link/link.js';
import { DEFAULT_VIEW } from '../../www/state/view.js';
import { dropFiles, fixture, hubOf } from './hub.js';
import { analysed, copyLink, expect, problem, test } from './page.js';

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

/** The fragment of the link that the button copies. @param {import('@playwright/test').Page} page */
async function copied(page) {
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
  await copyLink(page);
  const link = await page.evaluate(() => navigator.clipboard.readText());
  return link.split('#')[1];
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

for (const kept of KEPT) {
  test(`a link of ${kept.made}: ${kept.name}`, async ({ page }) => {
    const link = parametersOf(kept);
    const models = await opened(page, kept);
    const line = page.getByTestId('line-link');
    if (kept.expects === 'reproduced') {
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
    } else {
      await expect(line).toHaveCount(0);
      expect(await viewOf({ fragment: await copied(page) })).toEqual(await viewOf(kept));
    }
    await models.close();
  });
}
