// Links copied from earlier builds of the page open the same studies here, with the same figures.
import { readFileSync } from 'node:fs';
import { inflateRawSync } from 'node:zlib';
import { pairsIn } from '../../www/link/pairs.js';
import { dropFiles, fixture, hubOf } from './hub.js';
import { analysed, expect, problem, test } from './page.js';

// No link depends on another.
test.describe.configure({ mode: 'parallel' });

/**
 * @typedef {object} Kept
 * @property {string} name
 * @property {string} made      year and month of the build that the link was copied from
 * @property {'reproduced' | 'nothing'} expects     `nothing`: for a link without figures
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
 * @param {Parameters} link
 */
const figureCount = (link) =>
  Object.values(studies(link)).reduce((sum, count) => sum + count, link.digest.split('.')[1].length / 2);

/** Inflates a value of a link, base64url of deflate-raw. @param {string | undefined} packed */
const inflated = (packed) => packed && inflateRawSync(Buffer.from(packed, 'base64url')).toString();

/** The view in a link: without the figures, and with its texts inflated. @param {Parameters} link */
function viewOf({
  v,
  end,
  digest,
  found,
  z,
  zz,
  t = inflated(z) ?? '',
  texts = inflated(zz) ?? '',
  ...rest
}) {
  return { ...rest, t, texts };
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

/**
 * The link that the button copies.
 * @param {import('@playwright/test').Page} page @returns {Promise<Parameters>}
 */
async function copied(page) {
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
  await page.getByTestId('copy-link').click();
  await expect(page.getByTestId('copy-link')).toHaveText('Copied');
  const link = await page.evaluate(() => navigator.clipboard.readText());
  const { given, whole } = pairsIn(link.split('#')[1]);
  expect(whole).toBe(true);
  return { ...given };
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
      const all = `Reproduced: all ${figureCount(link)} figures of this link came out the same here`;
      await expect(line).toContainText(all, { timeout: 45_000 });
      // The page shows what the link shows: its own link has the same view, weights and studies.
      const again = await copied(page);
      expect(viewOf(again)).toEqual(viewOf(link));
      expect(studies(again)).toEqual(studies(link));
    } else {
      await expect(page.getByTestId('copy-link')).toBeEnabled();
      await expect(line).toHaveCount(0);
      const again = await copied(page);
      expect(viewOf(again)).toEqual({ ...viewOf(link), sha: again.sha });
    }
    await models.close();
  });
}
