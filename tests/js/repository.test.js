// Models in several files, and repositories of the hub that are not in the catalogue: what is asked for, what
// is kept, and what is refused.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { after, beforeEach, test } from 'node:test';
import { Digest } from '../../www/store/hashing.js';
import { bringModel, findRepository, forgetModel, listModels } from '../../www/store/store.js';
import { readIndex } from '../../www/store/weights_index.js';
import { cache, ranged } from './hub.js';
import { installWorker } from './node_worker.js';

const REPO = 'someone/large.model';
const INDEX = JSON.stringify({
  metadata: { total_size: 800 },
  weight_map: {
    a: 'model-00002-of-00002.safetensors',
    b: 'model-00001-of-00002.safetensors',
    c: 'model-00001-of-00002.safetensors',
  },
});
const bytes = (/** @type {string} */ text) => new TextEncoder().encode(text);
const sha256 = (/** @type {string | Uint8Array} */ given) => createHash('sha256').update(given).digest('hex');
/** @param {Promise<unknown>} promise @returns {Promise<Error & { data?: any }>} */
const rejection = (promise) =>
  promise.then(
    () => assert.fail('it resolved'),
    (error) => error,
  );

const disk = cache();
Object.assign(globalThis, { caches: disk.caches });
installWorker();
// One hashing worker for all tests.
const keepsWorker = new Digest();
after(() => keepsWorker.stop());

/** The repository's files by name. @type {Map<string, Uint8Array>} */ const files = new Map();
/** Answers in place of files or of the hub's list, by a part of the address. */
/** @type {Map<string, () => Response>} */
const instead = new Map();
/** Everything that was asked of the hub. @type {string[]} */ let asked = [];
let commit = 'one';

const listOfFiles = () => ({
  sha: commit,
  cardData: { license: 'apache-2.0' },
  siblings: [...files].map(([rfilename, file]) => ({ rfilename, size: file.length })),
});

beforeEach(async () => {
  await forgetModel(REPO);
  disk.files.clear();
  instead.clear();
  asked = [];
  commit = 'one';
  files.clear();
  files.set('model.safetensors.index.json', bytes(INDEX));
  files.set('model-00001-of-00002.safetensors', bytes('1'.repeat(500)));
  files.set('model-00002-of-00002.safetensors', bytes('2'.repeat(300)));
  files.set('config.json', bytes('{"model_type":"llama"}'));
  globalThis.fetch = async (given, init) => {
    const address = String(given);
    if (address.endsWith('catalogue.json')) return new Response(JSON.stringify({ version: 1, models: [] }));
    asked.push(address.replace('https://huggingface.co/', ''));
    const other = [...instead].find(([ending]) => address.includes(ending));
    if (other) return other[1]();
    if (address.includes('/api/models/')) return new Response(JSON.stringify(listOfFiles()));
    const file = files.get(address.split('/').pop() ?? '');
    if (!file) return new Response('', { status: 404 });
    const range = /^bytes=(\d+)-$/.exec(new Headers(init?.headers).get('range') ?? '');
    return ranged(file, range && Number(range[1]));
  };
});

const listed = async () => (await listModels()).find(({ id }) => id === REPO);

test('a repository is listed with its size; its parts come at its commit and are kept', async () => {
  await findRepository(REPO);
  assert.deepEqual(asked, [`api/models/${REPO}?blobs=true`]);
  const before = await listed();
  assert.deepEqual(
    [before?.name, before?.licence, before?.whole, before?.here],
    [REPO, 'apache-2.0', false, 0],
  );

  asked = [];
  const found = await bringModel(REPO, {});
  assert.deepEqual(
    found.weights.map(({ name, blob }) => [name, blob.size]),
    [
      ['model-00001-of-00002.safetensors', 500],
      ['model-00002-of-00002.safetensors', 300],
    ],
  );
  assert.deepEqual(
    [found.index, found.config, found.tokenizer],
    [INDEX, '{"model_type":"llama"}', undefined],
  );
  assert.ok(
    asked.every((address) => address.startsWith(`${REPO}/resolve/one/`)),
    asked.join(' '),
  );
  const digests = ['1'.repeat(500), '2'.repeat(300)].map(sha256).sort();
  assert.equal(await found.sha256, sha256(digests.map((digest) => `${digest}\n`).join('')));
  assert.equal((await listed())?.whole, true);

  asked = [];
  await (await bringModel(REPO, {})).sha256;
  assert.deepEqual(asked, [], 'everything is here');
  disk.files.delete([...disk.files.keys()].find((name) => name.includes('weights.2.part')) ?? '');
  assert.equal((await listed())?.whole, false, 'one part is missing');
  await (await bringModel(REPO, {})).sha256;
  assert.deepEqual(asked, [`${REPO}/resolve/one/model-00002-of-00002.safetensors`]);
  await forgetModel(REPO);
  assert.deepEqual([[...disk.files.keys()], await listed()], [[], undefined]);
});

