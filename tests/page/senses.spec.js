// The page for other senses and other hands: reduced motion, what is said, touch, small windows and zoom.
import { box, expect, head, hold, problem, test } from './page.js';

/** @typedef {import('@playwright/test').Page} Page */

const REDUCE = /** @type {const} */ ({ reducedMotion: 'reduce' });
const MOVE = /** @type {const} */ ({ reducedMotion: 'no-preference' });

/** Records how every scrolling of the page that opens next behaves. @param {Page} page */
const recordScrolls = (page) =>
  page.addInitScript(() => {
    /** @type {string[]} */ const scrolls = [];
    Object.assign(globalThis, { scrolls });
    for (const at of /** @type {any[]} */ ([Element.prototype, globalThis]))
      for (const name of ['scrollIntoView', 'scrollTo', 'scrollBy', 'scroll']) {
        const scroll = at[name];
        if (!scroll) continue;
        /** @this {any} @param {any[]} how */
        at[name] = function (...how) {
          scrolls.push(how[0]?.behavior ?? 'auto');
          return scroll.apply(this, how);
        };
      }
  });

/** How the page scrolled since it was asked last. @param {Page} page @returns {Promise<string[]>} */
const scrolled = (page) => page.evaluate(() => /** @type {any} */ (globalThis).scrolls.splice(0));

/** The elements that move by themselves, and how many animations run. @param {Page} page */
const moving = (page) =>
  page.evaluate(() => ({
    running: document.getAnimations().length,
    may: [...document.querySelectorAll('*')].filter((element) => {
      const { transitionDuration, animationName, scrollBehavior } = getComputedStyle(element);
      const still = transitionDuration.split(', ').every((time) => time === '0s');
      return !still || animationName !== 'none' || scrollBehavior === 'smooth';
    }).length,
  }));

test('with reduced motion nothing moves by itself and no scrolling is smooth', async ({ page, open }) => {
  await recordScrolls(page);
  await page.emulateMedia(MOVE);
  await open('#v=2&tab=find');
  expect((await moving(page)).may, 'chips, heads and tokens fade otherwise').toBeGreaterThan(0);
  const answer = page.locator('#answer .head-link');
  await answer.first().click();
  expect(await scrolled(page), 'scrolling is smooth otherwise').toContain('smooth');

  await page.emulateMedia(REDUCE);
  await scrolled(page);
  await answer.last().click();
  await head(page, '0.2').hover();
  await page.getByTestId('example').first().click();
  await page.getByTestId('tab-ablate').click();
  await page.getByTestId('tour-start').click();
  for (let step = 2; step <= 4; step++) {
    await page.getByTestId('tour-next').click();
    await expect(page.locator('.guide .caption')).toHaveText(`Step ${step} of 10`);
    expect(await moving(page)).toEqual({ running: 0, may: 0 });
  }
  await expect.poll(async () => (await scrolled(page)).length, 'the tour scrolls').toBeGreaterThan(0);
  await page.getByTestId('tour-next').click();
  const all = await scrolled(page);
  expect(all).not.toContain('smooth');
});

/**
 * Records what the live regions of the page say, each once for a text: `alert: …`, `status: …`.
 * @param {Page} page
 */
const listen = (page) =>
  page.addInitScript(() => {
    /** @type {string[]} */ const said = [];
    Object.assign(globalThis, { said });
    const observer = new MutationObserver((records) => {
      const regions = records.map(({ target }) =>
        (target instanceof Element ? target : target.parentElement)?.closest('[role=status], [role=alert]'),
      );
      for (const region of new Set(regions)) {
        if (!region?.getClientRects().length || region.getAttribute('aria-live') === 'off') continue;
        const words = (region.textContent ?? '').trim();
        if (words) said.push(`${region.getAttribute('role')}: ${words}`);
      }
    });
    observer.observe(document, { childList: true, characterData: true, subtree: true });
  });

/** What was said so far. @param {Page} page @returns {Promise<string>} */
const said = (page) => page.evaluate(() => /** @type {any} */ (globalThis).said.join('\n'));

/** Expects something to be said. @param {Page} page @param {RegExp} words */
const says = (page, words) => expect.poll(() => said(page)).toMatch(words);

