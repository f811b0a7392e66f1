// A full-size model with planted heads, through the file input and the hub, up to its longest text.

import { statSync } from 'node:fs';
import { longestTasks } from '../../tools/bench/main_thread.js';
import { hubOf } from './hub.js';
import { box, expect, head, problem, test } from './page.js';
import { CONFIG, PLAN, repeated, WEIGHTS } from './stand_in.js';

/** @typedef {import('@playwright/test').Page} Page */

// The longest tasks are printed. `cargo xtask bench --smoothness` holds them to their limit: a busy machine
// would make them longer here.

const LONG = 2048;

/** @param {Page} page @param {string} name */
const uses = (page, name) => expect(page.getByTestId('model')).toHaveText(name, { timeout: 120_000 });

/** @param {import('../../tools/bench/main_thread.js').Task[]} tasks */
const print = (tasks) => console.log(tasks.map(({ ms, of }) => `${ms.toFixed(1)} ms (${of})`).join('\n'));

/**
 * Runs a text of `count` tokens, and expects the planted heads.
 * @param {Page} page
 * @param {number} count
 */
async function finds(page, count) {
  await box(page).fill(repeated(count).join(' '));
  await expect(page.locator('.token')).toHaveCount(count, { timeout: 180_000 });
  await expect(page.getByTestId('problem')).toHaveCount(0);
  for (const [kind, heads] of Object.entries(PLAN)) {
    // The page has the strongest head first.
    const found = await page.getByTestId(`answer-${kind}`).getByRole('button').allTextContents();
    expect(found.sort(), `${kind}, ${count} tokens`).toEqual([...heads].sort());
  }
}

/** Uses all that redraws on a pointer or a key. @param {Page} page @param {number} count of tokens */
async function looksAround(page, count) {
  const [induction] = PLAN.induction;
  await head(page, induction).hover();
  await head(page, induction).click();
  await expect(page.getByTestId('pattern-title')).toHaveText(`Head ${induction}`);
  await page.getByTestId('explorer').focus();
  await page.keyboard.press('ArrowUp');
  await expect(page.getByTestId('readout')).toHaveText(/\d\.\d{3}$/, { timeout: 30_000 });
  for (const key of ['+', '+', '+', '+', 'Shift+ArrowUp', '-', '0']) await page.keyboard.press(key);
  await page.getByTestId('direction-to').check({ force: true });
  await page.getByTestId('tokens').hover();
  for (let turn = 0; turn < 4; turn++) await page.mouse.wheel(0, 400);
  await page.mouse.move(0, 0);
  await page.locator('.token').first().focus();
  await page.keyboard.press('End');
  await page.keyboard.press('Enter');
  await expect(page.getByTestId('strip-caption')).toContainText(`What looks at token ${count - 1} `);
  await page.getByTestId('mean-head').click();
  await expect(page.getByTestId('pattern-title')).toHaveText('Mean of all heads');
  await expect(page.getByTestId('top-keys').locator('tbody .figure').first()).toHaveText(/\d\.\d{3}/);
}

test('through the file input: the planted heads are found, and the page stays responsive', async ({
  page,
  open,
}) => {
  test.setTimeout(600_000);
  await open();
  await page.getByTestId('model').click();
  const tasks = await longestTasks(page, async () => {
    await page.getByTestId('own-files').setInputFiles([WEIGHTS, CONFIG]);
    await uses(page, 'model.pth');
    await expect(page.getByTestId('loaded')).toContainText(
      'All keys matched: 20 tensors, and 4 buffers that are not needed',
    );
    await expect(problem(page, 'IdsNeeded')).toBeVisible();
    await finds(page, 62);
    await finds(page, LONG);
    await looksAround(page, LONG);
  });
  print(tasks);
});

test('from the hub: downloaded, kept in parts, used, and there after a reload', async ({ page, open }) => {
  test.setTimeout(600_000);
  const entry = {
    id: 'stand-in',
    name: 'Full-size stand-in',
    weights: { repo: 'someone/full', file: 'model.pth', bytes: statSync(WEIGHTS).size },
    config: { repo: 'someone/full', file: 'config.json' },
  };
  const hub = await hubOf(page, { 'someone/full/model.pth': WEIGHTS, 'someone/full/config.json': CONFIG }, [
    entry,
  ]);
  await open();
  await page.getByTestId('model').click();
  const listed = page.locator('[data-testid="listed"][data-model="stand-in"]');
  await expect(listed).toContainText('To download: 183.9 MB');
  const tasks = await longestTasks(page, async () => {
    await listed.getByRole('button', { name: /^Download/ }).click();
    await uses(page, entry.name);
    await finds(page, 62);
  });
  print(tasks);
  await expect(listed).toContainText('In use. In this browser');
  const asked = hub.asked.length;
  await page.reload();
  await uses(page, entry.name);
  await expect(page.getByTestId('tokens').getByRole('option')).toHaveCount(62);
  expect(hub.asked.length, 'nothing is fetched again').toBe(asked);
  await hub.close();
});
