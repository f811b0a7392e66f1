// How a GPU's tuning is kept in the browser, read back, and told to the worker.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { beforeEach, test } from 'node:test';
import { BUILD } from '../../www/base/build.js';
import { Headscope } from '../../www/engine/headscope.js';
import { adapterKey, CANDIDATES, isTuning } from '../../www/engine/tuning.js';
import { answers, install, workers } from './fake_worker.js';
import { cache } from './hub.js';

const disk = cache();
// The store opens its storage once.
Object.assign(globalThis, { caches: disk.caches });

/** The adapter of the tests, in the browser's names. @type {any} */ let info;
const gpu = { requestAdapter: async () => info && { info } };
Object.defineProperty(globalThis, 'navigator', { value: { gpu }, configurable: true });

const MEASURED = {
  products: 'invocations',
  chosen: 'invocations',
  source: 'measured',
  rate: 2e10,
  times: [{ candidate: 'invocations', product: 0.001, unembedding: 0.01, fault: null }],
};

/** What the engine's worker says of its tuning. @type {any} */ let told;

beforeEach(() => {
  disk.files.clear();
  install();
  told = MEASURED;
  answers.set('open', (call, worker) =>
    worker.reply(call, {
      backend: 'webgpu',
      adapter: 'A GPU',
      software: false,
      helpers: 0,
      tuning: { ...MEASURED, chosen: 'workgroups', source: 'rule', rate: null, times: [] },
    }),
  );
  answers.set('tuning', (call, worker) => worker.reply(call, told));
});

/** A module of the store as a new visit has it. */
let visits = 0;
const visit = () => import(`../../www/store/tunings.js?visit=${++visits}`);

/** @returns {import('../../www/store/storage.js').Shelf & { files: Map<string, Blob> }} */
function shelf() {
  /** @type {Map<string, Blob>} */ const files = new Map();
  return {
    files,
    read: async (name) => files.get(name) ?? null,
    write: async (name, blob) => void files.set(name, blob),
    remove: async (name) => void files.delete(name),
    names: async () => [...files.keys()],
  };
}

test('a tuning is read back at the next visit, by its adapter', async () => {
  const kept = shelf();
  const first = await visit();
  await first.keepTuning(kept, 'one', { chosen: 'workgroups', rate: 1 });
  await first.keepTuning(kept, 'other', { chosen: 'invocations', rate: 2 });
  const next = await visit();
  assert.deepEqual(await next.keptTuning(kept, 'one'), { chosen: 'workgroups', rate: 1 });
  assert.deepEqual(await next.keptTuning(kept, 'other'), { chosen: 'invocations', rate: 2 });
  for (const unknown of ['', 'third', 'constructor', '__proto__'])
    assert.equal(await next.keptTuning(kept, unknown), undefined, unknown);
});

test('without a place for files a tuning is known until the page is closed', async () => {
  const first = await visit();
  await first.keepTuning(null, 'one', { chosen: 'workgroups', rate: 1 });
  assert.deepEqual(await first.keptTuning(null, 'one'), { chosen: 'workgroups', rate: 1 });
  assert.equal(await (await visit()).keptTuning(null, 'one'), undefined);
});

test('a full disk does not stop the engine', async () => {
  const full = { ...shelf(), write: () => Promise.reject(new Error('QuotaExceededError')) };
  const first = await visit();
  await first.keepTuning(full, 'one', { chosen: 'workgroups', rate: 1 });
  assert.deepEqual(await first.keptTuning(full, 'one'), { chosen: 'workgroups', rate: 1 });
});

test('files of another build and files that make no sense count as none', async () => {
  const tunings = { one: { chosen: 'workgroups', rate: 1 } };
  const cases = [
    '',
    '{"build":',
    'null',
    '7',
    '[]',
    JSON.stringify({ build: 'another', tunings }),
    JSON.stringify({ build: BUILD }),
    JSON.stringify({ build: BUILD, tunings: null }),
    JSON.stringify({ build: BUILD, tunings: 'one' }),
  ];
  const kept = shelf();
  const read = async () => (await visit()).keptTuning(kept, 'one');
  await kept.write('.tunings', new Blob([JSON.stringify({ build: BUILD, tunings })]));
  assert.deepEqual(await read(), tunings.one);
  for (const text of cases) {
    await kept.write('.tunings', new Blob([text]));
    assert.equal(await read(), undefined, text);
    // A new tuning replaces such a file.
    await (await visit()).keepTuning(kept, 'two', tunings.one);
    assert.equal(await read(), undefined, text);
    assert.deepEqual(await (await visit()).keptTuning(kept, 'two'), tunings.one, text);
  }
});

