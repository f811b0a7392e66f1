// Tests what the large pattern, the stripe and the tables of definitions show, without a DOM.
import assert from 'node:assert/strict';
import test from 'node:test';
import { DENOMINATOR, NUMERATOR } from '../../www/figures/marks.js';
import { patternShown, readoutOf, thumbnailOf } from '../../www/state/pattern_shown.js';
import { reduce } from '../../www/state/state.js';
import {
  firstOf,
  headOf,
  headsOf,
  mapRow,
  sourcesOf,
  stripesWords,
} from '../../www/studies/definitions_shown.js';
import { draw } from '../../www/studies/draw.js';
import { options } from '../../www/studies/options.js';
import { repeated } from '../../www/studies/repeated.js';
import { stripeCells, stripeReadout, stripeShown } from '../../www/studies/stripe_shown.js';
import { wanted } from '../../www/studies/study.js';
import { analysedState, detection } from './fixtures.js';

/** @typedef {import('../../www/state/state.js').State} State */

/**
 * A pattern of the fixture's 10 tokens whose weights are all equal.
 * @param {string | null} head
 * @param {number} weight
 */
const patternOf = (head, weight, by = /** @type {'attention' | 'value'} */ ('attention')) =>
  /** @type {const} */ ({
    type: 'pattern',
    pattern: { head, by, weights: new Float32Array(100).fill(weight), max: 2.5 },
  });

/**
 * @param {State} state
 * @param {import('../../www/studies/study.js').Study<any>} study
 * @param {unknown} value
 */
const finding = (state, study, value) =>
  reduce(state, {
    type: 'finding',
    kind: study.kind,
    finding: { key: wanted(state, study) ?? '', value, problem: null },
  });

test('the pattern: the mean of all heads, a previewed head, a pinned head', () => {
  const mean = patternShown(analysedState());
  assert.deepEqual(
    [mean.title, mean.subtitle, mean.pinned, mean.ablate],
    ['Mean of all heads', 'Choose a head to pin it; pointing at a head previews it', false, null],
  );
  assert.deepEqual(mean.scale, { name: 'attention weight', end: '1' });
  const pinned = analysedState({ head: '0.1', off: ['0.1'] });
  assert.equal(patternShown(pinned).ablate, 'Restore head 0.1');
  assert.equal(patternShown(pinned).subtitle, 'current 0.10');
  const preview = patternShown(reduce(pinned, { type: 'preview', head: '1.2' }));
  assert.deepEqual(
    [preview.title, preview.subtitle, preview.ablate],
    ['Head 1.2', 'current 0.10 · click to pin', 'Restore head 0.1'],
  );
});

test('the pattern: a thumbnail stands in until the weights of the shown head arrive', () => {
  const state = analysedState({ head: '0.1' });
  assert.deepEqual(
    [patternShown(state).picture?.weights, patternShown(state).picture?.thumbnail],
    [null, '0.1'],
  );
  const arrived = reduce(state, patternOf('0.1', 0.25));
  assert.equal(patternShown(arrived).picture?.weights?.[0], 0.25);
  assert.equal(patternShown(reduce(arrived, { type: 'preview', head: '1.1' })).picture?.weights, null);
});

test('the pattern: a weighting has a scale and a hint, and no thumbnail stands in for it', () => {
  const waiting = analysedState({ head: '0.1', weighted: 'value' });
  assert.equal(patternShown(waiting).picture?.plain, false);
  assert.doesNotMatch(patternShown(waiting).weighting.hint, /darkest/);
  const { weighting, scale } = patternShown(reduce(waiting, patternOf('0.1', 2, 'value')));
  assert.match(weighting.hint, /The darkest cell is 2\.500/);
  assert.deepEqual(scale, { name: 'weight × |v|', end: '2.50' });
  const mean = patternShown(analysedState({ weighted: 'value' }));
  assert.match(mean.weighting.hint, /^Choose a head/);
  assert.equal(patternShown(analysedState()).weighting.hint, '');
});

