/// <reference path="../engine/globals.d.ts" />
// SmolLM2-135M by the route of the hub, answered from the file that `cargo xtask test --real` fetches: the
// engine downloads it as a visitor's browser does, in ranges, and keeps it.
import { createReadStream, existsSync, readFileSync, statSync } from 'node:fs';
import { createServer } from 'node:http';
import { fileURLToPath } from 'node:url';
import { test as base, expect } from '../harness.js';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
const FIXTURES = `${ROOT}tests/fixtures/real/smollm2-135m/`;
const WEIGHTS = `${ROOT}target/real/smollm2-135m/model.safetensors`;
if (!existsSync(WEIGHTS)) throw new Error(`${WEIGHTS} is not there: \`cargo xtask test --real\` fetches it`);

/** Bytes of the weights file. */
export const BYTES = statSync(WEIGHTS).size;

/** The reference's figures: known answers, and tensors. */
export const EXPECTED = JSON.parse(readFileSync(`${FIXTURES}expected.json`, 'utf8'));
export const TENSORS = readFileSync(`${FIXTURES}expected.safetensors`);

/** The repository that the model is served under; it is in no catalogue. */
export const REPO = 'HuggingFaceTB/SmolLM2-135M-Instruct';

/** @type {Record<string, string>} */
const FILES = {
  'model.safetensors': WEIGHTS,
  'config.json': `${FIXTURES}hub/config.json`,
  'tokenizer.json': `${FIXTURES}hub/tokenizer.json`,
};

/**
 * The hub: its list of a repository's files, and its files by ranges, from another origin than the page's.
 * @param {import('@playwright/test').Page} page
 * @returns {Promise<() => Promise<void>>} closes it
 */
export async function serveHub(page) {
  const open = { 'access-control-allow-origin': '*', 'access-control-expose-headers': 'ETag, Content-Range' };
  const storage = createServer((request, response) => {
    const path = FILES[(request.url ?? '').split('/').pop() ?? ''];
    if (!path) return void response.writeHead(404, open).end();
    const { size } = statSync(path);
    const start = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1] ?? 0);
    response.writeHead(206, {
      ...open,
      'content-type': 'application/octet-stream',
      'content-length': size - start,
      'content-range': `bytes ${start}-${size - 1}/${size}`,
    });
    createReadStream(path, { start, highWaterMark: 1 << 20 }).pipe(response);
  });
  await new Promise((resolve) => storage.listen(0, '127.0.0.1', () => resolve(undefined)));
  const address = storage.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const siblings = Object.entries(FILES).map(([rfilename, path]) => ({
    rfilename,
    size: statSync(path).size,
    lfs: path === WEIGHTS ? { sha256: EXPECTED.weights_sha256 } : undefined,
  }));
  await page.route(`https://huggingface.co/api/models/${REPO}?**`, (route) =>
    route.fulfill({ headers: open, json: { sha: 'main', cardData: { license: 'apache-2.0' }, siblings } }),
  );
  await page.route('https://huggingface.co/*/*/resolve/**', (route) =>
    route.fulfill({
      status: 302,
      headers: { ...open, location: `http://127.0.0.1:${port}${new URL(route.request().url()).pathname}` },
    }),
  );
  return () =>
    new Promise((resolve) => {
      storage.close(() => resolve());
      storage.closeAllConnections();
    });
}

/**
 * @typedef {object} Real
 * @property {import('@playwright/test').Page} real a page with `Headscope` in it, and the hub
 *
 * @typedef {import('@playwright/test').PlaywrightTestArgs & import('../harness.js').PerTest} Given
 * @typedef {import('../harness.js').PerWorker} GivenWorker
 */

/** @type {import('@playwright/test').Fixtures<Real, {}, Given, GivenWorker>} */
const fixtures = {
  real: async ({ page, site }, use) => {
    const close = await serveHub(page);
    // A page that the server sends: a browser lets no page of a test's own reach this machine.
    await page.goto(`${site.url}docs/definitions.html`);
    await page.evaluate(async (address) => {
      globalThis.Headscope = (await import(address)).Headscope;
    }, `${site.url}headscope.js`);
    await use(page);
    await close();
  },
};
export const test = base.extend(fixtures);
export { expect };