test('only a candidate with a rate is a tuning', () => {
  for (const chosen of CANDIDATES) assert.ok(isTuning({ chosen, rate: 1e9 }), chosen);
  const others = [
    undefined,
    null,
    'workgroups',
    {},
    { chosen: 'workgroups' },
    { chosen: 'workgroups', rate: null },
    { chosen: 'workgroups', rate: '1e9' },
    { chosen: 'workgroups', rate: 0 },
    { chosen: 'workgroups', rate: -1 },
    { chosen: 'workgroups', rate: Number.POSITIVE_INFINITY },
    { chosen: 'warps', rate: 1e9 },
    { chosen: 'toString', rate: 1e9 },
  ];
  for (const other of others) assert.equal(isTuning(other), false, JSON.stringify(other));
});

test('the candidates have the names of the engine', () => {
  const source = readFileSync(new URL('../../src/gpu/cut.rs', import.meta.url), 'utf8');
  const names = [...source.matchAll(/^ +Candidate::\w+ => "([a-z0-9-]+)",$/gm)].map(([, name]) => name);
  assert.deepEqual(names.toSorted(), [...CANDIDATES].sort());
});

test('an adapter is known by all names that the browser tells', async () => {
  info = { vendor: 'intel', architecture: 'gen-12lp', device: '', description: undefined };
  assert.equal(await adapterKey(), 'intel / gen-12lp /  / ');
  info = { vendor: '', architecture: '', device: '', description: '' };
  assert.equal(await adapterKey(), '');
  info = undefined;
  assert.equal(await adapterKey(), '');
});

/** The arguments of the last worker's `open`. */
const openedWith = () => workers.at(-1)?.calls.find(({ method }) => method === 'open')?.args;

/**
 * Opens an engine, loads a model and closes it.
 * @param {import('../../www/engine/choices.js').OpenOptions} options
 */
async function session(options) {
  const hs = await Headscope.open(options);
  const before = hs.tuning;
  await hs.loadModel({ weights: new Blob(['weights']) });
  const after = hs.tuning;
  hs.close();
  return { before, after };
}

test('the engine measures, remembers, and is told at the next start', async () => {
  info = { vendor: 'remembered' };
  const { before, after } = await session({});
  assert.deepEqual(openedWith(), ['auto', undefined, undefined, undefined, undefined]);
  assert.deepEqual([before?.source, before?.times], ['rule', []]);
  const { products: _, ...measured } = MEASURED;
  assert.deepEqual(after, { adapter: 'A GPU', ...measured });

  await session({});
  assert.deepEqual(openedWith(), ['auto', undefined, 'invocations', 2e10, undefined]);
  // A caller's word goes before it, and so does the CPU.
  await session({ tuning: 'narrow-workgroups', products: 'invocations' });
  assert.deepEqual(openedWith()?.slice(2), ['narrow-workgroups', undefined, undefined]);
  await session({ tuning: 'measure' });
  assert.deepEqual(openedWith()?.slice(2), ['measure', undefined, undefined]);
  await session({ products: 'workgroups' });
  assert.deepEqual(openedWith()?.slice(2), ['workgroups', undefined, undefined]);
  await session({ backend: 'cpu' });
  assert.deepEqual(openedWith()?.slice(2), [undefined, undefined, undefined]);
});

test('a choice that was not measured is not remembered', async () => {
  info = { vendor: 'not measured' };
  for (const source of ['rule', 'given']) {
    told = { ...MEASURED, source };
    assert.equal((await session({})).after?.source, source);
    await session({});
    assert.deepEqual(openedWith()?.slice(2), [undefined, undefined, undefined], source);
  }
});

test('an adapter without a name is measured at each start', async () => {
  info = {};
  for (let start = 0; start < 2; start++) {
    assert.equal((await session({})).after?.source, 'measured');
    assert.deepEqual(openedWith()?.slice(2), [undefined, undefined, undefined]);
  }
});

test('an unknown tuning is refused', async () => {
  await assert.rejects(Headscope.open({ tuning: /** @type {any} */ ('warps') }), { name: 'OptionInvalid' });
});
