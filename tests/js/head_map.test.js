// The pure parts of the grid and of the scatter, for models of 2 layers of 8 heads up to 30 of 9.
import assert from 'node:assert/strict';
import test from 'node:test';
import { layoutOf, rowAround, typedHead } from '../../www/figures/head_map.js';
import { FIRST_SCORE, headScore, MAPPED } from '../../www/figures/head_scores.js';
import { apart, labelled, pointsOf, rangeOf } from '../../www/figures/scatter.js';
import { COLUMNS, parseScore } from '../../www/figures/scores/index.js';
import { initial, reduce } from '../../www/state/state.js';
import { shownScore } from '../../www/studies/head_scores_shown.js';
import { analysed, detection } from './fixtures.js';

const SMALL = { nLayers: 2, nHeads: 8 };
const GPT2 = { nLayers: 12, nHeads: 12 };
const DEEP = { nLayers: 30, nHeads: 9 };
const WIDE = { nLayers: 4, nHeads: 40 };

test('a small model opens with all thumbnails, a large one with a map; the visitor may choose', () => {
  assert.equal(layoutOf(SMALL, 'auto'), 'thumbnails');
  for (const shape of [GPT2, DEEP, WIDE]) assert.equal(layoutOf(shape, 'auto'), 'map');
  assert.equal(layoutOf(SMALL, 'map'), 'map');
  assert.equal(layoutOf(DEEP, 'thumbnails'), 'thumbnails');
});

test('the thumbnails beside a map are the layer that is looked at, or the part of it around the head', () => {
  assert.deepEqual(rowAround(DEEP, '18.6'), {
    layer: 18,
    names: ['18.0', '18.1', '18.2', '18.3', '18.4', '18.5', '18.6', '18.7', '18.8'],
  });
  assert.equal(rowAround(GPT2, '5.5').names.length, 12);
  assert.deepEqual(rowAround(DEEP, null).names[0], '0.0');
  assert.deepEqual(rowAround(DEEP, '99.0').layer, 0, 'a head that the model does not have');
  for (const [head, first] of [
    ['2.0', '2.0'],
    ['2.20', '2.12'],
    ['2.39', '2.24'],
  ]) {
    const { names } = rowAround(WIDE, head);
    assert.equal(names.length, 16);
    assert.equal(names[0], first);
    assert.ok(names.includes(head));
  }
});

test('a head is found as people write it', () => {
  for (const typed of ['5.5', ' 5.5 ', '5,5', '5 5', 'L5H5', 'l5.h5'])
    assert.deepEqual(typedHead(typed, GPT2), { head: '5.5' }, typed);
  for (const typed of ['', '5', '5.', 'x', '5.5.5', '-1.2'])
    assert.equal(typedHead(typed, GPT2), null, typed);
  assert.deepEqual(typedHead('29.8', DEEP), { head: '29.8' });
  assert.deepEqual(typedHead('12.0', GPT2), {
    problem: 'No head 12.0: 12 layers of 12 heads, counted from 0.',
  });
});

test('every score of the table and of repeated tokens can be mapped, for 30 layers of 9 heads', () => {
  const shape = { nLayers: 30, nHeads: 9 };
  const figures = detection((layer, head) => (layer * 9 + head) / 270, shape);
  const strict = Array.from({ length: 30 }, (_, layer) => Array(9).fill(layer / 30));
  const repeats = { strict, stripe: strict, tokens: [[0, 5, 6, 5, 6]] };
  assert.equal(MAPPED.length, COLUMNS.length + 2);
  assert.equal(MAPPED[0].id, FIRST_SCORE);
  for (const { id } of MAPPED) {
    const score = headScore(id, figures, repeats);
    assert.ok(score, id);
    assert.deepEqual([score.values.length, score.values[0].length], [30, 9], id);
    assert.equal(score.signed, parseScore(id)?.signed, id);
  }
  assert.equal(headScore('strict', figures, null), null);
  assert.equal(headScore('mean-first', null, repeats), null);
  assert.equal(headScore('no-such-score', figures, repeats), null);
});

test('the page maps the scores of the text at once, and those of repeated tokens once they are there', () => {
  const state = analysed(initial(), 10);
  assert.ok(shownScore(state, 'mean-first'));
  assert.equal(shownScore(state, 'strict'), null);
  const ablated = reduce(reduce(state, { type: 'set', change: { off: ['0.1'] } }), {
    type: 'ablated',
    ablated: {
      key: JSON.stringify([['0.1'], 'zero']),
      detection: detection(() => 0.7),
      thumbnails: { side: 1, cells: new Uint8Array(6) },
      logProbs: new Float32Array(9),
    },
  });
  assert.equal(shownScore(ablated, 'mean-first')?.values[0][0], 0.7);
  const before = reduce(ablated, { type: 'set', change: { side: 'before' } });
  assert.equal(shownScore(before, 'mean-first')?.values[0][0], 0.1);
});

test('a scatter has every head with both scores, on axes from 0 to 1 or lower', () => {
  const points = pointsOf(
    [
      [0.1, null],
      [1, 0.5],
    ],
    [
      [-0.2, 0.3],
      [0.1, 0.5],
    ],
  );
  assert.deepEqual(
    points.map(({ name }) => name),
    ['0.0', '1.0', '1.1'],
  );
  assert.deepEqual(rangeOf(points.map(({ y }) => y)), { low: -0.2, high: 1 });
});

test('labels never cover each other: to the right, to the left, or not at all', () => {
  const place = (/** @type {{ x: number, y: number }} */ { x, y }) => ({ left: x * 600, top: (1 - y) * 300 });
  const named = labelled(
    [
      { name: '1.0', x: 0.89, y: 0.81 },
      { name: '1.1', x: 0.86, y: 0.78 },
      { name: '1.2', x: 1, y: 0.07 },
      { name: '0.0', x: 0.001, y: 0.001 },
      { name: '0.1', x: 0.002, y: 0.002 },
      { name: '0.3', x: 0, y: 0 },
    ],
    place,
  );
  assert.deepEqual([named.get('1.0'), named.get('1.1'), named.get('1.2')], ['right', 'left', 'right']);
  assert.equal(named.get('0.1'), 'right');
  assert.equal(named.has('0.3'), false, 'a third label would cover the two at the corner');
  const many = Array.from({ length: 450 }, (_, at) => ({ name: `${at}`, x: (at % 30) / 30, y: at / 450 }));
  const boxes = [...labelled(many, place)].map(([name, side]) => {
    const at = place(many[Number(name)]);
    return { left: at.left + (side === 'right' ? 8 : -36), top: at.top };
  });
  boxes.forEach((one, at) =>
    boxes.slice(at + 1).forEach((other) => {
      assert.ok(Math.abs(one.left - other.left) >= 28 || Math.abs(one.top - other.top) >= 16);
    }),
  );
});

test('heads of random tokens alone are told from those that the text shows too', () => {
  const points = [
    { name: '1.0', x: 0.89, y: 0.81 },
    { name: '1.2', x: 1, y: 0.07 },
    { name: '1.6', x: 0.7, y: 0.09 },
    { name: '0.0', x: 0.1, y: 0.9 },
  ];
  const names = ({ both, only } = apart(points, 0.4, 0.04)) =>
    [both, only].map((of) => of.map(({ name }) => name));
  assert.deepEqual(names(), [['1.0', '1.6'], ['1.2']]);
  assert.deepEqual(names(apart(points, 0.4, null)), [['1.0'], ['1.2', '1.6']]);
});
