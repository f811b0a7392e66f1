// In a window of 320 px, and at a zoom of 200%, nothing is cut and the page never scrolls sideways.
import { tooWide } from './axe.js';
import { expect, test } from './page.js';

/** @typedef {import('@playwright/test').Page} Page */

/** The window, and what it is. @type {readonly (readonly [string, { width: number, height: number }])[]} */
const WINDOWS = [
  ['320 px wide', { width: 320, height: 640 }],
  ['a window of 1280 px at a zoom of 200%', { width: 640, height: 360 }],
];

/**
 * Controls that stick out of the window or of what cuts them, and those whose words do not fit. A figure with
 * an axis across may scroll in a part of its own.
 * @param {Page} page
 */
const cut = (page) =>
  page.evaluate(() => {
    const SCROLLERS = '.scroller, .headmap-scroller, .path-scroller';
    const { clientWidth: width } = document.documentElement;
    /** @param {Element} element */
    const isSeen = (element) => {
      const box = element.getBoundingClientRect();
      return box.width > 2 && box.height > 2 && element.matches(':not(.unseen, .skip)');
    };
    /** The left and right edges that cut an element. @param {Element} element */
    const edgesOf = (element) => {
      let [left, right] = [0, width];
      for (let at = element.parentElement; at && at !== document.body; at = at.parentElement) {
        if (getComputedStyle(at).overflowX === 'visible') continue;
        const box = at.getBoundingClientRect();
        [left, right] = [Math.max(left, box.left), Math.min(right, box.right)];
      }
      return { left, right };
    };
    return [...document.querySelectorAll('button, a[href], input, select, textarea, summary, [tabindex="0"]')]
      .filter((element) => isSeen(element) && !element.parentElement?.closest(SCROLLERS))
      .flatMap((element) => {
        const { left, right } = element.getBoundingClientRect();
        const edges = edgesOf(element);
        const name = `${element.getAttribute('aria-label') ?? (element.id || element.textContent)}`;
        const out = left < edges.left - 1 || right > edges.right + 1;
        const hides = getComputedStyle(element).overflowX !== 'visible';
        const words = element.matches('button, summary') && element.scrollWidth > element.clientWidth + 1;
        return out ? [`${name} is cut`] : words && hides ? [`words of ${name} are cut`] : [];
      });
  });

for (const [what, size] of WINDOWS) {
  test(`${what}: nothing is cut at the opening, in a tab, a menu or the tour`, async ({ page, open }) => {
    test.slow(); // all tabs and the tour
    await page.setViewportSize(size);
    await open('#v=2&tab=find&off=0.2&head=1.2&len=8&batch=1&query=20&key=10&score=strict');
    const fits = async (/** @type {string} */ where) => {
      expect(await tooWide(page), `${where}: the page scrolls sideways`).toBeLessThanOrEqual(0);
      expect(await cut(page), where).toEqual([]);
    };
    await expect(page.getByTestId('own-told')).not.toHaveText('');
    await fits('the opening and the tab Find');
    for (const [tab, last] of /** @type {const} */ ([
      ['explain', 'attribution-sum'],
      ['ablate', 'off-told'],
      ['scores', 'definitions-of'],
    ])) {
      await page.getByTestId(`tab-${tab}`).click();
      await expect(page.getByTestId(last)).not.toHaveText('');
      await fits(`the tab ${tab}`);
    }
    await page.getByTestId('stability-example').first().click();
    await expect(page.getByTestId('stability-table')).toContainText('of 2 texts');
    await fits('the labels of two texts');

    for (const menu of ['share', 'export']) {
      await page.getByTestId(menu).click();
      await expect(page.getByTestId(menu)).toHaveAttribute('aria-expanded', 'true');
      await fits(`the menu ${menu}`);
      await page.keyboard.press('Escape');
    }
    await page.getByTestId('model').click();
    await expect(page.getByTestId('listed').nth(1)).toBeVisible();
    await fits('the models');
    await page.getByTestId('model').click();

    await page.getByTestId('tour-start').click();
    const steps = await page.getByTestId('tour-step').count();
    for (let step = 1; step <= steps; step++) {
      await expect(page.locator('.guide .caption')).toHaveText(`Step ${step} of ${steps}`);
      await expect(page.getByTestId('claim')).not.toBeEmpty();
      await expect(page.getByTestId('tour-next')).toBeInViewport({ ratio: 1 });
      await expect(page.getByRole('button', { name: 'Leave the tour' })).toBeInViewport({ ratio: 1 });
      await fits(`step ${step} of the tour`);
      await page.getByTestId('tour-next').click();
    }
  });
}

/** Whether anything of the element that has the focus can be seen. @param {Page} page */
const inSight = (page) =>
  page.evaluate(() => {
    const at = document.activeElement;
    if (!at || at === document.body) return 'nothing has the focus';
    const { left, top, width, height } = at.getBoundingClientRect();
    const SHARES = [0.1, 0.5, 0.9];
    const seen = SHARES.some((down) =>
      SHARES.some((right) => {
        const hit = document.elementFromPoint(left + width * right, top + height * down);
        return hit !== null && (at.contains(hit) || (hit.tagName === 'LABEL' && hit.contains(at)));
      }),
    );
    return seen || `${at.getAttribute('aria-label') ?? at.textContent} is covered`;
  });

test('nothing that stays in sight covers the control that has the focus', async ({ page, open }) => {
  test.slow(); // Tab goes through a tab, there and back
  await page.setViewportSize({ width: 640, height: 500 });
  await open('#v=2&tab=scores&step=0');
  await expect(page.locator('.guide')).toBeVisible();
  await expect(page.getByTestId('figures').locator('tbody tr')).toHaveCount(16);
  // As with a model of many heads.
  await page.locator('.of-figures').evaluate((element) => {
    /** @type {HTMLElement} */ (element).style.maxHeight = '260px';
  });
  await page.getByTestId('direction-from').focus();
  for (const key of ['Tab', 'Shift+Tab'])
    for (let press = 0; press < 90; press++) {
      await page.keyboard.press(key);
      await expect.poll(() => inSight(page), `${key}, ${press + 1} times`).toBe(true);
    }
});
