/// <reference path="globals.d.ts" />
// Runs README's example as it stands, in a plain page and in a notebook's cell.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from './bare.js';

const README = readFileSync(fileURLToPath(new URL('../../../README.md', import.meta.url)), 'utf8');
const SECTION = /## Use it from a page of your own\n(.*?)\n## /s.exec(README)?.[1] ?? '';
const EXAMPLE = [...SECTION.matchAll(/```js\n(.*?)```/gs)].map(([, code]) => code).join('');
const FIGURES =
  'globalThis.found = { pattern, dominant, token_matching, drawn, K, baseline, ' +
  'lossIncrease, strict, top1, values, byPosition };';

/**
 * Expects figures that hold for the default model.
 * @param {import('@playwright/test').Page} page
 */
async function expectFigures(page) {
  await page.waitForFunction(() => 'found' in globalThis, null, { timeout: 120_000 });
  const {
    weights,
    previous,
    gain,
    stripe,
    composes,
    baseline,
    lossIncrease,
    left,
    top1,
    attributed,
    byPosition,
  } = await page.evaluate(() => {
    const { pattern, dominant, drawn, K, baseline, lossIncrease, strict, top1, values, byPosition } =
      /** @type {any} */ (globalThis).found;
    const gain = drawn.meanSecond - drawn.meanFirst;
    return {
      weights: pattern.length,
      previous: dominant.previous.heads,
      gain,
      stripe: drawn.strict[1][2],
      composes: K[2][2],
      baseline,
      lossIncrease,
      left: strict[1][2],
      top1,
      attributed: [values.length, values[0].length],
      byPosition,
    };
  });
  expect(Math.sqrt(weights) % 1).toBe(0);
  expect(previous).toContain('0.2');
  expect(gain).toBeGreaterThan(10);
  expect(stripe).toBeGreaterThan(0.95);
  expect(composes).toBeGreaterThan(baseline);
  expect(lossIncrease).toBeGreaterThan(0);
  expect(left).toBeLessThan(stripe);
  expect(top1).toBeGreaterThan(0);
  expect(attributed, 'embed, sixteen heads, bias').toEqual([Math.sqrt(weights) - 1, 1 + 16 + 1]);
  expect(byPosition[2], 'head 0.2 looks at the previous position').toBeGreaterThan(0.5);
}

test('in a plain page', async ({ bare }) => {
  await bare.evaluate(
    (code) =>
      document.head.append(Object.assign(document.createElement('script'), { type: 'module', text: code })),
    EXAMPLE + FIGURES,
  );
  await expectFigures(bare);
});

test('in a notebook’s cell, which imports it by its address', async ({ bare, site }) => {
  const [line] = EXAMPLE.split('\n');
  expect(line).toBe("import { Headscope } from './headscope.js';");
  const cell = EXAMPLE.replace(line, `const { Headscope } = await import('${site.url}headscope.js');`);
  await bare.evaluate(
    (code) => new (Object.getPrototypeOf(async () => {}).constructor)(code)(),
    cell + FIGURES,
  );
  await expectFigures(bare);
});
