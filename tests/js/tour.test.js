// What the tour's steps say where there is nothing to wait for.
import assert from 'node:assert/strict';
import test from 'node:test';
import { STEPS } from '../../www/tour.js';
import { repeated } from '../../www/studies/repeated.js';
import { reduce } from '../../www/state.js';
import { wanted } from '../../www/study.js';
import { analysedState } from './fixtures.js';

const [FEEDS, OFF] = STEPS.slice(4);

test('of a model of one layer it is said that there is no earlier head', () => {
  const state = analysedState({ tab: 'circuits', step: 4 });
  const { result } = state;
  assert.ok(result);
  const single = { ...state, result: { ...result, model: { ...result.model, config: { ...result.model.config, n_layers: 1 } } } };
  assert.deepEqual(FEEDS.claim(single), { words: 'This model has one layer: there is no earlier head to read from.', holds: false });
});

test('the last step waits only for what is being computed', () => {
  const state = analysedState({ tab: 'off', step: 5, off: ['0.1'] });
  const value = { tokens: [], logProbs: [], meanFirst: -9, meanSecond: -1, stripe: [], strict: [[0.1, 0.2, 0.1], [0.9, 0.1, 0.1]], sd: [] };
  const drawn = reduce(state, { type: 'finding', kind: 'repeated', finding: { key: wanted(state, repeated) ?? '', value, problem: null } });
  assert.match(OFF.claim(drawn).words, /being computed/);
  for (const change of [{ off: [] }, { tab: 'repeats' }, { on: /** @type {const} */ ('text') }]) {
    const { words, holds } = OFF.claim(reduce(drawn, { type: 'set', change }));
    assert.match(words, /^In the tab Switch off/);
    assert.equal(holds, null);
  }
});