test('a repository with another commit is brought anew, and is not taken for whole before', async () => {
  await (await bringModel(REPO, {})).sha256;
  assert.equal((await listed())?.whole, true);
  commit = 'two';
  await findRepository(REPO);
  assert.equal((await listed())?.whole, false);
  asked = [];
  await (await bringModel(REPO, {})).sha256;
  assert.equal(asked.filter((address) => address.startsWith(`${REPO}/resolve/two/`)).length, 4);
});

test('one file goes before an index, safetensors before torch', async () => {
  files.set('pytorch_model.bin', bytes('b'));
  assert.equal((await findRepository(REPO)).weights.file, 'model.safetensors.index.json');
  files.set('model.safetensors', bytes('s'));
  assert.equal((await findRepository(REPO)).weights.file, 'model.safetensors');
  files.delete('model.safetensors');
  files.delete('model.safetensors.index.json');
  assert.equal((await findRepository(REPO)).weights.file, 'pytorch_model.bin');
});

/** @type {[string, () => void, string, RegExp][]} */
const REFUSALS = [
  ['that is not there', () => status('/api/', 404), 'ModelNotFound', /the hub has no such repository/],
  [
    'that is private, or not there',
    () => status('/api/', 401),
    'ModelGated',
    /gated, private or does not exist/,
  ],
  [
    'whose files are gated',
    () => status('model-00001', 403),
    'ModelGated',
    /The hub answered 403 for someone/,
  ],
  ['without weights', () => files.clear(), 'ModelNotFound', /none of model\.safetensors, /],
  ['of a hub out of order', () => status('/api/', 500), 'ModelFetch', /the server answered 500/],
  [
    'with a file that was changed since it was listed',
    () => instead.set('config.json', () => ranged(bytes('{}'), 0)),
    'ModelFetch',
    /should be 22 bytes long, and the server has 2: it was changed/,
  ],
  [
    'with an index that leads elsewhere',
    () => files.set('model.safetensors.index.json', bytes('{"weight_map":{"a":"../other"}}')),
    'CheckpointFormat',
    /names “\.\.\/other”, which is no file beside it/,
  ],
  [
    'with a part that is missing',
    () => files.delete('model-00002-of-00002.safetensors'),
    'ModelFetch',
    /404/,
  ],
];
/** @param {string} ending @param {number} code */
const status = (ending, code) => instead.set(ending, () => new Response('', { status: code }));
for (const [what, change, code, words] of REFUSALS) {
  test(`a repository ${what}: refused by name`, async () => {
    change();
    const error = await rejection(bringModel(REPO, {}).then(({ sha256 }) => sha256));
    assert.equal(error.name, code, error.message);
    assert.match(error.message, words);
  });
}

test('what is no owner and name is asked of nobody', async () => {
  for (const repo of ['gpt2', 'a/b/c', 'a b/c', '', '../x/y']) {
    const error = await rejection(findRepository(repo));
    assert.equal(error.name, 'ModelNotFound', repo);
    assert.match(error.message, /owner\/name/);
  }
  assert.deepEqual(asked, []);
});

test('a file of the hub that changed its size between two parts of a download is begun anew', async () => {
  let asks = 0;
  const [old, present] = [bytes('o'.repeat(400)), bytes('n'.repeat(300))];
  files.clear();
  files.set('pytorch_model.bin', present);
  // No length in the list: what the file is like is told by the answers alone.
  instead.set(
    '/api/',
    () => new Response(JSON.stringify({ siblings: [{ rfilename: 'pytorch_model.bin' }] })),
  );
  instead.set('pytorch_model.bin', () => {
    asks++;
    if (asks === 1) return ranged(old, 0, { only: 200, etag: '' });
    return ranged(present, asks === 2 ? 200 : 0, { etag: '' });
  });
  const found = await bringModel(REPO, {});
  assert.equal(await found.weights[0].blob.text(), 'n'.repeat(300));
  assert.equal(await found.sha256, sha256('n'.repeat(300)));
  assert.equal(asks, 3);
});

test('an index says its files and their size, or what is wrong with it', () => {
  assert.deepEqual(readIndex(INDEX), {
    names: ['model-00001-of-00002.safetensors', 'model-00002-of-00002.safetensors'],
    bytes: 800,
  });
  for (const text of [
    '[]',
    '{',
    '{}',
    'null',
    '{"weight_map":{}}',
    '{"weight_map":{"a":3}}',
    '{"weight_map":3}',
  ])
    assert.throws(() => readIndex(text), { name: 'CheckpointFormat' }, text);
  for (const name of ['../m', '/etc/passwd', 'a/b', '..', '', 'c:\\x', 'https://a.b/c', 'a%2fb'])
    assert.throws(() => readIndex(JSON.stringify({ weight_map: { a: name } })), /no file beside it/, name);
});
