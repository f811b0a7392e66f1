// Tasks of docs/keyboard.md, by keyboard alone: those of the tabs.
import { toggle } from './ablated.js';
import { backTo, focused, tabTo, task } from './keys.js';
import { expect, head, test } from './page.js';

/** @typedef {import('@playwright/test').Page} Page */

/** @param {Page} page */
const openTab = (page) => page.locator('[role="tab"][aria-selected="true"]');

/** Goes to the tabs and opens the one of a name. @param {Page} page @param {string} name */
async function toTab(page, name) {
  await backTo(page, openTab(page));
  // The focus moves at once, and the open tab with the next drawing.
  for (let press = 0; press < 4 && (await focused(page)) !== `tab-${name.toLowerCase()}`; press++)
    await page.keyboard.press('ArrowRight');
  await expect(page.getByRole('tab', { name })).toBeFocused();
  await expect(openTab(page)).toHaveText(name);
}

/** Opens the table of a chart. @param {Page} page @param {string} testid @param {number} rows */
async function asTable(page, testid, rows) {
  const table = page.getByTestId(`${testid}-table`);
  await tabTo(page, table.locator('summary'));
  await page.keyboard.press('Enter');
  await expect(table.locator('tbody tr')).toHaveCount(rows);
}

test('tabs, repeated tokens, the scatter, thresholds and the table by keyboard', async ({ page, open }) => {
  test.slow(); // Tab goes through the tabs several times
  await open('#v=2&tab=find&len=8&batch=1&head=0.2');

  await task('open a tab', async () => {
    await tabTo(page, openTab(page));
    for (const [key, name] of /** @type {const} */ ([
      ['End', 'Scores'],
      ['ArrowLeft', 'Ablate'],
      ['Home', 'Find'],
      ['ArrowRight', 'Explain'],
      ['Home', 'Find'],
    ])) {
      await page.keyboard.press(key);
      await expect(page.getByRole('tab', { name })).toBeFocused();
      await expect(page.getByRole('tab', { name })).toHaveAttribute('aria-selected', 'true');
    }
    const way = page.getByTestId('to-pattern');
    const explorer = page.getByTestId('explorer');
    await page.keyboard.press('Tab');
    await expect(way).toBeFocused();
    expect((await way.boundingBox())?.height, 'seen while it has the focus').toBeGreaterThan(20);
    await page.keyboard.press('Enter');
    await expect(explorer).toBeFocused();
    await expect(explorer).toBeInViewport();
    await page.keyboard.press('ArrowUp');
    await expect(explorer.locator('.cell-tip')).toHaveText(/^\d\.\d{3} {2}“.*” → “.*”$/);
  });

  await task('repeat random tokens', async () => {
    await tabTo(page, page.getByTestId('repeats-length'));
    await page.keyboard.press('Control+A');
    await page.keyboard.type('9');
    await page.keyboard.press('Tab');
    await expect(page).toHaveURL(/len=9/);
    await page.keyboard.press('ArrowUp');
    await expect(page.getByTestId('repeats-batch')).toHaveValue('2');
    await expect(page).toHaveURL(/batch=2/);
    await tabTo(page, page.getByTestId('repeats-again'));
    await page.keyboard.press('Enter');
    await expect(page).toHaveURL(/seed=\d/);
    await expect(page.getByTestId('repeats-told')).toContainText('log-probability');
  });

  await task('read the chart of log-probabilities', async () => {
    const slider = page.getByRole('slider', { name: /log-probabilit/i });
    await tabTo(page, slider);
    const positions = ['1', '2', '12', '2', '1'];
    const keys = [null, 'ArrowRight', 'PageUp', 'PageDown', 'Home'];
    for (const [at, key] of keys.entries()) {
      if (key) await page.keyboard.press(key);
      await expect(slider).toHaveAttribute('aria-valuenow', positions[at]);
    }
    await page.keyboard.press('End');
    await expect(slider).toHaveAttribute('aria-valuenow', (await slider.getAttribute('aria-valuemax')) ?? '');
    await expect(slider).toHaveAttribute('aria-valuetext', /\d\.\d\d/);
  });

  await task('read the scatter', async () => {
    const field = page.getByTestId('scatter-field');
    await tabTo(page, field.locator('[tabindex="0"]'));
    await page.keyboard.press('ArrowRight');
    const name = await field.locator(':focus').getAttribute('data-head');
    await page.keyboard.press('Enter');
    await expect(head(page, name ?? '')).toHaveAttribute('aria-pressed', 'true');
    await asTable(page, 'scatter', 16);
  });

  await toTab(page, 'Scores');
  await task('set a threshold', async () => {
    const output = page.locator('output[for="threshold-mean"]');
    await tabTo(page, page.getByTestId('threshold-mean'));
    await expect(output).toHaveText('0.40');
    await page.keyboard.press('ArrowUp');
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('ArrowLeft');
    await expect(output).toHaveText('0.41');
    await expect(page).toHaveURL(/mean=0\.41/);
  });

  await task('sort the table', async () => {
    const heading = page.getByTestId('sort-mean-previous');
    await tabTo(page, heading);
    await page.keyboard.press('Enter');
    await expect(page.locator('th', { has: heading })).toHaveAttribute('aria-sort', 'descending');
    await expect(page.getByTestId('figures').locator('tbody tr').first()).toContainText('0.2');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await expect(page).toHaveURL(/score=mean-previous/);
  });
});