test('the readout names the cell, its weight, and how the selected score counts it', () => {
  const state = reduce(analysedState({ head: '0.1', score: 'mean-previous' }), patternOf('0.1', 0.25));
  assert.equal(readoutOf(state, null), 'Point at a cell for its weight');
  /** @param {number | null} query @param {number | null} key @param {Uint8Array | null} [marks] */
  const at = (query, key, marks = null) => readoutOf(reduce(state, { type: 'point', query, key }), marks);
  assert.equal(at(3, null), 'query 3 “a”');
  assert.equal(at(null, 2), 'key 2 “a”');
  assert.equal(at(3, 4), 'query 3 “a” comes before key 4 “a”: it cannot look ahead');
  assert.equal(at(3, 2), 'query 3 “a” → key 2 “a”   0.250');
  const marks = new Uint8Array(100);
  marks[32] = NUMERATOR | DENOMINATOR;
  assert.match(at(3, 2, marks), /0\.250, in the numerator and the denominator$/);
  assert.match(at(3, 1, marks), /0\.250, not counted$/);
  const weighted = reduce(
    analysedState({ head: '0.1', weighted: 'value', query: 3, key: 2 }),
    patternOf('0.1', 2, 'value'),
  );
  assert.equal(readoutOf(weighted, null), 'query 3 “a” → key 2 “a”   2.000 (weight × |v|)');
});

test('a thumbnail is one head’s cells, or the mean of all heads', () => {
  const { result } = analysedState();
  assert.ok(result);
  const cells = Uint8Array.of(6, 12, 18, 24, 30, 36);
  const of = { ...result, thumbnails: { side: 1, cells } };
  assert.deepEqual([...thumbnailOf(of, '1.1')], [30]);
  assert.deepEqual([...thumbnailOf(of, null)], [21]);
});

const REPEATED = {
  tokens: [
    [0, 5, 6, 5, 6],
    [0, 1, 2, 1, 2],
  ],
  stripe: [
    [0.1, 0.5, 0],
    [0.2, 0.8, 0.3],
  ],
  strict: [
    [0, 0.1, 0],
    [0.2, 0.9, 0.3],
  ],
  sd: [
    [0, 0, 0],
    [0, 0.01, 0],
  ],
  stripeSd: [
    [0, 0, 0],
    [0, 0.02, 0],
  ],
};
const DRAW = {
  tokens: REPEATED.tokens[0],
  ids: Uint32Array.from(REPEATED.tokens[0]),
  pieces: ['a', 'b', 'c', 'b', 'c'],
  head: '1.1',
  weights: new Float32Array(25).fill(0.2),
};

test('the stripe: the head, why it is shown, and all sequences while they are of the same settings', () => {
  const before = analysedState({ tab: 'find' });
  assert.deepEqual([stripeShown(before).draw, stripeShown(before).all], [null, null]);
  const state = finding(finding(before, repeated, REPEATED), draw, DRAW);
  const shown = stripeShown(state);
  assert.deepEqual([shown.draw, shown.stale, shown.all], [DRAW, false, REPEATED]);
  assert.match(shown.why, /strongest stripe/);
  assert.match(stripeShown(reduce(state, { type: 'lock', head: '1.1' })).why, /^The pinned head/);
  const changed = stripeShown(reduce(state, { type: 'set', change: { seed: 9 } }));
  assert.deepEqual([changed.draw, changed.stale, changed.all], [DRAW, true, null]);
});

test('the stripe: each cell is on both stripes, on the notebook’s only, or on none', () => {
  const cells = stripeCells(5);
  /** @param {number | null} query @param {number | null} key */
  const at = (query, key) => stripeReadout(DRAW, { query, key }, cells);
  assert.equal(at(null, null), 'Point at a cell for its weight');
  assert.equal(at(1, 3), 'query 1 “b” comes before key 3 “b”: it cannot look ahead');
  assert.equal(at(3, 2), 'query 3 “b” → key 2 “c”   0.200, on the stripe');
  assert.match(at(2, 1), /, one of the two cells that only the notebook counts$/);
  assert.equal(at(3, 0), 'query 3 “b” → key 0 “a”   0.200');
});

/** Head 0.1 is named for the previous token by its dominant weight, and not by its mean score. */
const FIGURES = detection((layer, head, kind) =>
  layer === 0 && head === 1 ? ({ 'previous mul': 0.01, induction: 0.9 }[kind] ?? 0.35) : 0.1,
);

