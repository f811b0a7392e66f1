// Prints tables of what things cost in a real browser, on each backend:
//
//   texts of the default model   ms, dispatches and bytes read back, and the same for an edit
//   a full-size model            ms and memory
//   the experiments              ms
//   a first visit                bytes transferred, and ms to the first analysis

import { readFileSync } from 'node:fs';
import { arch, cpus } from 'node:os';
import { fileURLToPath } from 'node:url';
import { chromium } from '@playwright/test';
import config from '../../playwright.config.js';
import { serve } from '../site/server.js';
import { measure } from './engine.js';
import { measureExperiments } from './experiments.js';
import { measureFullSize } from './full_size.js';
import { median, table } from './table.js';
import { coldVisits } from './visit.js';

const DIST = fileURLToPath(new URL('../../dist', import.meta.url));
const TOKENS = [16, 64, 256, 512];
const VISITS = 5;
const REPEATED = { seqLen: 50, batch: 10 };

/** The full-size model's files, which tools/standin writes. */
const [FULL_SIZE, FULL_SIZE_CONFIG] = process.argv.slice(2);

/**
 * Starts a browser as the tests start it.
 * @param {string} name of a project in playwright.config.js
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
    // The page's own analysis of its example must not run beside the timed work.
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

  // With more tokens WebGPU in software takes minutes.
  for (const [backend, counts] of /** @type {const} */ ([
    ['cpu', [62, 256, 2048]],
    ['webgpu', [62]],
  ]))
    await fullSize(backend, [...counts]);

  for (const backend of /** @type {const} */ (['cpu', 'webgpu']))
    await experiments('the default model', backend, null);
  // WebGPU in software takes hours for these, so only the CPU is timed.
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
 * Opens the page in a new browser and waits for its first analysis.
 * @param {'cpu' | 'webgpu'} backend
 * @param {boolean} withFile whether to put the full-size model into a file input of the page
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
    `A model of the notebook’s sizes, ${backend}: ${adapter}; loaded in ${ms(load)}, ` +
      `wasm heap ${bytes(loaded.wasm)}, GPU ${bytes(loaded.gpu)}`,
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
