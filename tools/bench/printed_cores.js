// Prints how the CPU backend goes from one core to all.
import { readFileSync } from 'node:fs';
import { opened } from './browser.js';
import { measureCores } from './cores.js';
import { median, ms, table } from './table.js';

/**
 * @param {import('../site/server.js').Site} site
 * @param {{ name: string, weights: string, config: string }} model
 * @param {{ counts: number[], turns: number }} effort
 */
export async function printCores(site, { name, weights, config }, { counts, turns }) {
  const { browser, page } = await opened(site, 'cpu', [weights]);
  const { helpers, load, rows } = await page.evaluate(measureCores, {
    module: `${site.url}headscope.js`,
    config: JSON.parse(readFileSync(config, 'utf8')),
    counts,
    turns,
  });
  await browser.close();
  console.log(`${name} on the CPU, with one core and with ${helpers + 1}, in turn`);
  const ratio = (/** @type {number} */ one, /** @type {number} */ all) => (one / all).toFixed(2);
  const fastest = (/** @type {number[]} */ times) => Math.min(...times);
  console.log(
    table(
      ['', 'one core', 'all', 'one / all', 'of the fastest runs'],
      [
        ['load', ms(load.one), ms(load.all), ratio(load.one, load.all), ''],
        ...rows.map(({ count, one, all }) => [
          `${count} tokens`,
          ms(median(one)),
          ms(median(all)),
          median(one.map((time, turn) => time / all[turn])).toFixed(2),
          ratio(fastest(one), fastest(all)),
        ]),
      ],
    ),
  );
}
