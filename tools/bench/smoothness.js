// Prints the longest task of the page's main thread in each gesture, on a model of 30 layers of 9 heads, with
// a short text and with the longest. Nothing is asserted: a busy machine has other figures than a quiet one.
//
//   thread   processor time of the task. Other processes do not count
//   wall     the time that passed, as the browser's `longtask` entries have it
//
// `--tokens N` takes one text, `--gestures EXPRESSION` only the gestures whose names match, after the first,
// `--site FOLDER` another built site than dist/.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { serve } from '../site/server.js';
import { opened } from './browser.js';
import { gesturesOf, rests } from './gestures.js';
import { LONGEST_MS, longestTasks } from './main_thread.js';
import { manyHeads } from './many_heads.js';
import { table } from './table.js';

const { values: given } = parseArgs({
  options: { tokens: { type: 'string' }, gestures: { type: 'string' }, site: { type: 'string' } },
});
const DIST = given.site ?? fileURLToPath(new URL('../../dist', import.meta.url));
const wanted = new RegExp(given.gestures ?? '');
const TOKENS = given.tokens ? [Number(given.tokens)] : [62, 2048];

const folder = mkdtempSync(join(tmpdir(), 'headscope-'));
const site = await serve(DIST);
try {
  const files = Object.entries(manyHeads()).map(([name, bytes]) => {
    const path = join(folder, name);
    writeFileSync(path, bytes);
    return path;
  });
  for (const count of TOKENS) await printGestures(count, files);
} finally {
  await site.close();
  rmSync(folder, { recursive: true });
}

/** @param {number} count of tokens @param {string[]} files of the model */
async function printGestures(count, files) {
  const { browser, page } = await opened(site, 'cpu');
  page.setDefaultTimeout(60_000);
  await page.getByTestId('model').click();
  await page.getByTestId('own-files').setInputFiles(files);
  await page.waitForFunction(
    () => document.querySelector('[data-testid="model"]')?.textContent === 'model.safetensors',
  );
  const [first, ...others] = gesturesOf(count);
  /** @type {{ name: string, tasks: import('./main_thread.js').Task[] }[]} */ const measured = [];
  for (const { name, act } of [first, ...others.filter(({ name }) => wanted.test(name))]) {
    const tasks = await longestTasks(page, async () => {
      await act(page);
      await rests(page);
    });
    measured.push({ name, tasks });
    process.stderr.write(`${count} tokens, ${name}: ${tasks[0].ms.toFixed(0)} ms\n`);
  }
  await browser.close();
  const load = loadavg()[0].toFixed(1);
  console.log(`The longest task of each gesture, 30 x 9 heads, ${count} tokens; load of the machine ${load}`);
  console.log(
    table(
      ['gesture', 'thread', 'wall'],
      measured.map(({ name, tasks: [longest] }) => [
        name,
        `${longest.ms.toFixed(0)} ms`,
        `${longest.wall.toFixed(0)} ms`,
      ]),
    ),
  );
  for (const { name, tasks } of measured)
    for (const { ms, of } of tasks)
      if (ms > LONGEST_MS) console.log(`  ${name}: ${ms.toFixed(0)} ms (${of})`);
  console.log('');
}
