// What the model panel says of a model before it is downloaded: whether it fits, and what is published.
import assert from 'node:assert/strict';
import test from 'node:test';
import { memoryWarning } from '../../www/state/library.js';
import { rowOf } from '../../www/state/problems.js';
import { modelId } from '../../www/state/readers.js';
import { initial } from '../../www/state/state.js';
import { publishedHeads } from '../../www/ui/published_heads.js';

test('a model that may not fit says what it needs and what there is', () => {
  const gpt2 = { memory: 498_000_000, bytes: 549_000_000 };
  assert.equal(memoryWarning(gpt2, undefined), null);
  assert.equal(memoryWarning(gpt2, 8), null);
  assert.match(memoryWarning(gpt2, 1) ?? '', /needs 0\.8 GB of memory, and this device has about 1 GB\./);
  assert.match(
    memoryWarning({ memory: null, bytes: 4_200_000_000 }, 32) ?? '',
    /needs 4\.5 GB of memory\. The CPU has at most 4\.3 GB here/,
  );
});

test('published heads stand beside those measured here, and those of another task apart', () => {
  const published = {
    source: 'a paper',
    induction: ['1.1'],
    repeated: { induction: { 0.1: 0.8972 }, previous: { '0.0': 0.9994 } },
    dominant: { active: 0.4, fraction: 0.3, first: ['1.0'] },
    task: { name: 'counting', source: 'Someone 2022', heads: { counters: ['0.1', '1.0'], movers: ['1.1'] } },
  };
  const listed = /** @type {any} */ ({ published });
  const sentences = publishedHeads(listed, null);
  assert.deepEqual(sentences, [
    'Published heads: induction 1.1; induction 0.1 (0.897); previous token 0.0 (0.999); first token 1.0.',
    'Published for another task, counting (Someone 2022): counters 0.1, 1.0; movers 1.1.',
  ]);
  const stripe = [
    [0.1, 0.85],
    [null, 0.25],
  ];
  assert.equal(
    publishedHeads(listed, stripe)[1],
    'Measured here on repeated tokens: 1.1 (0.250), 0.1 (0.850).',
  );
  assert.deepEqual(publishedHeads(/** @type {any} */ ({ published: { words: 'Said.' } }), stripe), ['Said.']);
  assert.deepEqual(publishedHeads(/** @type {any} */ ({ published: null }), stripe), []);
});

test('a repository is a model’s id in a link; nothing that leads elsewhere is', () => {
  for (const id of ['gpt2', 'openai-community/gpt2', 'Qwen/Qwen2.5-0.5B']) assert.equal(modelId(id), id);
  for (const id of ['', 'a/b/c', '/gpt2', 'a/', 'a b', 'https://x.y/z']) assert.equal(modelId(id), null, id);
});

test('a problem of looking a repository up stands beside the form, until something else is done', () => {
  const state = initial({});
  const problem = { code: 'ModelGated', detail: '' };
  const library = { ...state.library, open: true, unfound: true };
  assert.equal(rowOf({ ...state, library }, problem), 'hub');
  assert.equal(rowOf({ ...state, library: { ...library, unfound: false } }, problem), null);
});
