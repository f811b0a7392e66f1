// The studies of repeats and ablations: when the page wants them, and their calls of the engine.
import assert from 'node:assert/strict';
import test from 'node:test';
import { reduce } from '../../www/state/state.js';
import { ablation, unablated } from '../../www/studies/ablation.js';
import { draw } from '../../www/studies/draw.js';
import { losses } from '../../www/studies/losses.js';
import { own, ownHead } from '../../www/studies/own.js';
import { repeated, stripeHead } from '../../www/studies/repeated.js';
import { asked, patient, wanted } from '../../www/studies/study.js';
import { analysedState, detection } from './fixtures.js';

const REPEATED = {
  tokens: [[0, 5, 6, 5, 6]],
  logProbs: [[-9, -9, -8, -1]],
  meanFirst: -9,
  meanSecond: -4.5,
  stripe: [
    [0.1, 0, 0],
    [0.2, 0.8, 0.3],
  ],
  strict: [
    [0, 0, 0],
    [0.2, 0.9, 0.3],
  ],
  sd: [
    [0, 0, 0],
    [0, 0, 0],
  ],
  stripeSd: [
    [0, 0, 0],
    [0, 0, 0],
  ],
};

/**
 * @param {import('../../www/state/state.js').State} state
 * @param {import('../../www/studies/study.js').Study<any>} study
 * @param {unknown} value
 */
const finding = (state, study, value) =>
  reduce(state, {
    type: 'finding',
    kind: study.kind,
    finding: { key: wanted(state, study) ?? '', value, problem: null },
  });

/**
 * Performs a study on a fake model.
 * @param {import('../../www/studies/study.js').Study<any>} study
 * @param {import('../../www/state/state.js').State} state
 * @param {Record<string, Function>} model
 * @param {object} [run]
 */
const performed = (study, state, model, run = {}) =>
  study.perform(
    /** @type {any} */ ({ model, run, state, signal: new AbortController().signal, onProgress: () => {} }),
  );

test('the repeated tokens are run where they are shown, for their settings only', async () => {
  const at = (/** @type {Partial<import('../../www/state/view.js').View>} */ view) =>
    wanted(analysedState(view), repeated);
  assert.equal(at({ tab: 'scores' }), null);
  assert.equal(at({ tab: 'ablate', on: 'text' }), null);
  assert.equal(at({ tab: 'ablate' }), at({ tab: 'find', head: '1.1', off: ['0.0'] }));
  assert.notEqual(at({ tab: 'find' }), at({ tab: 'repeats', seed: 1 }));
  /** @type {any} */ let asked;
  await performed(repeated, analysedState({ tab: 'find', seqLen: 20, batch: 3, seed: 7 }), {
    repeated: (/** @type {object} */ options) => (asked = options),
  });
  assert.deepEqual([asked.seqLen, asked.batch, asked.seed], [20, 3, 7]);
});

test('the first sequence is examined with the pinned head, else the strongest stripe’s head', async () => {
  const before = analysedState({ tab: 'find' });
  assert.equal(wanted(before, draw), null);
  const state = finding(before, repeated, REPEATED);
  assert.equal(stripeHead(state), '1.1');
  assert.equal(stripeHead(reduce(state, { type: 'lock', head: '0.2' })), '0.2');
  assert.notEqual(wanted(state, draw), wanted(reduce(state, { type: 'lock', head: '0.2' }), draw));
  /** @type {unknown[]} */ const asked = [];
  const run = {
    ids: Uint32Array.of(0, 5),
    pieces: ['a', 'b'],
    fragments: [null, null],
    pattern(/** @type {number[]} */ ...at) {
      asked.push(at);
      return new Float32Array(4);
    },
    free: () => asked.push('free'),
  };
  const made = await performed(draw, state, {
    run(/** @type {number[]} */ ids) {
      asked.push(ids);
      return run;
    },
  });
  assert.deepEqual(asked, [REPEATED.tokens[0], [1, 1], 'free']);
  assert.equal(made.head, '1.1');
  assert.equal(made.tokens, REPEATED.tokens[0], 'its words are those of the sequence, whatever the head');
  assert.deepEqual(
    draw.figures?.(made).map(({ value }) => value),
    [null, null, 0, 0, 0],
  );
  const broken = { ...run, pattern: () => Promise.reject(new Error('gone')) };
  await assert.rejects(performed(draw, state, { run: () => broken }), /gone/);
  assert.equal(asked.pop(), 'free', 'a run without a pattern is freed too');
});

