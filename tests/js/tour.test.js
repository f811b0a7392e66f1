// The claims of the tour's steps when no study is on its way.
import assert from 'node:assert/strict';
import test from 'node:test';
import { reduce } from '../../www/state/state.js';
import { repeated } from '../../www/studies/repeated.js';
import { wanted } from '../../www/studies/study.js';
import { createTouring, entered, STEPS } from '../../www/studies/tour.js';
import { analysedState, detection } from './fixtures.js';

const [FEEDS, OFF] = STEPS.slice(4);

test('for a model of one layer the claim is that there is no earlier head', () => {
  const state = analysedState({ tab: 'explain', step: 4 });
  const { result } = state;
  assert.ok(result);
  const single = {
    ...state,
    result: { ...result, model: { ...result.model, config: { ...result.model.config, n_layers: 1 } } },
  };
  assert.deepEqual(FEEDS.claim(single), {
    words: 'This model has one layer: there is no earlier head to read from.',
    holds: false,
  });
});

test('the last step waits only for what is being computed', () => {
  const state = analysedState({ tab: 'ablate', step: 5, off: ['0.1'] });
  const value = {
    tokens: [],
    logProbs: [],
    meanFirst: -9,
    meanSecond: -1,
    stripe: [],
    strict: [
      [0.1, 0.2, 0.1],
      [0.9, 0.1, 0.1],
    ],
    sd: [],
  };
  const drawn = reduce(state, {
    type: 'finding',
    kind: 'repeated',
    finding: { key: wanted(state, repeated) ?? '', value, problem: null },
  });
  assert.match(OFF.claim(drawn).words, /being computed/);
  for (const change of [{ off: [] }, { tab: 'find' }, { on: /** @type {const} */ ('text') }]) {
    const { words, holds } = OFF.claim(reduce(drawn, { type: 'set', change }));
    assert.match(words, /^In the Ablate tab/);
    assert.equal(holds, null);
  }
});

/**
 * A page on a step of the tour, entered before its experiments are done. Head 0.1 is best by token matching,
 * head 1.0 by its stripe.
 */
function touring() {
  /** @type {import('../../www/state/state.js').State} */
  let state = {
    ...analysedState({ tab: 'find' }),
    detection: detection((layer, head, kind) =>
      kind === 'induction' && layer === 0 && head === 1 ? 0.7 : 0.1,
    ),
  };
  const tour = createTouring(() => state, emit);
  /** @param {import('../../www/state/state.js').Action} action */
  function emit(action) {
    state = { ...reduce(state, action) };
    tour.update();
  }
  const strict = [
    [0, 0, 0],
    [0.9, 0, 0],
  ];
  const found = () =>
    emit({
      type: 'finding',
      kind: 'repeated',
      finding: {
        key: wanted(state, repeated) ?? '',
        value: { strict, meanFirst: -9, meanSecond: -1 },
        problem: null,
      },
    });
  return { emit, found, state: () => state };
}

test('a step that is entered early shows the right head once the experiments are done', () => {
  const { emit, found, state } = touring();
  emit(entered(state(), 2));
  assert.equal(state().view.head, '0.1');
  found();
  assert.equal(state().view.head, '1.0');
  assert.match(STEPS[2].claim(state()).words, /1\.0/);
});

test('the tour leaves a head that the visitor or a link chose', () => {
  const { emit, found, state } = touring();
  emit(entered(state(), 2));
  emit({ type: 'lock', head: '0.2' });
  found();
  assert.equal(state().view.head, '0.2');
  const linked = touring();
  linked.emit({ type: 'set', change: { step: 2, tab: 'find', head: '0.2' } });
  linked.found();
  assert.equal(linked.state().view.head, '0.2');
});
