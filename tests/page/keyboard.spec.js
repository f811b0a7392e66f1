// Tasks of docs/keyboard.md, by keyboard alone: the text, the heads, the pattern and the tokens.
import { backTo, focused, tabTo, task } from './keys.js';
import { box, expect, head, shows, test } from './page.js';

const MEAN = 'Mean of all heads';

test('text, heads, pattern and tokens by keyboard', async ({ page, open }) => {
  test.slow(); // Tab goes through the page several times
  await open();
  const title = page.getByTestId('pattern-title');

  await task('go to the answer', async () => {
    const skip = page.getByTestId('skip');
    await page.keyboard.press('Tab');
    await expect(skip).toBeFocused();
    expect((await skip.boundingBox())?.height, 'seen while it has the focus').toBeGreaterThan(20);
    await page.keyboard.press('Enter');
    await expect(page.locator('#answer')).toBeFocused();
  });

  await task('analyse a text', async () => {
    await backTo(page, box(page));
    await page.keyboard.press('Control+A');
    const text = 'one two three '.repeat(12).trim();
    await page.keyboard.type(text);
    await shows(page, text);
    await tabTo(page, page.getByTestId('example').first());
    await page.keyboard.press('Enter');
    await expect(box(page)).toHaveValue(/^We think/);
    await tabTo(page, page.getByTestId('undo-example'));
    await page.keyboard.press('Enter');
    await shows(page, text);
    await expect(box(page)).toBeFocused();
  });

  await task('read a term', async () => {
    const tip = page.getByRole('tooltip');
    await tabTo(page, page.locator('#answer .term').first());
    await expect(tip).toBeVisible();
    await expect(tip).toContainText(/\w+ \w+/);
    await page.keyboard.press('Escape');
    await expect(tip).toBeHidden();
  });

  await task('find a head', async () => {
    await tabTo(page, page.getByTestId('find-head'));
    await page.keyboard.type('1.3');
    await page.keyboard.press('Enter');
    await expect(head(page, '1.3')).toHaveAttribute('aria-pressed', 'true');
    await expect(title).toHaveText('Head 1.3');
  });

  await task('go from head to head', async () => {
    await tabTo(page, page.locator('[data-testid="head"][tabindex="0"]'));
    await expect(head(page, '1.3')).toBeFocused();
    for (const [key, name] of /** @type {const} */ ([
      ['ArrowRight', '1.4'],
      ['ArrowUp', '0.4'],
      ['ArrowLeft', '0.3'],
      ['ArrowDown', '1.3'],
      ['ArrowLeft', '1.2'],
    ])) {
      await page.keyboard.press(key);
      await expect(head(page, name)).toBeFocused();
      await expect(title).toHaveText(`Head ${name}`);
    }
    // The brackets start from the pinned head, wherever the focus is.
    await tabTo(page, page.getByRole('button', { name: 'Previous head' }));
    await page.keyboard.press('[');
    await expect(title).toHaveText('Head 1.2');
    await page.keyboard.press(']');
    await expect(title).toHaveText('Head 1.3');
  });

  await task('pin a head', async () => {
    await backTo(page, page.locator('[data-testid="head"][tabindex="0"]'));
    await page.keyboard.press('ArrowLeft');
    await page.keyboard.press('Enter');
    await expect(head(page, '1.2')).toHaveAttribute('aria-pressed', 'true');
    await page.keyboard.press('Escape');
    await expect(head(page, '1.2')).toHaveAttribute('aria-pressed', 'false');
    await page.keyboard.press('Enter');
    await expect(head(page, '1.2')).toHaveAttribute('aria-pressed', 'true');
  });

  const explorer = page.getByTestId('explorer');
  const readout = page.getByTestId('readout');
  await task('read a cell of the pattern', async () => {
    await tabTo(page, explorer);
    const last = (await page.locator('.token').count()) - 1;
    await page.keyboard.press('ArrowUp');
    await expect(readout).toHaveText(new RegExp(`^query ${last} .* → key 0 .* \\d\\.\\d{3}$`));
    await page.keyboard.press('Shift+ArrowUp');
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('Shift+ArrowRight');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('ArrowLeft');
    await expect(readout).toHaveText(new RegExp(`^query ${last - 9} .* → key 10 .* \\d\\.\\d{3}$`));
  });

  await task('zoom the pattern', async () => {
    const farther = page.getByRole('button', { name: 'Zoom out' });
    await expect(farther).toBeDisabled();
    const closer = page.getByRole('button', { name: 'Zoom in' });
    for (let press = 0; press < 8; press++) await page.keyboard.press('+');
    await expect(closer).toBeDisabled();
    await page.keyboard.press('-');
    await expect(closer).toBeEnabled();
    await expect(farther).toBeEnabled();
    await page.keyboard.press('0');
    await expect(farther).toBeDisabled();
  });

  await task('leave the cell, then the head', async () => {
    await page.keyboard.press('Escape');
    await expect(readout).toHaveText('Point at a cell for its weight');
    await expect(title).toHaveText('Head 1.2');
    await page.keyboard.press('Escape');
    await expect(title).toHaveText(MEAN);
    await expect(explorer).toBeFocused();
  });

  await task('choose what the pattern shows', async () => {
    await tabTo(page, page.getByTestId('weighted-attention'));
    await page.keyboard.press('ArrowRight');
    await expect(page.getByTestId('weighted-hint')).not.toBeEmpty();
    await expect(page).toHaveURL(/weighted=/);
    await page.keyboard.press('ArrowLeft');
    await expect(page).not.toHaveURL(/weighted=/);
  });

  await task('see what a token looks at', async () => {
    const caption = page.getByTestId('strip-caption');
    const last = (await page.locator('.token').count()) - 1;
    await tabTo(page, page.getByTestId('direction-from'));
    await page.keyboard.press('ArrowRight');
    await expect(caption).toContainText('What looks at token');
    await page.keyboard.press('ArrowLeft');
    await tabTo(page, page.getByTestId('tokens').locator('[tabindex="0"]'));
    for (const [key, position] of /** @type {const} */ ([
      ['End', last],
      ['ArrowLeft', last - 1],
      ['Home', 0],
      ['ArrowRight', 1],
    ])) {
      await page.keyboard.press(key);
      await expect(caption).toContainText(`What token ${position} `);
    }
    await page.keyboard.press('Enter');
    await expect(page).toHaveURL(/query=1(&|$)/);
    expect(await focused(page)).not.toBeNull();
  });
});