test('ablated heads are measured on the chosen tokens, once those were run', async () => {
  const state = analysedState({ tab: 'ablate', off: ['1.1', '0.2'], ablation: 'mean' });
  for (const study of [unablated, ablation]) assert.equal(wanted(state, study), null);
  const withRepeats = finding(state, repeated, REPEATED);
  assert.equal(
    wanted(withRepeats, ablation),
    wanted(reduce(withRepeats, { type: 'set', change: { off: ['0.2', '1.1'] } }), ablation),
    'the order of the heads does not matter',
  );
  assert.equal(wanted(reduce(withRepeats, { type: 'set', change: { off: [] } }), ablation), null);
  assert.notEqual(wanted(reduce(withRepeats, { type: 'set', change: { off: [] } }), unablated), null);
  assert.equal(wanted(reduce(withRepeats, { type: 'tab', tab: 'scores' }), ablation), null);
  /** @type {any} */ let asked;
  const model = {
    ablate(/** @type {object} */ options) {
      asked = options;
      return { loss: 1, lossIncrease: 0, strict: null, detect: detection(() => 0.1) };
    },
  };
  await performed(ablation, withRepeats, model);
  assert.deepEqual([asked.heads, asked.kind, asked.on], [['1.1', '0.2'], 'mean', REPEATED]);
  await performed(unablated, withRepeats, model);
  assert.deepEqual(asked.heads, []);
  const onText = reduce(withRepeats, { type: 'set', change: { on: 'text' } });
  const run = {};
  await performed(ablation, onText, model, run);
  assert.equal(asked.on, run);
});

test('the ablation of every head in turn waits until the visitor asks', () => {
  const withRepeats = finding(analysedState({ tab: 'ablate' }), repeated, REPEATED);
  assert.equal(wanted(withRepeats, losses), null);
  const asking = reduce(withRepeats, { type: 'ask', study: 'losses' });
  assert.notEqual(wanted(asking, losses), null);
  assert.equal(wanted({ ...asking, findings: {} }, losses), null, 'the repeated tokens come first');
  const elsewhere = reduce(asking, { type: 'tab', tab: 'explain' });
  assert.equal(wanted(elsewhere, losses), null);
  assert.equal(asked(elsewhere, losses), wanted(asking, losses), 'a started study continues in another tab');
  assert.notEqual(
    asked(reduce(elsewhere, { type: 'set', change: { seed: 9 } }), losses),
    wanted(asking, losses),
  );
});

test('repeats in the visitor’s text are examined with the pinned head, else the best', async () => {
  const plain = analysedState({ tab: 'find' });
  const result = plain.result && { ...plain.result, ids: Uint32Array.of(0, 5, 6, 7, 5, 6, 8, 9, 1, 2) };
  const best = detection((layer, head, kind) =>
    kind === 'induction' && layer === 1 && head === 2 ? 0.7 : 0.1,
  );
  const state = { ...plain, result, detection: best };
  assert.equal(ownHead(state), '1.2');
  assert.notEqual(wanted(state, own), null);
  const unique = plain.result && { ...plain.result, ids: Uint32Array.from({ length: 10 }, (_, at) => at) };
  assert.equal(wanted({ ...state, result: unique }, own), null);
  const weights = new Float32Array(100);
  weights[4 * 10 + 2] = 1;
  const run = { ids: result?.ids, pattern: () => weights, logProbs: () => new Float32Array(9) };
  const { head, lookups } = await performed(own, state, {}, run);
  assert.deepEqual([head, lookups.expected[4], lookups.top[4]], ['1.2', 1, 2]);
});

test('an unwanted job may run for a while', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const abort = new AbortController();
  const signal = patient(abort.signal);
  abort.abort();
  assert.equal(signal.aborted, false);
  t.mock.timers.tick(3000);
  assert.equal(signal.aborted, true);
});
