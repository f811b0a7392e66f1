// Figures in a real browser, printed as tables: how long a text takes the default model on each backend, what
// it costs in
// dispatches and bytes read back, what an edit costs; what a full-size model takes of time and memory; the
// experiments; and
// what a first visit transfers and takes.
import { chromium } from '@playwright/test';
import { arch, cpus } from 'node:os';
import { fileURLToPath } from 'node:url';
import config from '../../playwright.config.js';
import { serve } from '../site/server.js';
import { readFileSync } from 'node:fs';
import { coldVisits } from './visit.js';
import { measure } from './engine.js';
import { measureExperiments } from './experiments.js';
import { measureFullSize } from './full_size.js';
import { median, table } from './table.js';

const DIST = fileURLToPath(new URL('../../dist', import.meta.url));
const TOKENS = [16, 64, 256, 512];
const VISITS = 5;
const REPEATED = { seqLen: 50, batch: 10 };

/** A model of the notebook's sizes, written by tools/standin. */
const [FULL_SIZE, FULL_SIZE_CONFIG] = process.argv.slice(2);

/**
 * @param {string} name of a project in playwright.config.js: the benchmark drives the browsers that the tests
 *   drive
 */
function launch(name) {
  const options = config.projects?.find((project) => project.name === name)?.use?.launchOptions;
  if (options === undefined) throw new Error(`playwright.config.js has no project ${name}`);
  return chromium.launch(options);
}

const site = await serve(DIST, { brotli: true });
try {
  console.log(`\nIn Chromium, on ${cpus().length} x ${cpus()[0]?.model.trim() ?? arch()}\n`);

  for (const backend of /** @type {const} */ (['cpu', 'webgpu'])) {
    const browser = await launch(backend);
    const page = await browser.newPage();
    await page.goto(site.url);
    // The page's own analysis of its example is not to run beside what is timed.
    await page.waitForFunction(
      () => performance.getEntriesByName('headscope:first-analysis').length > 0,
      null,
      { timeout: 120_000 },
    );
    const figures = await page.evaluate(measure, {
      backend,
      tokens: TOKENS,
      module: `${site.url}headscope.js`,
    });
    await browser.close();

    console.log(`${backend}: ${figures.adapter}`);
    console.log(
      table(
        [
          'tokens',
          'text to figures',
          'of it the run',
          'last word edited',
          'rows kept',
          'runs',
          'dispatches',
          'read back',
        ],
        figures.rows.map((row) => [
          String(row.tokens),
          ms(median(row.whole)),
          ms(median(row.engine)),
          ms(median(row.edit)),
          String(row.reused),
          String(row.whole.length),
          String(row.dispatches),
          bytes(row.bytesRead),
        ]),
      ),
    );
  }

  // Of more tokens software WebGPU would take minutes.
  for (const [backend, counts] of /** @type {const} */ ([
    ['cpu', [62, 256, 2048]],
    ['webgpu', [62]],
  ]))
    await fullSize(backend, [...counts]);

  for (const backend of /** @type {const} */ (['cpu', 'webgpu']))
    await experiments('the default model', backend, null);
  // Software WebGPU takes hours for these, and no GPU is to be had where this browser is driven.
  await experiments(
    'a model of the notebook’s sizes',
    'cpu',
    JSON.parse(readFileSync(FULL_SIZE_CONFIG, 'utf8')),
  );

  const visits = await coldVisits(() => launch('webgpu'), site, VISITS);
  console.log(`A first visit, nothing cached, bodies in brotli (median of ${VISITS}, each in a new browser)`);
  console.log(
    table(
      ['file', 'transferred'],
      [...visits.files.map(({ path, size }) => [path, bytes(size)]), ['all', bytes(visits.bytes)]],
    ),
  );
  console.log(`time to first analysis: ${ms(median(visits.times))}\n`);
} finally {
  await site.close();
}

/**
 * A page whose first analysis is over, in a browser of its own.
 * @param {'cpu' | 'webgpu'} backend
 * @param {boolean} withFile whether the full-size model is in a file input of it
 */
async function opened(backend, withFile) {
  const browser = await launch(backend);
  const page = await browser.newPage();
  await page.goto(site.url);
  await page.waitForFunction(
    () => performance.getEntriesByName('headscope:first-analysis').length > 0,
    null,
    { timeout: 120_000 },
  );
  if (withFile) {
    await page.evaluate(() => {
      const input = Object.assign(document.createElement('input'), { type: 'file', name: 'bench' });
      document.body.append(input);
    });
    await page.locator('input[name=bench]').setInputFiles(FULL_SIZE);
  }
  page.setDefaultTimeout(0);
  return { browser, page };
}

/** @param {'cpu' | 'webgpu'} backend @param {number[]} counts of tokens */
async function fullSize(backend, counts) {
  const config = JSON.parse(readFileSync(FULL_SIZE_CONFIG, 'utf8'));
  const { browser, page } = await opened(backend, true);
  const { adapter, load, loaded, rows } = await page.evaluate(measureFullSize, {
    backend,
    config,
    counts,
    module: `${site.url}headscope.js`,
  });
  await browser.close();
  console.log(
    `A model of the notebook’s sizes, ${backend}: ${adapter}; loaded in ${ms(load)}, wasm heap ${bytes(loaded.wasm)}, GPU ${bytes(loaded.gpu)}`,
  );
  console.log(
    table(
      ['tokens', 'ids to figures', 'of it the run', 'wasm heap', 'GPU'],
      rows.map((row) => [
        String(row.tokens),
        ms(median(row.figures)),
        ms(median(row.engine)),
        bytes(row.wasm),
        bytes(row.gpu),
      ]),
    ),
  );
}

/** @param {string} name @param {'cpu' | 'webgpu'} backend @param {object | null} config */
async function experiments(name, backend, config) {
  const { browser, page } = await opened(backend, config !== null);
  const { adapter, timed } = await page.evaluate(measureExperiments, {
    backend,
    config,
    module: `${site.url}headscope.js`,
    ...REPEATED,
  });
  await browser.close();
  console.log(`Experiments on ${name}, ${backend}: ${adapter}`);
  console.log(
    table(
      ['experiment', 'time'],
      timed.map(({ what, ms: time }) => [what, ms(time)]),
    ),
  );
}

/** @param {number} value */
function ms(value) {
  return `${value < 10 ? value.toFixed(1) : value.toFixed(0)} ms`;
}

/** @param {number} value */
function bytes(value) {
  return value < 10_000
    ? `${value} B`
    : value < 1e6
      ? `${(value / 1e3).toFixed(0)} kB`
      : `${(value / 1e6).toFixed(2)} MB`;
}
