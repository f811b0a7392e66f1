// Small things of the page, each of which was once wrong.
import { readFileSync } from 'node:fs';
import { dropFiles, fixture } from './hub.js';
import { box, expect, head, pieces, problem, shows, test, testInKeptPage } from './page.js';

const OWN = 'random_2layer_lnpre_shortformer';

test('a result never stands under another model’s name: it is dimmed and says whose it is', async ({
  page,
  open,
}) => {
  await open();
  await dropFiles(page, [
    { name: 'random.safetensors', content: readFileSync(fixture(`${OWN}.weights.safetensors`)) },
    { name: 'config.json', content: readFileSync(fixture(`${OWN}.config.json`)) },
  ]);
  await expect(problem(page, 'IdsNeeded')).toBeVisible();
  await expect(page.getByTestId('line-foreign')).toHaveText(
    'The figures below are of Headscope default, 2 layers of 8 heads, not of random.safetensors.',
  );
  await expect(page.locator('.bench')).toHaveCSS('opacity', '0.4');
  await page.getByRole('button', { name: 'Put an example' }).click();
  await expect(page.getByTestId('tokens').getByRole('option')).toHaveCount(23);
  await expect(page.getByTestId('line-foreign')).toHaveCount(0);
  await expect(page.locator('.bench')).toHaveCSS('opacity', '1');
});

test('in the open model panel a problem is in the row that it concerns, within the window', async ({
  page,
  open,
}) => {
  await open();
  await page.getByTestId('model').click();
  await page
    .getByTestId('own-files')
    .setInputFiles([{ name: 'notes.txt', mimeType: 'text/plain', buffer: Buffer.from('no model') }]);
  const inPanel = page.locator('#models').locator('[data-testid="problem"][data-code="FileUnknown"]');
  await expect(inPanel).toBeInViewport();
  await expect(problem(page, 'FileUnknown')).toHaveCount(1);
  await page.getByTestId('model').click();
  await expect(page.locator('#notices [data-code="FileUnknown"]')).toBeVisible();
});

testInKeptPage('a damaged text in a link: the sample text is named as such', async ({ page, open }) => {
  await open('#v=2&z=!!damaged&head=1.1');
  const told = problem(page, 'LinkTextBroken');
  await expect(told).toContainText('The text of this link is damaged');
  await expect(told).toContainText('This is our sample text.');
  await expect(box(page)).toHaveValue(/^seven copper/);
  await expect(page.getByTestId('pattern-title')).toHaveText('Head 1.1');
});

test('an example that replaced the visitor’s own text can be undone', async ({ page, open }) => {
  await open('#v=1&t=my+own+words+are+here');
  const undo = page.getByTestId('undo-example');
  await expect(undo).toBeHidden();
  await page.getByTestId('example').nth(0).click();
  await page.getByTestId('example').nth(1).click();
  await undo.click();
  await shows(page, 'my own words are here');
  await expect(undo).toBeHidden();
  await page.getByTestId('example').nth(1).click();
  await box(page).fill('other words');
  await expect(undo).toBeHidden();
});

testInKeptPage(
  'a text’s lines end where they end, its tokens wrap, and byte tokens show their character',
  async ({ page, open }) => {
    await open();
    await box(page).fill('one two\nthree 🜲 four');
    await expect.poll(async () => (await pieces(page)).join('')).toContain('🜲');
    const tops = await page
      .locator('.token')
      .evaluateAll((all) =>
        all.map((token) => ({ text: token.textContent ?? '', top: token.getBoundingClientRect().top })),
      );
    const lineEnd = tops.findIndex(({ text }) => text.includes('↵'));
    expect(lineEnd).toBeGreaterThan(0);
    expect(tops[lineEnd + 1].top).toBeGreaterThan(tops[lineEnd].top);
    expect(tops[lineEnd].top).toBe(tops[0].top);
    // The tokens of some pages of 64 are one flow: each line but the last is full.
    await box(page).fill('the cat sat on the mat and '.repeat(20));
    await expect.poll(() => page.locator('.token').count()).toBeGreaterThan(128);
    const { lines, width } = await page.locator('.tokens').evaluate((list) => {
      /** @type {Map<number, number>} */ const right = new Map();
      for (const token of list.querySelectorAll('.token')) {
        const { top, right: edge } = token.getBoundingClientRect();
        right.set(top, Math.max(right.get(top) ?? 0, edge - list.getBoundingClientRect().left));
      }
      return { lines: [...right.values()], width: list.clientWidth };
    });
    for (const line of lines.slice(0, -1)) expect(line).toBeGreaterThan(width - 90);
  },
);

