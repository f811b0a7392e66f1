// Prints tables of what things cost in a real browser, on each backend:
//
//   texts of the default model   ms, dispatches and bytes read back, and the same for an edit
//   full-size models             ms and memory
//   GPT-2's shapes               ms, beside ONNX Runtime Web's forward pass of the same weights
//   the experiments              ms
//   a first visit                bytes transferred, ms to the first analysis and to the model's answer
//
// `--quick` times everything once or twice: enough to see that it works, not to trust a time.

import { readFileSync } from 'node:fs';
import { arch, cpus } from 'node:os';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { serve } from '../site/server.js';
import { launch, opened } from './browser.js';
import { measure } from './engine.js';
import { measureExperiments } from './experiments.js';
import { printFullSize, printRival } from './models.js';
import { printCores } from './printed_cores.js';
import { bytes, median, ms, table } from './table.js';
import { coldVisits, serveCompressed, timesToAnswer } from './visit.js';

const DIST = fileURLToPath(new URL('../../dist', import.meta.url));
const TOKENS = [16, 64, 256, 512];
const REPEATED = { seqLen: 50, batch: 10 };

const { values: given } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    // Each is a file that tools/xtask/src/bench.rs makes.
    notebook: { type: 'string' },
    'notebook-config': { type: 'string' },
    smollm2: { type: 'string' },
    'smollm2-config': { type: 'string' },
    gpt2: { type: 'string' },
    'gpt2-config': { type: 'string' },
    'gpt2-graph': { type: 'string' },
  },
});
const file = (/** @type {keyof typeof given} */ option) => {
  const path = given[option];
  if (typeof path !== 'string')
    throw new Error(`--${option} FILE is missing: \`cargo xtask bench\` names it`);
  return path;
};
const NOTEBOOK = {
  name: 'A model of the notebook’s sizes',
  weights: file('notebook'),
  config: file('notebook-config'),
};
const SMOLLM2 = { name: 'SmolLM2-135M', weights: file('smollm2'), config: file('smollm2-config') };
const GPT2 = {
  name: 'GPT-2 small’s shapes',
  weights: file('gpt2'),
  config: file('gpt2-config'),
  graph: file('gpt2-graph'),
};

/**
 * How often things are timed. Each text of the default model gets `budget` ms and at least `runs` runs; a
 * full-size model gets `turns` runs, and as many beside its rival's; `visits` are first visits.
 */
const EFFORT = given.quick
  ? { budget: 0, runs: 1, turns: 1, visits: 1 }
  : { budget: 4000, runs: 5, turns: 3, visits: 5 };

const site = await serve(DIST);
try {
  console.log(`\nIn Chromium, on ${cpus().length} x ${cpus()[0]?.model.trim() ?? arch()}\n`);

  for (const backend of /** @type {const} */ (['cpu', 'webgpu'])) await texts(backend);

  // With more tokens WebGPU in software takes minutes.
  const { turns } = EFFORT;
  const inSoftware = { counts: [62], repeated: null, turns };
  await printFullSize(site, NOTEBOOK, 'cpu', { counts: [62, 256, 2048], repeated: null, turns });
  await printFullSize(site, NOTEBOOK, 'webgpu', inSoftware);
  await printCores(site, NOTEBOOK, { counts: [62, 256, 1024], turns });
  for (const model of [SMOLLM2, GPT2]) {
    await printFullSize(site, model, 'cpu', { counts: [62, 256], repeated: REPEATED, turns });
    await printFullSize(site, model, 'webgpu', inSoftware);
  }
  await printRival(site, GPT2, { counts: [62, 256], repeated: REPEATED, turns });

  for (const backend of /** @type {const} */ (['cpu', 'webgpu']))
    await experiments('the default model', backend, null);
  // WebGPU in software takes hours for these, so only the CPU is timed.
  await experiments('a model of the notebook’s sizes', 'cpu', NOTEBOOK);

  const packed = await serveCompressed(DIST, site.sent);
  const visits = await coldVisits(() => launch('webgpu'), packed, EFFORT.visits);
  const onCpu = () => launch('cpu');
  const precomputed = await timesToAnswer(onCpu, packed, '', EFFORT.visits);
  const computed = await timesToAnswer(onCpu, packed, '#v=1', EFFORT.visits);
  await packed.close();
  console.log(
    `A first visit, nothing cached, bodies in brotli (median of ${EFFORT.visits}, each in a new browser)`,
  );
  console.log(
    table(
      ['file', 'transferred'],
      [...visits.files.map(({ path, size }) => [path, bytes(size)]), ['all', bytes(visits.bytes)]],
    ),
  );
  console.log(
    table(
      ['from navigation', 'time'],
      [
        ['first analysis', ms(median(visits.times))],
        ['precomputed answer, CPU', ms(median(precomputed))],
        ['computed answer, CPU (goal: 2.5 s)', ms(median(computed))],
      ],
    ),
  );
} finally {
  await site.close();
}

/** Times texts of the default model. @param {'cpu' | 'webgpu'} backend */
async function texts(backend) {
  const { browser, page } = await opened(site, backend);
  const figures = await page.evaluate(measure, {
    backend,
    tokens: TOKENS,
    budget: EFFORT.budget,
    runs: EFFORT.runs,
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

/**
 * @param {string} name
 * @param {'cpu' | 'webgpu'} backend
 * @param {{ weights: string, config: string } | null} model null: the default model
 */
async function experiments(name, backend, model) {
  const { browser, page } = await opened(site, backend, model ? [model.weights] : []);
  const { adapter, timed } = await page.evaluate(measureExperiments, {
    backend,
    config: model && JSON.parse(readFileSync(model.config, 'utf8')),
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
