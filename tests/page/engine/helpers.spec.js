/// <reference path="globals.d.ts" />
// The CPU backend's helpers: figures that do not depend on their number, memory, death and restart.
import { cpSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { serve } from '../../../tools/site/server.js';
import { CONFIG, F16_BYTES, repeated, WEIGHTS } from '../stand_in.js';
import { expect, test } from './bare.js';

const MIB = 1 << 20;
const DIST = fileURLToPath(new URL('../../../dist', import.meta.url));

/** The script of helpers, as it is built. */
const HELPER = /helper-[^/]*\.js$/;

/**
 * Helpers that a page has started: workers of the page's workers.
 * @param {import('@playwright/test').Page} page
 */
const helpersOf = (page) => page.workers().filter((worker) => HELPER.test(worker.url()));

test('figures are the same with any number of helpers', async ({ bare }) => {
  const found = await bare.evaluate(async () => {
    const all = [];
    for (const helpers of [0, 1, 2, 7]) {
      const hs = await Headscope.open({ backend: 'cpu', helpers });
      const model = await hs.loadModel('default');
      const run = await model.run('Harry Potter met Harry Potter, and Ron Weasley met Ron Weasley.');
      all.push({
        helpers: hs.helpers,
        heaps: (await hs.memory()).helpers.length,
        ids: [...run.ids],
        logProbs: [...(await run.logProbs())],
        logits: [...(await run.logits(3))],
        pattern: [...(await run.pattern(1, 0))],
        detected: JSON.stringify((await run.detect()).dominant),
      });
      hs.close();
    }
    return all;
  });
  const [alone, ...others] = found;
  expect(alone.heaps, 'no helper, no heap').toBe(0);
  for (const other of others) {
    const told = `${other.helpers} helpers`;
    expect(other.heaps, told).toBe(other.helpers);
    for (const kind of /** @type {const} */ (['ids', 'pattern', 'logits', 'detected']))
      expect(other[kind], `${kind}, ${told}`).toEqual(alone[kind]);
    for (const [at, logProb] of other.logProbs.entries())
      expect(Math.abs(logProb - alone.logProbs[at]), `${told}, position ${at}`).toBeLessThan(4e-6);
  }
});

test('their number is what was asked for, or one less than the cores', async ({ bare }) => {
  const { cores, usual, errors } = await bare.evaluate(async () => {
    const hs = await Headscope.open({ backend: 'cpu' });
    const usual = hs.helpers;
    hs.close();
    const errors = [];
    for (const helpers of [8, -1, 1.5, /** @type {any} */ ('2')])
      errors.push((await rejection(Headscope.open({ backend: 'cpu', helpers })))?.name);
    return { cores: navigator.hardwareConcurrency, usual, errors };
  });
  expect(usual).toBe(Math.min(7, cores - 1));
  expect(errors).toEqual(Array(4).fill('OptionInvalid'));
});

test('a full-size model is kept once: the weights and at most 48 MiB a helper', async ({ bare }) => {
  test.setTimeout(300_000);
  await bare.evaluate(() =>
    document.body.append(Object.assign(document.createElement('input'), { type: 'file' })),
  );
  await bare.locator('input').setInputFiles(WEIGHTS);
  const found = await bare.evaluate(
    async ({ config, ids }) => {
      const weights = document.querySelector('input')?.files?.[0];
      if (!weights) throw new Error('no file');
      const all = [];
      for (const helpers of [0, 1, 3]) {
        const hs = await Headscope.open({ backend: 'cpu', helpers });
        const model = await hs.loadModel({ weights, config });
        const loaded = await hs.memory();
        const run = await model.run(ids);
        all.push({ helpers, loaded, logProbs: [...(await run.logProbs())] });
        hs.close();
      }
      return all;
    },
    { config: JSON.parse(readFileSync(CONFIG, 'utf8')), ids: repeated(62) },
  );
  for (const { helpers, loaded, logProbs } of found) {
    expect(loaded.helpers, `${helpers} helpers`).toHaveLength(helpers);
    expect(loaded.wasm, `${helpers} helpers`).toBeLessThanOrEqual(F16_BYTES + 96 * MIB + helpers * 48 * MIB);
    for (const [at, logProb] of logProbs.entries())
      expect(Math.abs(logProb - found[0].logProbs[at]), `position ${at}`).toBeLessThan(4e-6);
  }
});

test('a helper that dies is done without', async ({ bare }) => {
  await bare.evaluate(async () => {
    globalThis.hs = await Headscope.open({ backend: 'cpu', helpers: 2 });
    globalThis.model = await hs.loadModel('default');
    globalThis.before = [...(await (await model.run('one two one two')).logProbs())];
    globalThis.losses = 0;
    hs.onLost = () => globalThis.losses++;
  });
  const logProbs = () =>
    bare.evaluate(async () => [...(await (await model.run('one two one two')).logProbs())]);
  for (const left of [1, 0]) {
    expect(helpersOf(bare)).toHaveLength(left + 1);
    await helpersOf(bare)[0].evaluate(() => globalThis.close());
    const [before, found] = [await bare.evaluate(() => globalThis.before), await logProbs()];
    for (const [at, logProb] of found.entries())
      expect(Math.abs(logProb - before[at]), `${left} left, position ${at}`).toBeLessThan(4e-6);
    await expect.poll(() => bare.evaluate(() => hs.helpers), 'the engine').toBe(left);
    // The browser ended the others with their engine, and the next engine has started its own.
    await expect.poll(() => helpersOf(bare).length, 'workers').toBe(left);
  }
  expect(await bare.evaluate(() => globalThis.losses)).toBe(0);
});

test('helpers that cannot start are done without', async ({ bare }, info) => {
  // A copy of the site without the helpers' script: a test can't route requests of a worker's workers.
  const copy = info.outputPath('site');
  cpSync(DIST, copy, { recursive: true, filter: (path) => !HELPER.test(path) });
  const site = await serve(copy);
  await bare.goto(site.url);
  const found = await bare.evaluate(async (url) => {
    /** @type {typeof import('../../../www/engine/headscope.js')} */
    const { Headscope } = await import(url);
    const hs = await Headscope.open({ backend: 'cpu', helpers: 2 });
    const asked = hs.helpers;
    const run = await (await hs.loadModel('default')).run('one two one two');
    return { asked, helpers: hs.helpers, seq: run.seq };
  }, `${site.url}headscope.js`);
  await site.close();
  expect(found).toMatchObject({ asked: 2, helpers: 0 });
  expect(found.seq).toBeGreaterThan(3);
});

test('an engine that is closed or starts again leaves no helper', async ({ bare, longText }) => {
  await bare.evaluate(async () => {
    globalThis.hs = await Headscope.open({ backend: 'cpu', helpers: 2 });
    globalThis.model = await hs.loadModel('default');
    await model.run('one two one two');
  });
  expect(helpersOf(bare)).toHaveLength(2);
  const stopped = await bare.evaluate(async (text) => {
    const abort = new AbortController();
    const repeated = model.repeated({ seqLen: 100, batch: 40, seed: 1, signal: abort.signal });
    setTimeout(() => abort.abort());
    const name = (await rejection(repeated))?.name;
    const run = await model.run(text);
    return { name, seq: run.seq };
  }, longText);
  expect(stopped.name).toBe('AbortError');
  expect(stopped.seq).toBeGreaterThan(100);
  await expect.poll(() => helpersOf(bare).length).toBe(2);
  await bare.evaluate(() => hs.close());
  await expect.poll(() => helpersOf(bare).length).toBe(0);
});
