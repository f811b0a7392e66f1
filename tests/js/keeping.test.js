// Which files of the hub's models the store keeps, and which it trusts.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { after, beforeEach, test } from 'node:test';
import { readCatalogue, wantedOf } from '../../www/store/catalogue.js';
import { Digest } from '../../www/store/hashing.js';
import { bringModel, forgetModel, knownBy, listModels } from '../../www/store/store.js';
import { cache, locks, ranged } from './hub.js';
import { installWorker } from './node_worker.js';

const REAL = new URL('../../models/catalogue.json', import.meta.url);
const WEIGHTS = new TextEncoder().encode('w'.repeat(500));
const OTHER = new TextEncoder().encode('v'.repeat(500));
const digest = (/** @type {Uint8Array} */ bytes) => createHash('sha256').update(bytes).digest('hex');
/** @param {Promise<unknown>} promise @returns {Promise<Error & { data?: any }>} */
const rejection = (promise) =>
  promise.then(
    () => assert.fail('it resolved'),
    (error) => error,
  );

const disk = cache();
// The store opens its storage once.
Object.assign(globalThis, { caches: disk.caches });
/** @type {any} */ let entry;
let served = WEIGHTS;

installWorker();
// One hashing worker for all tests.
const keepsWorker = new Digest();
after(() => keepsWorker.stop());
beforeEach(() => {
  disk.files.clear();
  served = WEIGHTS;
  entry = {
    id: 'planted',
    name: 'Planted',
    weights: { repo: 'someone/planted', file: 'model.pth' },
    config: { n_layers: 2 },
  };
  globalThis.fetch = async (address, init) => {
    if (String(address).endsWith('catalogue.json'))
      return new Response(JSON.stringify({ version: 1, models: [entry] }));
    const range = /^bytes=(\d+)-$/.exec(new Headers(init?.headers).get('range') ?? '');
    return ranged(served, range && Number(range[1]));
  };
});

const kept = async () => (await listModels())[0];

