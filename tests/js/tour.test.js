// The claims of the tour's steps when no study is on its way.
import assert from 'node:assert/strict';
import test from 'node:test';
import { decode } from '../../www/link/link.js';
import { reduce } from '../../www/state/state.js';
import { repeated } from '../../www/studies/repeated.js';
import { wanted } from '../../www/studies/study.js';
import { createTouring, entered, STEPS, textFor } from '../../www/studies/tour.js';
import { strongestMatch } from '../../www/studies/tour_heads.js';
import { analysedState, detection } from './fixtures.js';

const [FEEDS, OFF] = STEPS.slice(5);

test('for a model of one layer the claim is that there is no earlier head', () => {
  const state = analysedState({ tab: 'explain', step: 5 });
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

test('the step of the ablation waits only for what is being computed', () => {
  const state = analysedState({ tab: 'ablate', step: 6, off: ['0.1'] });
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

test('the tour leaves what a link with figures shows, also where it is what the step would show', () => {
  const { emit, found, state } = touring();
  const early = entered(state(), 2);
  assert.ok(early.type === 'set');
  const view = { ...state().view, ...early.change };
  const { text, model, bos } = view;
  const shared = { sha: null, digest: '3.AAAA', found: 'repeated.AAA', text, model, bos };
  emit({ type: 'restore', view, shared, problems: [] });
  found();
  assert.equal(state().view.head, view.head);
  assert.equal(state().shared?.found, 'repeated.AAA');
});

test('a text that hardly repeats is shown twice where a step needs repeats, if the model can read it', () => {
  const state = analysedState();
  const { result } = state;
  assert.ok(result);
  const needing = STEPS.findIndex(({ repeats }) => repeats);
  const varied = { ...state, result: { ...result, ids: Uint32Array.from({ length: 10 }, (_, at) => at) } };
  assert.equal(textFor(varied, needing), `${state.view.text} ${state.view.text}`);
  assert.equal(textFor(state, needing), null, 'ten equal tokens repeat enough');
  assert.equal(textFor(varied, 0), null);
  const config = { ...result.model.config, n_ctx: 16 };
  const short = { ...varied, result: { ...varied.result, model: { ...result.model, config } } };
  assert.equal(textFor(short, needing), null);
});

test('the strongest cell of a head is ringed, and stays while another head is previewed', () => {
  const state = analysedState({ head: '0.1' });
  const weights = new Float32Array(100);
  weights[5 * 10 + 3] = 0.9;
  const pattern = /** @type {const} */ ({ head: '0.1', by: 'attention', weights, max: 1 });
  const shown = reduce(state, { type: 'pattern', pattern });
  assert.deepEqual(strongestMatch(shown, '0.1'), { query: 5, key: 3 });
  assert.deepEqual(strongestMatch(state, '0.1'), {}, 'its pattern is not there yet');
  const chosen = reduce(shown, { type: 'choose', query: 5, key: 3 });
  assert.deepEqual(strongestMatch(reduce(chosen, { type: 'preview', head: '0.0' }), '0.1'), {
    query: 5,
    key: 3,
  });
});

test('a step of version 1 opens as the step that tells the same now', async () => {
  for (const [old, title] of [
    [3, 'The same head in your text'],
    [4, 'Which head feeds it'],
    [5, 'Ablate it'],
  ]) {
    const { view } = await decode(`#v=1&step=${old}`);
    assert.equal(STEPS[Number(view.step)].title, title);
  }
  assert.deepEqual((await decode('#v=1&step=6')).problems[0]?.data?.keys, ['step']);
});