test('the definitions: votes and disagreements of every head', () => {
  const state = { ...analysedState(), detection: FIGURES };
  const sources = sourcesOf(state);
  assert.ok(sources);
  assert.equal(stripesWords(sources), 'The stripes are not measured yet. ');
  assert.deepEqual(headsOf(sources), ['0.0', '0.1', '0.2', '1.0', '1.1', '1.2']);
  const cell = (/** @type {string} */ head, /** @type {string} */ wantedKind) =>
    mapRow(sources, state, head).find(({ kind }) => kind === wantedKind);
  assert.deepEqual(cell('0.0', 'previous'), {
    kind: 'previous',
    words: '0 of 2',
    named: false,
    why: 'Dominant weight: no; Mean score: no; detect_head mul: 5.0 times the uniform baseline',
    mark: null,
  });
  const previous = cell('0.1', 'previous');
  assert.deepEqual([previous?.words, previous?.named, previous?.mark?.short], ['1 of 2', true, '≠']);
  assert.match(previous?.mark?.why ?? '', /at the thresholds; mul is not above uniform attention/);
  const lenient = reduce(state, { type: 'thresholds', mean: 0.2 });
  assert.equal(mapRow(sources, lenient, '0.1')[1].mark?.short, '≠ baseline');
  assert.equal(sourcesOf({ ...state, detection: null }), null);
});

test('the definitions: the stripes count once the repeated tokens were run', () => {
  const state = finding(
    { ...analysedState({ tab: 'scores', ran: ['repeated'] }), detection: FIGURES },
    repeated,
    REPEATED,
  );
  const sources = sourcesOf(state);
  assert.ok(sources?.repeats);
  assert.equal(stripesWords(sources), 'Stripes: 2 sequences of 2 repeated tokens. ');
  const apart = mapRow(sources, state, '0.1');
  const induction = apart.find(({ kind }) => kind === 'induction');
  assert.equal(induction?.words, '2 of 4');
  assert.match(induction?.mark?.why ?? '', /one stripe is at least twice the other/);
  const first = firstOf(sources).find(({ kind }) => kind === 'induction');
  assert.deepEqual([first?.apart, first?.heads.map(({ head }) => head)], [true, ['0.1', '1.1']]);
  assert.match(first?.heads[1].by ?? '', /^by Induction stripe, the notebook’s, Induction stripe, strict$/);
  const current = firstOf(sources)[0];
  assert.deepEqual(current, { kind: 'current', apart: false, heads: [{ head: '0.1', by: 'by all 2' }] });
});

test('the definitions: every figure of the pinned head, with its verdict', () => {
  const before = { ...analysedState({ tab: 'scores', head: '0.1', ran: ['repeated'] }), detection: FIGURES };
  assert.equal(
    headOf(/** @type {any} */ (sourcesOf(before)), reduce(before, { type: 'lock', head: null })),
    null,
  );
  const state = finding(finding(before, repeated, REPEATED), options, {
    head: '0.1',
    scores: { 'detect-previous-mul-bos': { value: 0.5, uniform: 0.1 } },
  });
  const sources = sourcesOf(state);
  assert.ok(sources);
  const kinds = headOf(sources, state) ?? [];
  const row = (/** @type {string} */ id) => {
    const found = kinds.flatMap(({ rows }) => rows).find(({ score }) => score.id === id);
    return found && [found.value, found.sd, found.uniform, found.threshold, found.verdict];
  };
  assert.deepEqual(row('dominant-previous'), ['0.3500', '', '0.020', '0.30', 'named']);
  assert.deepEqual(row('mean-previous'), ['0.3500', '', '0.020', '0.40', 'not named']);
  assert.deepEqual(row('detect-previous-mul'), ['0.0100', '', '0.020', '', 'not above the uniform baseline']);
  assert.deepEqual(row('detect-previous-mul-bos'), [
    '0.5000',
    '',
    '0.100',
    '',
    '5.0 times the uniform baseline',
  ]);
  assert.deepEqual(row('detect-previous-abs'), ['0.350', '', '0.020', '', '']);
  assert.deepEqual(row('detect-previous-abs-bos'), ['–', '', '–', '', '']);
  assert.deepEqual(row('strict')?.slice(0, 2), ['0.1000', '0.0000']);
  const passing = { ...state, detection: detection(() => 0.9, { uniform: 0.5 }) };
  const [current] = headOf(/** @type {any} */ (sourcesOf(passing)), passing) ?? [];
  assert.equal(current.rows[0].verdict, 'no vote: the uniform baseline passes');
});