test('every model of the catalogue is asked for at its address, at its commit where it has one', () => {
  const wanted = readCatalogue(readFileSync(REAL, 'utf8'), REAL).map((listed) => wantedOf(listed, REAL));
  const attentionOnly = wanted.slice(0, 8);
  const addresses = attentionOnly.map(({ weights: [weights] }) =>
    weights.from instanceof URL ? weights.from.href.replace(/^file:.*\/models\//, 'models/') : '',
  );
  assert.deepEqual(addresses, [
    'models/default/model.safetensors.planes',
    'https://huggingface.co/callummcdougall/attn_only_2L_half/resolve/' +
      '3a3d92c6d6491233925c2649582128538a16843a/attn_only_2L_half.pth',
    ...[1, 2, 3, 4].map(
      (layers) =>
        `https://huggingface.co/NeelNanda/Attn_Only_${layers}L512W_C4_Code/resolve/main/model_final.pth`,
    ),
    'https://huggingface.co/NeelNanda/Attn-Only-2L512W-Shortformer-6B-big-lr/resolve/main/model_final.pth',
    'https://huggingface.co/ArthurConmy/redwood_attn_2l/resolve/main/et_model_state_dict.pt',
  ]);
  for (const { id, weights, config, tokenizer } of wanted.slice(8)) {
    assert.equal(weights.length, 1, id);
    for (const [what, file] of Object.entries({ weights: weights[0], config, tokenizer })) {
      assert.match(String(file?.from), /^https:\/\/huggingface\.co\/[\w-]+\/[\w.-]+\/resolve\/main\/[\w.]+$/);
      assert.equal(file?.keep, `${id}.${what}`);
    }
  }
  for (const {
    id,
    weights: [weights],
    config,
    tokenizer,
  } of attentionOnly) {
    const hubs = id !== 'default';
    assert.deepEqual(
      [weights.keep, config?.keep, tokenizer?.keep],
      hubs ? [`${id}.weights`, undefined, `${id}.tokenizer`] : [undefined, undefined, undefined],
    );
    // The site's own files are read here.
    for (const file of [config, ...(hubs ? [] : [weights, tokenizer])]) {
      // The build makes the planes of a file of the sources.
      const bytes = readFileSync(new URL(String(file?.from).replace(/\.planes$/, '')));
      assert.deepEqual([bytes.length, digest(bytes)], [file?.bytes, file?.sha256], `${id}: ${file?.from}`);
    }
  }
});

test('a download that is no model is not kept; one that loads is known by its sha256', async () => {
  const wrong = await bringModel('planted', {});
  assert.equal(await wrong.sha256, digest(WEIGHTS));
  assert.equal((await kept()).whole, true);
  await wrong.doubt('GpuLimit');
  assert.equal((await kept()).whole, true, 'that is nothing against the file');
  await wrong.doubt('CheckpointFormat');
  assert.deepEqual([(await kept()).whole, (await kept()).here], [false, 0]);

  served = OTHER;
  const right = await bringModel('planted', {});
  assert.equal(await right.sha256, digest(OTHER));
  await right.vouch();
  await right.doubt('CheckpointFormat');
  assert.equal((await kept()).whole, true, 'what was good once is kept');
});

test('a file that changed where it is kept is refused, and no longer kept', async () => {
  await (await bringModel('planted', {})).vouch();
  const part = [...disk.files.keys()].find((name) => name.endsWith('part00000')) ?? '';
  disk.files.set(part, new Blob([OTHER]));
  const changed = await bringModel('planted', {});
  assert.match(
    (await rejection(changed.sha256)).message,
    new RegExp(`its sha256 should be ${digest(WEIGHTS)}, and is ${digest(OTHER)}`),
  );
  assert.equal((await kept()).whole, false);
  assert.equal(await (await bringModel('planted', {})).sha256, digest(WEIGHTS), 'and is had again');
});

test('what the catalogue vouches for is good before it was loaded', async () => {
  entry.weights.sha256 = digest(WEIGHTS);
  const files = await bringModel('planted', {});
  await files.sha256;
  await files.doubt('CheckpointFormat');
  assert.equal((await kept()).whole, true);
});

test('a model is deleted whole, unless another tab is at one of its files', async () => {
  await (await bringModel('planted', {})).sha256;
  const elsewhere = locks();
  Object.defineProperty(globalThis, 'navigator', { value: { locks: elsewhere }, configurable: true });
  /** @type {(value?: unknown) => void} */ let done = () => {};
  const other = elsewhere.request(
    'headscope planted.tokenizer',
    {},
    () => new Promise((resolve) => (done = resolve)),
  );
  assert.equal((await rejection(forgetModel('planted'))).name, 'ModelBusy');
  assert.equal((await kept()).whole, true);
  done();
  await other;
  await forgetModel('planted');
  assert.deepEqual([...disk.files.keys()], []);
  Reflect.deleteProperty(globalThis, 'navigator');
});

test('weights are known by the catalogue’s sha256 or a remembered one, with their files', async () => {
  entry.tokenizer = { repo: 'someone/tokens', file: 'tokenizer.json' };
  assert.equal(await knownBy(digest(WEIGHTS)), null);
  entry.weights.sha256 = digest(WEIGHTS);
  const found = await knownBy(digest(WEIGHTS));
  assert.deepEqual(
    [found?.name, await found?.config?.text(), found?.tokenizer, found?.lacksTokenizer],
    ['Planted', '{"n_layers":2}', undefined, true],
  );
  delete entry.weights.sha256;
  await (await bringModel('planted', {})).vouch();
  const remembered = await knownBy(digest(WEIGHTS));
  assert.deepEqual(
    [remembered?.name, remembered?.tokenizer?.size, remembered?.lacksTokenizer],
    ['Planted', WEIGHTS.length, false],
  );
  assert.equal(await knownBy(digest(OTHER)), null);
});