test('results, progress, errors and steps of the tour are said', async ({ page, open }) => {
  await listen(page);
  await hold(page, 'loss_increase', 5);
  await open('#v=2&tab=ablate&len=8&batch=1');
  await says(page, /^status: \d+ tokens in .* on the CPU$/m);
  await says(page, /^status: 4 induction heads: .*uniform attention/m);
  await says(page, /^status: With no head ablated, the loss on/m);

  // Without the mouse, which would rest on a token or a cell.
  await head(page, '1.2').focus();
  await page.keyboard.press('Enter');
  await page.getByTestId('explorer').focus();
  await page.keyboard.press('ArrowUp');
  await says(page, /^status: query \d+ “.*” → key 0 “.*” {3}\d\.\d{3}$/m);

  await box(page).fill('');
  await says(page, /^alert: .*empty/im);
  await box(page).fill('one two three one two three one two three');
  await expect(problem(page, 'EmptyInput')).toHaveCount(0);

  await page.getByTestId('tour-start').click();
  await expect(page.locator('#guide-title')).toBeFocused();
  await page.getByTestId('tour-next').click();
  await expect(page.locator('#guide')).toContainText('Step 2 of 10');
  const title = (await page.locator('#guide-title').textContent()) ?? '';
  await says(page, new RegExp(`^status: Step 2 of 10${title.replaceAll(/[.?()]/g, '\\$&')}`, 'm'));
  await says(page, /^status: The mean log-probability is .* in the first copy/m);
  await page.getByRole('button', { name: 'Leave the tour' }).click();

  // The ablations after the first few get no answer.
  await page.getByTestId('tab-ablate').click();
  await page.getByTestId('losses-ask').click();
  await says(page, /^status: Ablating in turn: (0|25) %$/m);
});

test('a model that loads is said by quarters', async ({ page }) => {
  await listen(page);
  await page.goto('');
  await expect(page.getByTestId('status')).toContainText('on the CPU');
  const lines = (await said(page)).split('\n').filter((line) => line.includes('Loading the model'));
  expect(
    lines.every((line) => /^status: Loading the model( …|(: (0|25|50|75|100) %))$/.test(line)),
    lines.join(),
  ).toBe(true);
  expect(lines).toContain('status: Loading the model: 100 %');
});

test.describe('by touch', () => {
  test.use({ hasTouch: true, viewport: { width: 390, height: 844 } });

  test('a tap reads a cell and a token, and pins a head', async ({ page, open }) => {
    await open('#v=2');
    const readout = page.getByTestId('readout');
    const explorer = page.getByTestId('explorer');
    await head(page, '1.2').tap();
    await expect(page.getByTestId('pattern-title')).toHaveText('Head 1.2');
    await expect(head(page, '1.2')).toHaveAttribute('aria-pressed', 'true');

    await explorer.scrollIntoViewIfNeeded();
    const { width, height } = (await explorer.boundingBox()) ?? { width: 0, height: 0 };
    await explorer.tap({ position: { x: width * 0.3, y: height * 0.7 } });
    await expect(readout).toHaveText(/^query \d+ “.*” → key \d+ “.*” {3}\d\.\d{3}$/);
    await expect(explorer.locator('.cell-tip')).toHaveText(/^\d\.\d{3} {2}“.*” → “.*”$/);
    const [, query] = /^query (\d+)/.exec((await readout.textContent()) ?? '') ?? [];
    await expect(page.getByTestId('top-keys').locator('caption')).toContainText(
      `Top keys of query ${query} `,
    );
    await expect(page.getByTestId('strip-caption')).toContainText(`What token ${query} `);
    // The cell stays when the finger is gone.
    await expect(page).toHaveURL(new RegExp(`query=${query}&`));
    await explorer.tap({ position: { x: width * 0.8, y: height * 0.2 } });
    await expect(readout).toHaveText(/comes before key \d+ “.*”: it cannot look ahead$/);

    const token = page.getByTestId('tokens').getByRole('option').nth(12);
    await token.tap();
    await expect(token).toHaveAttribute('aria-selected', 'true');
    await expect(page.getByTestId('strip-caption')).toContainText('What token 12 ');
    await page.getByTestId('let-go').tap();
    await expect(page.getByTestId('pattern-title')).toHaveText('Mean of all heads');
  });
});
