// Which components of an attribution are shown, and the studies of models of many layers.
import assert from 'node:assert/strict';
import test from 'node:test';
import { meanPerHead, meanPerMlp } from '../../www/figures/circuits.js';
import { columnsShown } from '../../www/figures/components.js';
import { decode, encode } from '../../www/link/link.js';
import { ended } from '../../www/link/pairs.js';
import { ablationOf, inWords, namesOf } from '../../www/state/ablation.js';
import { fitted } from '../../www/state/fitted.js';
import { DEFAULT_VIEW } from '../../www/state/view.js';
import { attribution } from '../../www/studies/attribution.js';
import { composition, layersShown } from '../../www/studies/composition.js';
import { path } from '../../www/studies/path.js';
import { predictedAt, predictions } from '../../www/studies/predictions.js';
import { analysedState } from './fixtures.js';

/** A state whose model has many layers. @param {Partial<import('../../www/state/view.js').View>} view */
function deep(view, n_layers = 30) {
  const state = analysedState({ tab: 'explain' });
  if (!state.result) throw new Error('no result');
  const { model } = state.result;
  const config = { ...model.config, n_layers, d_mlp: 16 };
  const result = { ...state.result, model: { ...model, config } };
  return { ...state, view: { ...state.view, ...view }, result };
}

/** @param {object} model @param {any} state @param {object} [more] */
const at = (model, state, more) =>
  /** @type {any} */ ({
    ...{ model, state, run: {}, ablated: null, kept: null },
    ...{ signal: new AbortController().signal, onProgress: () => {} },
    ...more,
  });

test('few components keep their order; of many the largest are shown, and the others are counted', () => {
  const few = [Float32Array.of(1, -5, 2)];
  assert.deepEqual(columnsShown(few, 2), { shown: [0, 1, 2], hidden: 0 });
  const many = [0, 1].map((row) => Float32Array.from({ length: 50 }, (_, at) => (at % 2 ? -at : at) + row));
  const { shown, hidden } = columnsShown(many, 3);
  assert.deepEqual([shown, hidden], [[48, 49, 46], 47]);
  assert.equal(columnsShown(many, 60).shown.length, 50);
});

test('means are of heads, and of MLPs', () => {
  const value = {
    components: ['embed', '0.0', '0.mlp', '1.0', '1.mlp', 'bias'],
    values: [Float32Array.of(9, 1, 2, 3, 4, 9), Float32Array.of(9, 3, 4, 5, 6, 9)],
  };
  assert.deepEqual(meanPerHead(value, 2, 1), [[2], [4]]);
  assert.deepEqual(meanPerMlp(value), [3, 5]);
});

test('an ablation names heads and MLPs, in order, and a link carries both', async () => {
  const view = { ...DEFAULT_VIEW, off: ['1.1', '0.2'], offMlps: [12, 3] };
  const ablation = ablationOf(view);
  assert.deepEqual(namesOf(ablation), ['0.2', '1.1', 'MLP 3', 'MLP 12']);
  assert.equal(inWords(ablation), 'heads 0.2, 1.1 and the MLPs of layers 3, 12');
  assert.equal(inWords({ heads: [], mlps: [0] }), 'the MLP of layer 0');
  const fragment = await encode(view, { sha: null, digest: null, found: null });
  assert.equal(fragment, ended('v=2&mlps=12+3&off=1.1+0.2'));
  const { view: read } = await decode(fragment);
  assert.deepEqual([read.off, read.offMlps], [view.off, view.offMlps]);
  for (const wrong of ['mlps=x', 'mlps=01', 'mlps=-1', 'layers=2+1', 'layers=3', 'target=[%22%22]'])
    assert.equal((await decode(ended(`v=2&${wrong}`))).problems[0]?.code, 'LinkBroken', wrong);
});

test('layers that the model does not have are dropped, and MLPs of a model without any', () => {
  const state = deep({ offMlps: [2, 30], layers: [3, 40] });
  assert.deepEqual([fitted(state).view.offMlps, fitted(state).view.layers], [[2], null]);
  const plain = analysedState({ offMlps: [0] });
  assert.deepEqual(fitted(plain).view.offMlps, []);
});

