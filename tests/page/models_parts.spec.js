// Weights in several files, chosen together or downloaded by their index, and repositories of the hub that a
// visitor types.
import { writeFileSync } from 'node:fs';
import { hubOf } from './hub.js';
import { test as base, box, problem } from './page.js';
import { expect, listed, openPanel, uses } from './panel.js';
import { INDEX, partName, writeParts } from './parts.js';

/** @typedef {import('@playwright/test').Page} Page */
/** @typedef {import('@playwright/test').PlaywrightTestArgs} Given */

const REPO = 'someone/in-parts';

/** The catalogue's entry of a model whose weights are an index. */
const ENTRY = {
  id: 'in-parts',
  name: 'In parts, 3 layers of 4 heads',
  group: 'Of the test',
  licence: 'MIT',
  dtype: 'f16',
  memory: 5e9,
  weights: { repo: REPO, file: INDEX, bytes_about: 100_000 },
  config: { repo: REPO, file: 'config.json', bytes_about: 700 },
  published: {
    source: 'the test',
    repeated: { induction: { 1.1: 0.5 } },
    task: { name: 'counting', source: 'nobody', heads: { counters: ['0.1'] } },
  },
};

/** @typedef {{ files: Record<string, string>, hub: import('./hub.js').Hub }} Parts */

/** @type {import('@playwright/test').Fixtures<Parts, {}, Given>} */
const fixtures = {
  files: async ({}, use, info) => use(writeParts((name) => info.outputPath(name))),
  hub: async ({ page, files }, use) => {
    const paths = Object.entries(files).map(([name, path]) => [`${REPO}/${name}`, path]);
    const hub = await hubOf(page, Object.fromEntries(paths), [ENTRY]);
    await use(hub);
    await hub.close();
  },
};
const test = base.extend(fixtures);

/** @param {Page} page @param {string[]} files */
const choose = (page, files) => page.getByTestId('own-files').setInputFiles(files);
/** @param {Page} page @param {string} repo */
async function lookUp(page, repo) {
  await page.getByTestId('hub-repository').fill(repo);
  await page.getByTestId('look-up').click();
}
/** @param {Page} page */
const runs = async (page) => {
  await box(page).fill('5 3 9 7 5 3 9 7');
  await expect(page.getByTestId('tokens').getByRole('option')).toHaveCount(8);
};

test('two parts with their index, chosen together, are one model', async ({ page, files, hub }) => {
  await openPanel(page);
  await choose(page, [files[partName(2)], files[INDEX], files[partName(1)], files['config.json']]);
  await uses(page, partName(2));
  await expect(page.getByTestId('own')).toContainText(`weights: ${partName(2)} and 1 more`);
  await expect(page.getByTestId('own')).toContainText(`index: ${INDEX}`);
  await expect(page.getByTestId('loaded')).toContainText('All keys matched');
  await runs(page);
  expect(hub.asked).toEqual([]);
});

test('two parts without an index', async ({ page, files, hub }) => {
  await openPanel(page);
  await choose(page, [files[partName(1)], files[partName(2)], files['config.json']]);
  await uses(page, partName(1));
  await runs(page);
  expect(hub.asked).toEqual([]);
});

test('one part alone: the missing one is named, and both together load', async ({ page, files, hub }) => {
  void hub;
  await openPanel(page);
  await choose(page, [files[partName(1)], files['config.json']]);
  await expect(problem(page, 'PartsMissing')).toContainText(partName(2));
  await uses(page, 'Headscope default, 2 layers of 8 heads');
  await choose(page, [files[partName(1)], files[partName(2)], files['config.json']]);
  await uses(page, partName(1));
  await expect(problem(page, 'PartsMissing')).toHaveCount(0);
});

test('an index that names a file outside its folder, and one that is broken', async ({
  page,
  files,
  hub,
}, info) => {
  void hub;
  await openPanel(page);
  const outside = info.outputPath('outside.index.json');
  writeFileSync(outside, JSON.stringify({ weight_map: { a: '../secret.safetensors' } }));
  await choose(page, [files[partName(1)], files[partName(2)], outside]);
  await expect(problem(page, 'CheckpointFormat')).toContainText(
    '`../secret.safetensors`, which is no file beside it',
  );
  const broken = info.outputPath('broken.index.json');
  writeFileSync(broken, '{"weight_map":');
  await choose(page, [files[partName(1)], files[partName(2)], broken]);
  await expect(problem(page, 'CheckpointFormat')).toContainText('an index that is no JSON object');
  await uses(page, 'Headscope default, 2 layers of 8 heads');
});

