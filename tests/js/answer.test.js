// The model's answer: its induction heads, what feeds them, and when the page computes it.
import assert from 'node:assert/strict';
import test from 'node:test';
import { bare } from '../../www/base/format.js';
import { answerOf, fewRepeat, repetition } from '../../www/figures/answer.js';
import { reduce } from '../../www/state/state.js';
import { answer, answerSettings, isHeavy } from '../../www/studies/answer.js';
import { composition } from '../../www/studies/composition.js';
import { isAskedFor, repeated } from '../../www/studies/repeated.js';
import { wanted } from '../../www/studies/study.js';
import { analysedState } from './fixtures.js';

const STRICT = [
  [0.01, 0.02, 0.5],
  [0.7, 0.3, 0.9],
];

/** @param {string} from @param {string} to @param {number} K */
const pair = (from, to, K) => ({ from, to, Q: 0, K, V: 0 });

test('the heads above the threshold are named, the highest score first, and the head that most read', () => {
  const pairs = [
    pair('0.0', '1.0', 0.2),
    pair('0.1', '1.0', 0.3),
    pair('0.0', '1.2', 0.1),
    pair('0.1', '1.2', 0.4),
    pair('0.0', '1.1', 0.9),
  ];
  const found = answerOf(STRICT, 0.4, { pairs, baseline: 0.15 });
  assert.deepEqual(
    found.heads.map(({ name }) => name),
    ['1.2', '1.0', '0.2'],
  );
  assert.equal(found.fedBy, '0.1');
  assert.equal(
    answerOf(STRICT, 0.4, { pairs, baseline: 0.5 }).fedBy,
    null,
    'below random heads nobody feeds',
  );
  assert.equal(answerOf(STRICT, 0.4, null).fedBy, null);
  const none = answerOf(STRICT, 0.95, { pairs, baseline: 0.15 });
  assert.deepEqual([none.heads, none.best, none.fedBy], [[], { name: '1.2', score: 0.9 }, null]);
});

test('a text in which less than a quarter of the tokens occurred before shows little', () => {
  assert.equal(repetition([1, 2, 1, 2]), 0.5);
  assert.equal(repetition([]), 0);
  assert.equal(fewRepeat(Uint32Array.of(1, 2, 3, 1)), false);
  assert.equal(fewRepeat(Uint32Array.of(1, 2, 3, 4, 1)), true);
});

test('a share is written without its zero', () => {
  assert.deepEqual([0.891, 1, 0, -0.25, null].map(bare), ['.89', '1.00', '.00', '−.25', '–']);
});

/** @type {import('../../www/state/state.js').Config} */
const SMALL = { n_layers: 2, n_heads: 3, n_ctx: 512, d_model: 8, d_head: 4, d_vocab: 9 };

test('the settings are the defaults; fewer tokens in a short model, one sequence in a large', () => {
  assert.deepEqual(answerSettings(SMALL), { seqLen: 50, batch: 10, seed: 0 });
  assert.deepEqual(answerSettings({ ...SMALL, n_ctx: 32 }), { seqLen: 15, batch: 10, seed: 0 });
  assert.equal(answerSettings({ ...SMALL, n_ctx: 4 }), null);
  const gpt2 = { ...SMALL, n_layers: 12, n_heads: 12, n_ctx: 1024, d_model: 768, d_head: 64, d_vocab: 50257 };
  assert.equal(isHeavy(gpt2, { seqLen: 50, batch: 10 }), true);
  assert.deepEqual(answerSettings(gpt2), { seqLen: 50, batch: 1, seed: 0 });
});

/** @param {import('../../www/state/state.js').State} state @param {string} sha256 */
function ofModel(state, sha256) {
  const { result } = state;
  assert.ok(result);
  return { ...state, result: { ...result, model: { ...result.model, sha256 } } };
}

/**
 * Performs a study on a model that counts its calls.
 * @param {import('../../www/studies/study.js').Study<any>} study
 * @param {import('../../www/state/state.js').State} state
 * @param {string[]} calls
 * @param {Record<string, Function>} [more]
 */
const performed = (study, state, calls, more = {}) =>
  study.perform(
    /** @type {any} */ ({
      state,
      signal: new AbortController().signal,
      onProgress: () => {},
      model: {
        repeated: async () => ({ strict: STRICT, call: calls.push('repeated') }),
        composition: async () => ({ K: [], call: calls.push('composition') }),
        ...more,
      },
    }),
  );

test('the answer is made on every tab, once a model and backend, and kept for the session', async () => {
  /** @type {string[]} */ const calls = [];
  const state = ofModel(analysedState({ tab: 'scores' }), 'one');
  assert.notEqual(wanted(state, answer), null);
  assert.equal(wanted(state, answer), wanted(reduce(state, { type: 'tab', tab: 'find' }), answer));
  const made = await performed(answer, state, calls);
  assert.equal(await performed(answer, state, calls), made);
  await performed(answer, ofModel(state, 'two'), calls);
  assert.equal(await performed(answer, state, calls), made);
  assert.deepEqual(calls, ['repeated', 'composition', 'repeated', 'composition']);
});

test('the Find tab and the Explain tab use the answer where it has what they show', async () => {
  /** @type {string[]} */ const calls = [];
  const state = ofModel(analysedState({ tab: 'find' }), 'three');
  const value = await performed(answer, state, calls);
  const key = wanted(state, answer) ?? '';
  const known = reduce(state, { type: 'finding', kind: answer.kind, finding: { key, value, problem: null } });
  assert.equal(await performed(repeated, known, calls), value.repeats);
  assert.equal(await performed(composition, known, calls), value.composition);
  assert.equal(calls.length, 2);
  await performed(repeated, reduce(known, { type: 'set', change: { seed: 1 } }), calls);
  assert.equal(calls.length, 3);
});

test('a model without composition still has an answer; any other failure is told', async () => {
  const refuse = (/** @type {string} */ name) => async () => {
    throw Object.assign(new Error('no'), { name });
  };
  const defined = { composition: refuse('NotDefined') };
  const made = await performed(answer, ofModel(analysedState(), 'four'), [], defined);
  assert.equal(made.composition, null);
  const broken = performed(answer, ofModel(analysedState(), 'five'), [], { composition: refuse('GpuLost') });
  await assert.rejects(broken, { name: 'GpuLost' });
});

test('on a large model the experiment of the Find tab waits until it is asked for', () => {
  const state = analysedState({ tab: 'find' });
  const { result } = state;
  assert.ok(result);
  const config = { ...SMALL, n_layers: 12, n_heads: 12, d_model: 768, d_vocab: 50257 };
  const large = { ...state, result: { ...result, model: { ...result.model, config } } };
  assert.deepEqual([isAskedFor(state), isAskedFor(large)], [false, true]);
  assert.equal(wanted(large, repeated), null);
  assert.notEqual(wanted(reduce(large, { type: 'ask', study: 'repeated' }), repeated), null);
  assert.notEqual(wanted(reduce(large, { type: 'set', change: { batch: 1 } }), repeated), null);
});
