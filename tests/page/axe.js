// axe's audit of a page in one state, with the rule of WCAG 2.2 for the size of targets.
import { AxeBuilder } from '@axe-core/playwright';

/** @typedef {import('@playwright/test').Page} Page */

/**
 * The rules that a page breaks, each with its elements.
 * @param {Page} page @param {...string} parts selectors; none: the whole page
 */
export async function violations(page, ...parts) {
  const rules = { 'target-size': { enabled: true } };
  // The page has no frames: the legacy mode needs a third of the time.
  const axe = new AxeBuilder({ page }).setLegacyMode(true).options({ resultTypes: ['violations'], rules });
  for (const part of parts) axe.include(part);
  const { violations } = await axe.analyze();
  return violations.map(
    ({ id, nodes }) => `${id}: ${nodes.map(({ target }) => target.join(' ')).join(', ')}`,
  );
}

/** Frames until a page of another colour scheme is drawn. */
const FRAMES = 12;

/**
 * Shows the page in other colours or another size, drawn.
 * @param {Page} page
 * @param {{ colorScheme?: 'light' | 'dark', forcedColors?: 'active' | 'none' }} colours
 * @param {{ width: number, height: number }} [size]
 */
export async function look(page, colours, size) {
  if (size) await page.setViewportSize(size);
  await page.emulateMedia(colours);
  await page.evaluate(async (frames) => {
    for (let frame = 0; frame < frames; frame++) await new Promise(requestAnimationFrame);
  }, FRAMES);
}

/** The pixels by which the page is wider than the window. @param {Page} page */
export const tooWide = (page) =>
  page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);

export const DESKTOP = { width: 1280, height: 900 };
export const PHONE = { width: 390, height: 844 };
