// The model store with a fake server: what arrives, what is refused, and the refusal's words.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { after, beforeEach, test } from 'node:test';
import { Digest } from '../../www/store/hashing.js';
import { toPlanes } from '../../www/store/planes.js';
import { bringModel } from '../../www/store/store.js';
import { installWorker } from './node_worker.js';

/** Answers by the end of the address. @type {Map<string, () => Response | Promise<Response>>} */
const served = new Map();
const WEIGHTS = 'x'.repeat(1000);
const CONFIG = '{"n_layers":2}';

/** @param {string} path @param {string} text */
const file = (path, text) => ({
  path,
  bytes: text.length,
  sha256: createHash('sha256').update(text).digest('hex'),
});
const entry = () => ({
  id: 'default',
  name: 'The default',
  weights: file('default/w', WEIGHTS),
  config: file('default/c', CONFIG),
});
/** @param {object} catalogue */
const serveCatalogue = (catalogue) =>
  served.set('models/catalogue.json', () => new Response(JSON.stringify(catalogue)));
/** @param {string} text @param {ResponseInit} [init] */
const serveWeights = (text, init) => served.set('default/w', () => new Response(text, init));
/** @param {Promise<unknown>} promise @returns {Promise<Error & { data?: any }>} */
const rejection = (promise) =>
  promise.then(
    () => assert.fail('it resolved'),
    (error) => error,
  );
/** @param {RegExp} message */
const refused = async (message) => {
  const error = await rejection(bringModel('default', {}));
  assert.equal(error.name, 'ModelFetch');
  assert.match(error.message, message);
  return error;
};

installWorker();
// One hashing worker for all tests.
const keepsWorker = new Digest();
after(() => keepsWorker.stop());
beforeEach(() => {
  served.clear();
  serveCatalogue({ version: 1, models: [entry()] });
  serveWeights(WEIGHTS);
  served.set('default/c', () => new Response(CONFIG));
  globalThis.fetch = async (address, options) => {
    options?.signal?.throwIfAborted();
    const found = [...served].find(([path]) => String(address).endsWith(path));
    return found ? found[1]() : new Response('', { status: 404, statusText: 'Not Found' });
  };
});

/** Bytes of each file of weights. @param {import('../../www/store/store.js').ModelFiles} files */
const sizes = ({ weights }) => weights.map(({ blob }) => blob.size);

test('weights in planes arrive as the file that they are, under its name', async () => {
  for (const text of ['', 'a', 'ab', 'abc', 'x'.repeat(200_000).replaceAll('xx', 'yz')]) {
    const weights = { ...file('default/w', text), planes: true };
    serveCatalogue({ version: 1, models: [{ ...entry(), weights }] });
    served.set('default/w.planes', () => new Response(toPlanes(Buffer.from(text))));
    const files = await bringModel('default', {});
    assert.deepEqual([files.weights[0].name, await files.weights[0].blob.text()], ['w', text]);
    assert.equal(await files.sha256, weights.sha256);
  }
  served.set('default/w.planes', () => new Response('x'.repeat(200_000)));
  await assert.rejects((await bringModel('default', {})).sha256, { name: 'ModelFetch' });
});

test('a model of the catalogue arrives with its name, its digest, and progress in bytes', async () => {
  /** @type {{ loaded: number, total: number }[]} */ const seen = [];
  const files = await bringModel('default', { onProgress: (progress) => seen.push(progress) });
  assert.deepEqual(
    [files.id, files.name, sizes(files), files.config, files.tokenizer],
    ['default', 'The default', [1000], CONFIG, undefined],
  );
  assert.equal(await files.sha256, entry().weights.sha256);
  assert.deepEqual(seen.at(-1), { loaded: 1014, total: 1014 });
  assert.ok(seen.every(({ total }) => total === 1014));
});

test('an id that the catalogue lacks is named, with those it has', async () => {
  const error = await rejection(bringModel('other', {}));
  assert.equal(error.name, 'ModelNotFound');
  assert.match(error.message, /“other”.*default/);
});

test('a catalogue of another version is not guessed at', async () => {
  serveCatalogue({ version: 2 });
  await refused(/version 1, and is of version 2/);
});

test('a catalogue that is not there, or not JSON', async () => {
  served.delete('models/catalogue.json');
  await refused(/404 Not Found.*catalogue\.json/);
  served.set('models/catalogue.json', () => new Response('{'));
  await refused(/should be JSON/);
});

test('a missing file is told by its address and the server’s status', async () => {
  served.delete('default/w');
  const error = await refused(/^Download failed: the server answered 404 Not Found \(.*default\/w\)\.$/);
  assert.equal(error.data.status, 404);
});