test('a catalogue entry with an index: its facts, its parts from the hub, kept over a reload', async ({
  page,
  hub,
}) => {
  await openPanel(page);
  const row = listed(page, ENTRY.id);
  await expect(page.getByRole('heading', { name: 'Of the test' })).toBeVisible();
  await expect(row).toContainText('To download: about 101 kB from huggingface.co');
  await expect(row).toContainText('Memory for its weights: 5000.0 MB in f16. Licence: MIT.');
  await expect(row.getByTestId('memory-warning')).toContainText(
    /needs 5\.3 GB of memory\. .*at most 4\.3 GB/,
  );
  await expect(row).toContainText('Published heads: induction 1.1 (0.500).');
  await expect(row).toContainText('Published for another task, counting (nobody): counters 0.1.');
  expect(hub.asked).toEqual([]);
  await row.getByRole('button', { name: /^Download/ }).click();
  await uses(page, ENTRY.name);
  await runs(page);
  expect([...hub.asked].sort()).toEqual(['config.json', partName(1), partName(2), INDEX].sort());
  await expect(row).toContainText('Measured here on repeated tokens: 1.1 (');

  const before = hub.asked.length;
  await page.reload();
  await uses(page, ENTRY.name);
  expect(hub.asked.length, 'nothing is fetched again').toBe(before);
});

test('a repository that is typed: looked up, downloaded on a click, kept, deleted', async ({ page, hub }) => {
  await openPanel(page);
  await lookUp(page, `https://huggingface.co/${REPO}/tree/main`);
  const row = listed(page, REPO);
  await expect(row).toContainText(/To download: about \d+\.?\d* kB from huggingface\.co/);
  await expect(row).toContainText('Licence: mit.');
  expect(hub.asked, 'only the list was asked for').toEqual([]);
  await row.getByRole('button', { name: /^Download/ }).click();
  await uses(page, REPO);
  await runs(page);
  await expect(page).toHaveURL(/model=someone(\/|%2F)in-parts&/);
  const before = hub.asked.length;
  await page.reload();
  await uses(page, REPO);
  expect(hub.asked.length, 'nothing is fetched again').toBe(before);
  await page.getByTestId('model').click();
  await listed(page, 'default').getByRole('button', { name: /^Use/ }).click();
  await uses(page, 'Headscope default, 2 layers of 8 heads');
  await listed(page, REPO)
    .getByRole('button', { name: /^Delete/ })
    .click();
  await expect(listed(page, REPO)).toHaveCount(0);
});

/** @type {[string, string, number | null, string, RegExp][]} */
const REFUSALS = [
  ['that is not there', 'someone/else', null, 'ModelNotFound', /the hub has no such repository/],
  ['that is gated or private', REPO, 401, 'ModelGated', /gated, private or does not exist/],
  ['of a hub that is out of order', REPO, 503, 'ModelFetch', /the server answered 503/],
  ['that is none', 'gpt2', null, 'ModelNotFound', /written owner\/name/],
];
for (const [what, repo, status, code, words] of REFUSALS) {
  test(`a repository ${what}: said beside the form, and the next one works`, async ({ page, hub }) => {
    await openPanel(page);
    hub.plan.next = (name) => (name === 'list' && status !== null ? { status } : null);
    await lookUp(page, repo);
    await expect(page.locator('[data-problems="hub"]').locator(`[data-code="${code}"]`)).toContainText(words);
    hub.plan.next = null;
    await lookUp(page, REPO);
    await expect(listed(page, REPO)).toBeVisible();
    await expect(page.getByTestId('problem')).toHaveCount(0);
  });
}

test('a repository whose files are gated: said, and the model in use goes on', async ({ page, hub }) => {
  await openPanel(page);
  await lookUp(page, REPO);
  hub.plan.next = (name) => (name.endsWith('.safetensors') ? { status: 403 } : null);
  await listed(page, REPO)
    .getByRole('button', { name: /^Download/ })
    .click();
  await expect(problem(page, 'ModelGated')).toContainText('The hub answered 403 for someone/in-parts');
  await uses(page, 'Headscope default, 2 layers of 8 heads');
});

test('a link to a repository asks nobody before the visitor wants it', async ({ page, hub }) => {
  /** @type {string[]} */ const lists = [];
  hub.plan.next = (name) => {
    lists.push(name);
    return null;
  };
  await page.goto(`#v=1&model=${encodeURIComponent(REPO)}&t=1+2+3`);
  await expect(problem(page, 'ModelNotHere')).toContainText(`${REPO} is a repository of the hub`);
  expect(lists).toEqual([]);
  await problem(page, 'ModelNotHere').getByRole('button', { name: 'Download it' }).click();
  await uses(page, REPO);
  await expect(page.getByTestId('tokens').getByRole('option')).toHaveCount(3);
});