testInKeptPage('Q, K and V have one range of colours, from random heads upwards', async ({ page, open }) => {
  await open('#v=1&tab=circuits');
  const scales = page.locator('#composition .chart-body > .hint');
  await expect(scales).toHaveCount(3);
  await expect(scales.first()).toHaveText(
    /^Colours from random heads \(0\.\d{3}\) to the largest score \(0\.\d{3}\)\.$/,
  );
  expect(new Set(await scales.allTextContents()).size).toBe(1);
});

testInKeptPage(
  'a head that does nothing has a dash, and a thumbnail loses no cell',
  async ({ page, open }) => {
    await open();
    await expect(head(page, '1.5').locator('.score')).toHaveText('–');
    await expect(head(page, '1.5')).toHaveAccessibleName('Head 1.5, no kind');
    const { width, side } = await head(page, '0.2')
      .locator('canvas')
      .evaluate((canvas) => ({ width: /** @type {HTMLCanvasElement} */ (canvas).width, side: 64 }));
    expect(width % side, 'each cell has whole pixels before the browser scales them').toBe(0);
  },
);

testInKeptPage(
  'the wheel scrolls the page where the focused pattern cannot zoom out further',
  async ({ page, open }) => {
    // Tall enough for the whole evidence: a column that scrolls by itself scrolls first.
    await page.setViewportSize({ width: 1280, height: 1000 });
    await open();
    await page.getByTestId('explorer').click({ position: { x: 150, y: 200 } });
    await page.mouse.wheel(0, 300);
    await expect.poll(() => page.evaluate(() => scrollY)).toBeGreaterThan(0);
  },
);

testInKeptPage(
  'the weight of a cell stands beside the cell, by pointer and by keyboard',
  async ({ page, open }) => {
    await open('#v=1&head=0.2');
    const tip = page.getByTestId('explorer').locator('.cell-tip');
    await expect(tip).toBeHidden();
    await page.getByTestId('explorer').focus();
    await page.keyboard.press('ArrowUp');
    await expect(tip).toHaveText(/^\d\.\d{3} {2}“.*” → “.*”$/);
    await page.getByTestId('explorer').hover({ position: { x: 90, y: 300 } });
    await expect(tip).toBeVisible();
    await page.keyboard.press('Escape');
  },
);

testInKeptPage('on a phone every control is at least 24 px high and wide', async ({ page, open }) => {
  await page.setViewportSize({ width: 390, height: 844 });
  for (const tab of ['find', 'explain', 'ablate', 'scores']) {
    await open(`#v=2&tab=${tab}&off=0.2&head=1.0&len=8&batch=2&step=0`);
    await expect(page.getByTestId('headline')).toBeVisible();
    const small = await page
      .locator('button:visible, select:visible, summary:visible, a.step:visible, .switch label:visible')
      .evaluateAll((all) =>
        all
          .map((control) => ({
            box: control.getBoundingClientRect(),
            words: control.textContent,
            at: control.id,
          }))
          .filter(({ box }) => box.width > 0 && (box.width < 23.5 || box.height < 23.5))
          .map(
            ({ box, words, at }) => `${words || at}: ${Math.round(box.width)} x ${Math.round(box.height)}`,
          ),
      );
    expect(small, tab).toEqual([]);
  }
});

testInKeptPage('forced colours keep the shading of cells and tokens', async ({ page, open }) => {
  await page.emulateMedia({ forcedColors: 'active' });
  await open('#v=2&grid=map&head=0.2');
  const cell = page.getByTestId('score-map').locator('[data-head="1.2"]');
  await expect(cell).toHaveAccessibleName(/strict/);
  const shades = await cell.evaluate((element, other) => {
    const colour = (/** @type {Element | null} */ of) => of && getComputedStyle(of).backgroundColor;
    return [colour(element), colour(document.querySelector(other))];
  }, '#grid .headmap [data-head="0.0"]');
  expect(shades[0]).not.toBe(shades[1]);
});

testInKeptPage(
  'WebGPU is offered by hand only where the browser has an adapter',
  async ({ page, open, webgpu }) => {
    await open();
    if (webgpu) return;
    await expect(page.getByTestId('line-reason')).toContainText('Running on the CPU');
    await expect(page.getByTestId('line-reason').getByRole('button')).toHaveCount(0);
  },
);
