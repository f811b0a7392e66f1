// Labels over several texts: how often they hold, and which texts can be added.
import assert from 'node:assert/strict';
import test from 'node:test';
import { heldWords, labelsOver, MOST_TEXTS, refusal } from '../../www/figures/stability.js';
import { stability } from '../../www/studies/stability.js';
import { analysedState, detection } from './fixtures.js';

const THRESHOLDS = { active: 0.4, fraction: 0.3, mean: 0.4 };

test('a label is held in as many texts as name it, of those that can tell', () => {
  const named = detection((layer, head, kind) =>
    layer === 0 && head === 1 && (kind === 'previous' || kind === 'induction') ? 0.9 : 0.1,
  );
  const not = detection(() => 0.1);
  const noRepeats = detection((layer, head, kind) =>
    kind === 'induction' || kind === 'duplicate'
      ? null
      : layer === 0 && head === 1 && kind === 'previous'
        ? 0.5
        : 0.1,
  );
  const rows = labelsOver([named, not, noRepeats, null], THRESHOLDS);
  assert.equal(rows.length, 6);
  const row = rows.find(({ name }) => name === '0.1');
  assert.deepEqual(row?.perText, [['previous', 'induction'], [], ['previous'], []]);
  assert.deepEqual(row?.held.map(heldWords), ['previous token in 2 of 3 texts', 'induction in 1 of 2 texts']);
  assert.deepEqual(
    rows.filter(({ held }) => held.length).map(({ name }) => name),
    ['0.1'],
  );
});

test('a text for which uniform attention passes tells nothing', () => {
  const short = detection(() => 0.9, { uniform: 0.5 });
  assert.deepEqual(labelsOver([short], THRESHOLDS)[0].held, []);
  assert.deepEqual(labelsOver([null], THRESHOLDS), []);
});

test('a text is refused that is empty, there already, or more than a link carries', () => {
  assert.equal(refusal([], 'some words'), null);
  assert.match(refusal([], ' \n') ?? '', /no text/);
  assert.match(refusal(['a'], 'a') ?? '', /already/);
  assert.match(
    refusal(
      Array.from({ length: MOST_TEXTS.texts }, (_, at) => `text ${at}`),
      'one more',
    ) ?? '',
    /A link can carry 12 texts/,
  );
  assert.match(refusal(['x'.repeat(30_000)], 'y'.repeat(10_001)) ?? '', /40001 characters/);
});

test('the study runs each text once, frees it, and lets the others stand when one fails', async () => {
  /** @type {string[]} */ const calls = [];
  const model = {
    hasTokenizer: true,
    run: async (/** @type {string} */ text) => {
      calls.push(`run ${text}`);
      if (text === 'bad') throw Object.assign(new Error('too long'), { name: 'GpuLimit' });
      return { seq: 3, detect: async () => detection(() => 0.2), free: () => calls.push(`free ${text}`) };
    },
  };
  const state = analysedState({ tab: 'scores', texts: ['good', 'bad', 'fine'] });
  /** @type {number[]} */ const progress = [];
  const at = /** @type {any} */ ({
    model,
    state,
    signal: new AbortController().signal,
    onProgress: (/** @type {any} */ { done }) => progress.push(done),
  });
  const told = await stability.perform(at);
  assert.deepEqual(calls, ['run good', 'free good', 'run bad', 'run fine', 'free fine']);
  assert.deepEqual(
    told.map(({ problem }) => problem?.code ?? null),
    [null, 'GpuLimit', null],
  );
  assert.deepEqual(progress, [1, 2, 3]);
  assert.equal(stability.figures?.(told).length, 2 * 4 * 6);
  assert.deepEqual(stability.needs(state), [['good', 'bad', 'fine'], 0.4, 'model']);
  assert.equal(stability.needs(analysedState({ texts: [] })), null);
});
