// A long session, `cargo xtask soak`: 2,000 analyses on the CPU and 400 on WebGPU, with the built engine in
// Chromium. It fails when memory grows after the warm-up, or when any figure changes.

import { fileURLToPath } from 'node:url';
import { launch } from '../bench/browser.js';
import { bytes, table } from '../bench/table.js';
import { serve } from '../site/server.js';
import { flat, inBrowser, sampled } from './session.js';

const DIST = fileURLToPath(new URL('../../dist', import.meta.url));

/**
 * WebGPU in software is slow, so its session is shorter. Two fifths are the warm-up: after fewer than 160
 * analyses the heap still takes a step, when models, experiments and long texts meet in a new order.
 */
const SESSIONS = /** @type {const} */ ({
  cpu: { analyses: 2000, every: 50, texts: 64, longest: 512 },
  webgpu: { analyses: 400, every: 10, texts: 16, longest: 512 },
});

const site = await serve(DIST);
let failed = false;
try {
  for (const backend of /** @type {const} */ (['cpu', 'webgpu'])) {
    const session = SESSIONS[backend];
    const browser = await launch(backend);
    const page = await inBrowser(browser, site.url);
    const started = performance.now();
    const samples = [];
    for await (const sample of sampled(page, { ...session, backend, module: `${site.url}headscope.js` })) {
      samples.push(sample);
      console.log(
        `${backend}: ${sample.analyses} analyses, ${Math.round((performance.now() - started) / 1000)} s, ` +
          `${sample.results} results, ${sample.changed.length} changed`,
      );
    }
    await browser.close();
    console.log(
      table(
        ['analyses', 'wasm heap', 'GPU', 'JavaScript heap'],
        samples.map(({ analyses, wasm, gpu, js }) => [String(analyses), bytes(wasm), bytes(gpu), bytes(js)]),
      ),
    );
    const complaints = flat(samples);
    for (const complaint of complaints) console.error(`${backend}: ${complaint}`);
    failed ||= complaints.length > 0;
  }
} finally {
  await site.close();
}
if (failed) process.exit(1);