test('a model of many layers composes two layers: those chosen, or those at the pinned head', async () => {
  assert.deepEqual(layersShown(deep({ head: '18.6' })), [17, 18]);
  assert.deepEqual(layersShown(deep({ head: '0.1' })), [0, 1]);
  assert.deepEqual(layersShown(deep({ head: '18.6', layers: [2, 9] })), [2, 9]);
  /** @type {unknown[]} */ const asked = [];
  const model = { composition: async (/** @type {any} */ options) => asked.push(options.layers) };
  await composition.perform(at(model, deep({ head: '18.6' })));
  await composition.perform(at(model, analysedState({ tab: 'explain' })));
  assert.deepEqual(asked, [[17, 18], undefined]);
  assert.deepEqual(composition.needs(deep({ head: '2.0' })), [1, 2]);
  assert.deepEqual(composition.needs(analysedState({ tab: 'explain' })), []);
});

test('the path of a model of many layers starts from the pinned head, over every earlier layer', async () => {
  const state = deep({ head: '3.1' }, 6);
  const strict = Array.from({ length: 6 }, () => [0.1, 0.2]);
  /** @type {number[][]} */ const layers = [];
  /** @type {{ done: number, total: number }[]} */ const told = [];
  const model = {
    repeated: async () => ({ strict }),
    composition: async (/** @type {{ layers: [number, number] }} */ { layers: two }) => {
      layers.push(two);
      const scores = [
        [0.1, 0.2 + two[0] / 10],
        [0.05, 0.15],
      ];
      return { layers: two, Q: scores, K: scores, V: scores, deeper: [], baseline: 0.1 };
    },
    ablate: async () => ({ lossIncrease: 1, strict }),
  };
  const onProgress = (/** @type {any} */ progress) => told.push(progress);
  const found = await path.perform(at(model, state, { onProgress }));
  assert.deepEqual(layers, [
    [0, 3],
    [1, 3],
    [2, 3],
  ]);
  assert.deepEqual(found.induction, [{ name: '3.1', strict: 0.2 }]);
  assert.deepEqual(
    found.feeding.map(({ name }) => name),
    ['2.0', '1.0', '0.0'],
  );
  assert.deepEqual(told.at(-1), { done: 6, total: 6 });
  assert.notDeepEqual(path.needs(state), path.needs(deep({ head: '3.0' }, 6)));
});

test('the attributed logit is the next token’s, a token’s, or the difference of two', async () => {
  /** @type {unknown[]} */ const asked = [];
  const model = {
    hasTokenizer: true,
    encode: async (/** @type {string} */ text) => ({
      ids: Uint32Array.from(text, (char) => char.charCodeAt(0)),
      pieces: [...text],
    }),
    attribution: async (/** @type {unknown} */ _, /** @type {any} */ { target }) => asked.push(target),
  };
  for (const target of [[], ['a'], ['a', 'b']]) await attribution.perform(at(model, deep({ target })));
  assert.deepEqual(asked, ['next', 97, [97, 98]]);
  await assert.rejects(attribution.perform(at(model, deep({ target: ['ab'] }))), {
    name: 'TokenOutOfRange',
    message: '“ab” is 2 tokens of this model: “a” “b”. Type a text that is one token.',
  });
  await attribution.perform(at({ ...model, hasTokenizer: false }, deep({ target: ['12'] })));
  assert.equal(asked.at(-1), 12);
});

test('the predictions are those of the token looked at, asked for once, of the side shown', async () => {
  const state = analysedState({ query: 3 });
  assert.equal(predictedAt(state), 3);
  assert.equal(predictedAt(analysedState()), 9, 'without a choice: after the last token');
  let asked = 0;
  const run = {
    predictions: async (/** @type {number} */ query) => ({ tokens: [], target: null, query, asked: ++asked }),
  };
  const first = await predictions.perform(at({}, state, { run }));
  const again = await predictions.perform(at({}, state, { run }));
  assert.deepEqual([first.query, asked, again.predictions], [3, 1, first.predictions]);
  const off = analysedState({ off: ['0.1'] });
  assert.deepEqual(predictions.needs(off), [9, ''], 'until the ablation is run, the whole model is shown');
});