test('a page in the place of a file, whether it says so or not', async () => {
  serveWeights(WEIGHTS, { headers: { 'content-type': 'text/html; charset=utf-8' } });
  await refused(/an HTML page was found/);
  serveWeights('\n<!DOCTYPE html><title>Welcome</title>', {
    headers: { 'content-type': 'application/octet-stream' },
  });
  await refused(/an HTML page was found/);
});

test('a file that is cut short', async () => {
  serveWeights(WEIGHTS.slice(1));
  const error = await refused(/should be 1000 bytes long, and 999 arrived/);
  assert.deepEqual([error.data.expected, error.data.found], [1000, 999]);
});

test('a file of one’s own that is shorter than its server promised, unless it came compressed', async () => {
  const weights = new URL('https://models.example/default/w');
  serveWeights('abc', { headers: { 'content-length': '9' } });
  assert.match(
    (await rejection(bringModel({ weights }, {}))).message,
    /should be 9 bytes long, and 3 arrived/,
  );
  serveWeights('abc', { headers: { 'content-length': '9', 'content-encoding': 'br' } });
  assert.deepEqual(sizes(await bringModel({ weights }, {})), [3]);
});

test('a download that breaks off says after how many bytes', async () => {
  let pulls = 0;
  const pull = (/** @type {ReadableStreamDefaultController} */ stream) =>
    pulls++ ? stream.error(new TypeError('network error')) : stream.enqueue(new Uint8Array(10));
  served.set('default/w', () => new Response(new ReadableStream({ pull })));
  await refused(/network error/);
});

test('a server that is not reached', async () => {
  served.set('default/w', () => Promise.reject(new TypeError('Failed to fetch')));
  await refused(/^Download failed: no connection to \S+ \(.*default\/w\)\.$/);
});

test('a file whose bytes are not the catalogue’s', async () => {
  serveWeights('y'.repeat(1000));
  const files = await bringModel('default', {});
  assert.match(
    (await rejection(files.sha256)).message,
    /^A downloaded file is damaged or was changed: its sha256 should be [0-9a-f]{64}, and is [0-9a-f]{64}/,
  );
  served.set('default/c', () => new Response(CONFIG.replace('2', '3')));
  await refused(/its sha256 should be [0-9a-f]{64}, and is [0-9a-f]{64} \(.*default\/c\)\.$/);
});

test('a stopped download rejects with AbortError, before it starts and during it', async () => {
  const stop = new AbortController();
  served.set('default/w', () => {
    stop.abort();
    return Promise.reject(new DOMException('aborted', 'AbortError'));
  });
  assert.equal((await rejection(bringModel('default', { signal: stop.signal }))).name, 'AbortError');
  assert.equal((await rejection(bringModel('default', { signal: stop.signal }))).name, 'AbortError');
});

test('files of one’s own: a File’s name, a configuration as an object, a tokenizer as bytes', async () => {
  const weights = new File([WEIGHTS], 'mine.safetensors');
  const files = await bringModel({ weights, config: { n_layers: 2 }, tokenizer: new Blob(['{}']) }, {});
  assert.deepEqual([files.id, files.name, files.config], ['', 'mine.safetensors', CONFIG]);
  assert.deepEqual(files.tokenizer, new Uint8Array([123, 125]));
  assert.deepEqual(files.weights, [{ name: 'mine.safetensors', blob: weights }]);
  assert.equal(files.weights[0].blob, weights);
});

test('files of one’s own: weights in several files, and their index', async () => {
  const parts = ['1', '2'].map((part) => new File([part], `model-0000${part}-of-00002.safetensors`));
  const index = { weight_map: { a: parts[0].name, b: parts[1].name } };
  const files = await bringModel({ weights: parts, index }, {});
  assert.deepEqual(
    [files.name, files.weights.map(({ name }) => name), files.index],
    [parts[0].name, parts.map(({ name }) => name), JSON.stringify(index)],
  );
  const back = await bringModel({ weights: [...parts].reverse(), index }, {});
  assert.equal(await back.sha256, await files.sha256, 'in any order');
  assert.equal((await rejection(bringModel({ weights: [] }, {}))).name, 'CheckpointFormat');
});

test('what is no address says so', async () => {
  for (const weights of ['http://', undefined]) {
    const error = await rejection(bringModel(/** @type {any} */ ({ weights }), {}));
    assert.equal(error.name, 'ModelFetch');
    assert.match(error.message, /should be a Blob or the address of one/);
  }
});
