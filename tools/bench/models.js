// Prints tables of full-size models: their times and memory, and GPT-2's times beside ONNX Runtime Web's.

import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { serve } from '../site/server.js';
import { opened } from './browser.js';
import { measureFullSize } from './full_size.js';
import { measureRival } from './rival.js';
import { bytes, median, ms, table } from './table.js';

/**
 * @typedef {import('../site/server.js').Site} Site
 *
 * @typedef {object} Model
 * @property {string} name as the tables have it
 * @property {string} weights
 * @property {string} config
 */

const RIVAL = fileURLToPath(new URL('../../node_modules/onnxruntime-web/dist', import.meta.url));

/** Two engines that compute the same log-probabilities may differ by this much, in nats. */
const MOST_DIFFERENCE = 1e-3;

/** A model whose first run on WebGPU in software takes longer is not timed there, in ms. */
const LIMIT = 60_000;

/**
 * @param {Site} site
 * @param {Model} model
 * @param {'cpu' | 'webgpu'} backend
 * @param {{ counts: number[], repeated: { seqLen: number, batch: number } | null, turns: number }} work
 */
export async function printFullSize(site, model, backend, work) {
  const { browser, page } = await opened(site, backend, [model.weights]);
  const { adapter, load, loaded, rows } = await page.evaluate(measureFullSize, {
    ...work,
    backend,
    config: JSON.parse(readFileSync(model.config, 'utf8')),
    limit: backend === 'webgpu' ? LIMIT : Infinity,
    module: `${site.url}headscope.js`,
  });
  await browser.close();
  console.log(
    `${model.name}, ${backend}: ${adapter}; loaded in ${ms(load)}, ` +
      `wasm heap ${bytes(loaded.wasm)}, GPU ${bytes(loaded.gpu)}`,
  );
  if (rows === null) {
    console.log(`  not timed: its first run, ${work.counts[0]} tokens, takes more than ${LIMIT / 1000} s\n`);
    return;
  }
  console.log(
    table(
      ['work', 'ids to figures', 'of it the run', 'wasm heap', 'GPU'],
      rows.map((row) => [
        row.what,
        ms(median(row.figures)),
        row.engine.length > 0 ? ms(median(row.engine)) : '',
        bytes(row.wasm),
        bytes(row.gpu),
      ]),
    ),
  );
}

/**
 * Prints no time unless both engines computed the same log-probabilities.
 * @param {Site} site
 * @param {Model & { graph: string }} model `graph`: its forward pass as tools/bench/gpt2_onnx.py writes it
 * @param {{ counts: number[], repeated: { seqLen: number, batch: number }, turns: number }} work
 */
export async function printRival(site, model, work) {
  const files = await serve(RIVAL);
  const { browser, page } = await opened(site, 'cpu', [model.weights, model.graph]);
  const { version, load, rows } = await page.evaluate(measureRival, {
    ...work,
    config: JSON.parse(readFileSync(model.config, 'utf8')),
    module: `${site.url}headscope.js`,
    rival: files.url,
  });
  await browser.close();
  await files.close();
  for (const { what, difference } of rows)
    if (!(difference <= MOST_DIFFERENCE))
      throw new Error(
        `${model.name}, ${what}: the log-probabilities should be within ${MOST_DIFFERENCE} of ` +
          `ONNX Runtime Web's; found a difference of ${difference}`,
      );
  console.log(
    `${model.name}, ids to the log-probabilities of all next tokens, beside ONNX Runtime Web ${version} ` +
      `(wasm, one thread); medians of ${work.turns}, in turn`,
  );
  console.log(
    table(
      ['work', 'Headscope, CPU', 'ONNX Runtime Web', 'ours / theirs', 'largest difference'],
      [
        ['load', ms(load.ours), ms(load.theirs), (load.ours / load.theirs).toFixed(2), ''],
        ...rows.map(({ what, ours, theirs, difference }) => [
          what,
          ms(median(ours)),
          ms(median(theirs)),
          median(ours.map((time, turn) => time / theirs[turn])).toFixed(2),
          difference.toExponential(1),
        ]),
      ],
    ),
  );
}