test('copying, attribution and the path by keyboard', async ({ page, open }) => {
  test.slow(); // Tab goes through a long tab
  await open('#v=2&tab=explain&len=8&batch=1');
  await expect(page.getByTestId('path-words')).toContainText('nats');
  await tabTo(page, openTab(page));

  await task('read the path', async () => {
    const heads = page.locator('.path-diagram [data-head]');
    await tabTo(page, heads.first());
    await page.keyboard.press('Tab');
    await expect(heads.nth(1)).toBeFocused();
    const name = await heads.nth(1).getAttribute('data-head');
    await page.keyboard.press('Enter');
    await expect(head(page, name ?? '')).toHaveAttribute('aria-pressed', 'true');
    await expect(page.locator(`.path-diagram [data-head="${name}"]`)).toBeFocused();
    const table = page.getByTestId('path-table');
    await tabTo(page, table.locator('summary'));
    await page.keyboard.press('Enter');
    await expect(table.locator('tbody tr').first()).toBeVisible();
  });

  await task('count copying', async () => {
    await tabTo(page, page.getByTestId('copying-1.1'));
    await page.keyboard.press('Space');
    await tabTo(page, page.getByTestId('copying-ask'));
    await page.keyboard.press('Enter');
    await expect(page.getByTestId('copying-told')).toContainText('Head 1.1: attending');
    expect(await focused(page)).not.toBeNull();
  });

  await task('attribute a logit', async () => {
    await tabTo(page, page.getByTestId('target-token'));
    await page.keyboard.type(' the');
    await page.keyboard.press('Enter');
    await expect(page.getByTestId('attribution-sum')).toContainText('add up to the logit of “ the”');
    await backTo(page, page.getByTestId('target-next'));
    await page.keyboard.press('Enter');
    await expect(page.getByTestId('attribution-sum')).toContainText('add up to its logit');
  });
});

test('ablation by keyboard', async ({ page, open }) => {
  test.slow(); // Tab goes through a long tab
  await open('#v=2&tab=ablate&head=1.2&len=8&batch=1');
  const told = page.getByTestId('off-told');

  await task('ablate a head', async () => {
    await tabTo(page, page.getByTestId('pattern-off'));
    await page.keyboard.press('Enter');
    await expect(told).toContainText('Without head 1.2,');
    await expect(page.getByTestId('pattern-off')).toBeFocused();
    await tabTo(page, page.getByTestId('off-heads').locator('[tabindex="0"]'));
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('ArrowLeft');
    await page.keyboard.press('ArrowUp');
    await page.keyboard.press('Enter');
    await expect(toggle(page, '0.0')).toHaveAttribute('aria-pressed', 'true');
    await expect(toggle(page, '0.0')).toBeFocused();
    await expect(told).toContainText('Without heads 0.0, 1.2,');
  });

  await task('measure the loss of every head', async () => {
    await tabTo(page, page.getByTestId('losses-ask'));
    await page.keyboard.press('Enter');
    await expect(page.getByTestId('losses-told')).toContainText(/matter/);
    await expect.poll(() => focused(page)).not.toBeNull();
  });

  await task('compare before and after', async () => {
    const badge = page.getByTestId('answer-ablated');
    await backTo(page, badge.getByTestId('answer-ablated-side-after'));
    await expect(badge).toContainText('ablated:');
    await page.keyboard.press('ArrowLeft');
    await expect(badge).toContainText('not ablated here:');
    await page.keyboard.press('ArrowRight');
    await expect(badge).not.toContainText('not ablated here:');
    await expect(page.getByTestId('headline')).toContainText('Without 0.0, 1.2');
  });
});
