// A long session in a page, looked at from outside: its memory after each part of it.

import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { soak } from './work.js';

const FIXTURES = fileURLToPath(new URL('../../tests/fixtures/', import.meta.url));

/** Other models than the page's own, one of each family that differs in what it allocates. */
const MODELS = [
  ['planted_f16.weights.safetensors', 'planted_f16.config.json'],
  ['families/gpt2/model.safetensors', 'families/gpt2/config.json'],
  ['families/qwen3/model.safetensors', 'families/qwen3/config.json'],
].map(([weights, config]) => ({ weights: `soak/${weights}`, config: `soak/${config}` }));

/** The share of a session after which no memory may grow. */
const WARM_UP = 0.4;

/** What a JavaScript heap may grow by: what the browser keeps for itself, compiled code above all. */
const JS_ALLOWANCE = 256 << 10;

/**
 * @typedef {object} Sample
 * @property {number} analyses so far
 * @property {number} wasm bytes of the wasm heap
 * @property {number} gpu bytes of the GPU's buffers
 * @property {number} js bytes of the JavaScript heaps of the page and its workers, after a collection
 * @property {number} results compared in this part
 * @property {string[]} changed what had other figures than the first time
 *
 * @typedef {Omit<import('./work.js').Plan, 'from' | 'count' | 'models'>
 *   & { analyses: number, every: number }} Session
 */

/**
 * Opens an empty page beside the built site, which also serves the other models.
 * @param {Pick<import('@playwright/test').Browser, 'newPage'>} browser @param {string} site
 */
export async function inBrowser(browser, site) {
  const page = await browser.newPage();
  await page.route('**/soak.html', (route) =>
    route.fulfill({ contentType: 'text/html', body: '<!doctype html><title>A long session</title>' }),
  );
  await page.route('**/soak/**', (route) => {
    const path = FIXTURES + new URL(route.request().url()).pathname.split('/soak/').pop();
    if (!existsSync(path)) throw new Error(`${path} is not there`);
    return route.fulfill({ path, contentType: 'application/octet-stream' });
  });
  await page.goto(`${site}soak.html`);
  return page;
}

/**
 * Runs a session, and looks at the memory after every so many analyses.
 * @param {import('@playwright/test').Page} page @param {Session} session
 * @returns {AsyncGenerator<Sample>}
 */
export async function* sampled(page, { analyses, every, ...plan }) {
  const devtools = await page.context().newCDPSession(page);
  const workers = await workersOf(devtools);
  for (let from = 0; from < analyses; from += every) {
    const count = Math.min(every, analyses - from);
    const done = await page.evaluate(soak, { ...plan, from, count, models: MODELS });
    await devtools.send('HeapProfiler.collectGarbage');
    const { usedSize } = await devtools.send('Runtime.getHeapUsage');
    yield { analyses: from + count, js: usedSize + (await workers.heaps()), ...done };
  }
}

/**
 * The workers of a page, through the debugging protocol: Playwright has no session of a worker.
 * @param {import('@playwright/test').CDPSession} devtools
 */
async function workersOf(devtools) {
  /** @type {Set<string>} */ const sessions = new Set();
  /** @type {Map<number, (result: any) => void>} */ const waiting = new Map();
  let last = 0;
  devtools.on('Target.attachedToTarget', ({ sessionId }) => sessions.add(sessionId));
  devtools.on('Target.detachedFromTarget', ({ sessionId }) => sessions.delete(sessionId));
  devtools.on('Target.receivedMessageFromTarget', ({ message }) => {
    const { id, result } = JSON.parse(message);
    waiting.get(id)?.(result);
    waiting.delete(id);
  });
  await devtools.send('Target.setAutoAttach', {
    autoAttach: true,
    waitForDebuggerOnStart: false,
    flatten: false,
  });
  /** @param {string} sessionId @param {string} method @returns {Promise<any>} */
  const send = (sessionId, method) => {
    last += 1;
    const answer = new Promise((resolve) => waiting.set(last, resolve));
    const message = JSON.stringify({ id: last, method });
    return devtools.send('Target.sendMessageToTarget', { sessionId, message }).then(() => answer);
  };
  return {
    /** Bytes of their JavaScript heaps together, after a collection. */
    async heaps() {
      let sum = 0;
      for (const session of sessions) {
        await send(session, 'HeapProfiler.collectGarbage');
        sum += (await send(session, 'Runtime.getHeapUsage')).usedSize;
      }
      if (sum === 0) throw new Error('the engine’s worker is not among the targets of the page');
      return sum;
    },
  };
}

/**
 * The faults of a session, in sentences: memory grew after the warm-up, or figures changed.
 * @param {Sample[]} samples
 * @returns {string[]}
 */
export function flat(samples) {
  const warm = Math.ceil(samples.length * WARM_UP);
  const [before, after] = [samples.slice(0, warm), samples.slice(warm)];
  const most = (/** @type {Sample[]} */ of, /** @type {'wasm' | 'gpu' | 'js'} */ what) =>
    Math.max(...of.map((sample) => sample[what]));
  const found = samples.flatMap(({ changed }) => changed.map((name) => `the figures of ${name} changed`));
  for (const [what, name, allowance] of /** @type {const} */ ([
    ['wasm', 'the wasm heap', 0],
    ['gpu', 'the GPU’s memory', 0],
    ['js', 'the JavaScript heap', JS_ALLOWANCE],
  ])) {
    const [first, last] = [most(before, what), most(after, what)];
    if (last > first + allowance) found.push(`${name} grew from ${first} to ${last} bytes after the warm-up`);
  }
  if (!samples.some(({ results }) => results > 0)) found.push('nothing was compared');
  return found;
}
