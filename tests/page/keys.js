// What the keyboard's tests share.
import { expect, test } from './page.js';

/** @typedef {import('@playwright/test').Page} Page */
/** @typedef {import('@playwright/test').Locator} Locator */

/**
 * Walks a task of docs/keyboard.md. tests/js/keyboard.test.js holds that every row of its table is walked.
 * @param {string} task the row's first cell
 * @param {() => Promise<void>} walk
 */
export const task = (task, walk) => test.step(task, walk);

/** The element that has the focus, in words; null where none has. @param {Page} page */
export const focused = (page) =>
  page.evaluate(() => {
    const at = document.activeElement;
    if (!at || at === document.body) return null;
    return at.getAttribute('aria-label') ?? (at.id || (at.textContent ?? at.tagName).trim());
  });

/**
 * Presses Tab until `target` has the focus.
 * @param {Page} page @param {Locator} target @param {'Tab' | 'Shift+Tab'} [key]
 */
export async function tabTo(page, target, key = 'Tab') {
  for (let press = 0; press < 300; press++) {
    if (await target.evaluate((element) => element === document.activeElement)) return;
    await page.keyboard.press(key);
  }
  throw new Error(`${key} never reached ${target}`);
}

/** @param {Page} page @param {Locator} target */
export const backTo = (page, target) => tabTo(page, target, 'Shift+Tab');

/**
 * Presses Enter on a control that a redraw takes away, and expects the focus on another one.
 * @param {Page} page @param {Locator} control
 * @param {string | RegExp} next the element that has the focus then
 */
export async function enterAway(page, control, next) {
  await tabTo(page, control);
  await page.keyboard.press('Enter');
  await expect
    .poll(() => focused(page))
    .toEqual(typeof next === 'string' ? next : expect.stringMatching(next));
}
