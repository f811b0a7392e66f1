// Tests heads, the table of figures, colour scales, tokens, the window of a pattern, and errors.
import assert from 'node:assert/strict';
import test from 'node:test';
import { figure } from '../../www/base/format.js';
import { neighbour, parseHead } from '../../www/base/heads.js';
import { directionOf, loneSurrogates, short, visible, wellFormed } from '../../www/base/tokens.js';
import { above, bestKind, verdicts } from '../../www/figures/heads.js';
import { columns, groups, passes, rowsOf, sorted } from '../../www/figures/table.js';
import { known, problemOf } from '../../www/state/errors.js';
import { EXAMPLES } from '../../www/state/examples.js';
import { bluesTable, css, entryOf, ink } from '../../www/ui/colours.js';
import { inside, labelStep, showing, whole, zoomed } from '../../www/ui/viewport.js';
import { detection } from './fixtures.js';

const THRESHOLDS = { active: 0.4, fraction: 0.3, mean: 0.4 };

test('heads are read and written as layer.head, and nothing else is one', () => {
  assert.deepEqual(parseHead('1.10'), { layer: 1, head: 10 });
  for (const wrong of ['', '1', '1.', '1.4.2', '-1.2', '1.4 ', 'a.b', '1e2.3', null])
    assert.equal(parseHead(wrong), null, String(wrong));
  assert.equal(neighbour('0.2', 1, 2, 3), '1.0');
  assert.equal(neighbour('1.2', 1, 2, 3), '0.0');
  assert.equal(neighbour('0.0', -1, 2, 3), '1.2');
  assert.equal(neighbour(null, 1, 2, 3), '0.0');
  assert.equal(neighbour(null, -1, 2, 3), '1.2');
});

test('a head is named strictly above the threshold; absent scores name nobody', () => {
  assert.deepEqual(
    above(
      [
        [0.3, 0.31],
        [null, 0.9],
      ],
      0.3,
    ),
    {
      heads: [
        { name: '0.1', score: 0.31 },
        { name: '1.1', score: 0.9 },
      ],
      best: { name: '1.1', score: 0.9 },
    },
  );
  assert.deepEqual(above([[null, null]], 0.3), { heads: [], best: null });
});

test('verdicts flag a uniform baseline that passes the threshold', () => {
  const told = verdicts(
    detection(() => 0.5, { uniform: 0.35 }),
    THRESHOLDS,
  );
  assert.deepEqual(
    told.map(({ kind, uniformPasses }) => [kind, uniformPasses]),
    [
      ['current', true],
      ['previous', true],
      ['first', true],
      ['offset', false],
      ['induction', false],
      ['duplicate', false],
    ],
  );
});

test('a head’s best kind is its largest score, with every kind it is named for', () => {
  const figures = detection((_layer, _head, kind) => ({ first: 0.8, induction: 0.6 })[kind] ?? 0.1);
  assert.deepEqual(bestKind(figures, THRESHOLDS, 1, 1), {
    kind: 'first',
    label: 'First token',
    score: 0.8,
    named: ['first', 'induction'],
    words: 'first',
  });
});

test('an offset head is called by its distance, in the table, in verdicts and as a label', () => {
  const figures = detection((_layer, head, kind) =>
    kind === 'distance' ? head + 2 : kind === 'offset' && head !== 1 ? 0.9 : kind === 'offset' ? null : 0.1,
  );
  const best = bestKind(figures, THRESHOLDS, 0, 2);
  assert.deepEqual([best?.kind, best?.words, best?.score], ['offset', '4 back', 0.9]);
  assert.equal(bestKind(figures, THRESHOLDS, 0, 1)?.words, 'current');
  const told = verdicts(figures, THRESHOLDS).find(({ kind }) => kind === 'offset');
  assert.deepEqual(told?.heads.slice(0, 2), [
    { name: '0.0', score: 0.9, note: '2 back' },
    { name: '0.2', score: 0.9, note: '4 back' },
  ]);
  const at = columns.findIndex(({ id }) => id === 'offset');
  assert.deepEqual(
    rowsOf(figures)
      .slice(0, 3)
      .map(({ values, notes }) => [values[at], notes[at]]),
    [
      [0.9, '2 back'],
      [null, ''],
      [0.9, '4 back'],
    ],
  );
  assert.equal(rowsOf(figures)[0].notes[0], '', 'other columns have no note');
});

test('a kind that uniform attention passes for is no head’s best', () => {
  const figures = detection((_layer, _head, kind) => (kind === 'induction' ? 0.99 : 0.2), { uniform: 0.1 });
  figures.null.token_matching.induction = 0.97;
  assert.equal(bestKind(figures, THRESHOLDS, 0, 0)?.kind, 'current');
});

test('the table has a row a head and every detector’s columns, and sorts a copy', () => {
  const figures = detection((layer, head, kind) =>
    kind === 'induction' ? (head === 1 ? null : layer + head / 10) : 0.2,
  );
  const rows = rowsOf(figures);
  assert.equal(rows.length, 6);
  assert.equal(columns.length, 16);
  assert.equal(
    groups.reduce((sum, { span }) => sum + span, 0),
    columns.length,
  );
  const names = (/** @type {import('../../www/state/state.js').Sort} */ sort) =>
    sorted(rows, sort)
      .map(({ name }) => name)
      .join(' ');
  assert.equal(names({ column: 'matching-induction', descending: true }), '1.2 1.0 0.2 0.0 0.1 1.1');
  assert.equal(names({ column: 'matching-induction', descending: false }), '0.0 0.2 1.0 1.2 0.1 1.1');
  assert.equal(names({ column: 'mean-first', descending: true }), '0.0 0.1 0.2 1.0 1.1 1.2');
  assert.equal(names({ column: 'head', descending: true }), '1.2 1.1 1.0 0.2 0.1 0.0');
  assert.deepEqual(
    rows.map(({ order }) => order),
    [0, 1, 2, 3, 4, 5],
  );
});

test('only columns with a threshold name heads', () => {
  const [dominant, detect] = [columns[0], columns[columns.length - 1]];
  assert.equal(passes(dominant, 0.31, THRESHOLDS), true);
  assert.equal(passes(dominant, 0.3, THRESHOLDS), false);
  assert.equal(passes(dominant, null, THRESHOLDS), false);
  assert.equal(passes(detect, 1, THRESHOLDS), false);
});

test('the scale runs from nearly paper to the darkest blue, and is turned round in the dark', () => {
  const [light, dark] = [bluesTable(false), bluesTable(true)];
  assert.equal(css(light, 0), 'rgb(247 251 255)');
  assert.equal(css(light, 1), 'rgb(8 48 107)');
  assert.deepEqual([entryOf(-1), entryOf(NaN), entryOf(0.5), entryOf(2)], [0, 0, 128, 255]);
  const sum = (/** @type {Uint8ClampedArray} */ table, /** @type {number} */ at) =>
    table[at * 4] + table[at * 4 + 1] + table[at * 4 + 2];
  for (let at = 1; at < 256; at++) {
    assert.ok(sum(light, at) <= sum(light, at - 1), `light ${at}`);
    assert.ok(sum(dark, at) >= sum(dark, at - 1), `dark ${at}`);
  }
});

test('a figure written on the scale is legible everywhere on it (WCAG 4.5)', () => {
  /** @param {number[]} rgb */
  const luminance = (rgb) => {
    const [red, green, blue] = rgb.map((channel) =>
      channel / 255 <= 0.04045 ? channel / 255 / 12.92 : ((channel / 255 + 0.055) / 1.055) ** 2.4,
    );
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  };
  for (const table of [bluesTable(false), bluesTable(true)]) {
    for (let at = 0; at < 256; at++) {
      const text = ink(table, at / 255) === '#ffffff' ? 1 : 0;
      const ground = luminance([...table.slice(at * 4, at * 4 + 3)]);
      const contrast = (Math.max(text, ground) + 0.05) / (Math.min(text, ground) + 0.05);
      assert.ok(contrast >= 4.5, `entry ${at}: ${contrast.toFixed(2)}`);
    }
  }
});

test('figures are written with a real minus and a dash for what is absent', () => {
  assert.deepEqual(
    [0.123, -0.876, -0.001, null, NaN, 1].map((value) => figure(value)),
    ['0.12', '−0.88', '0.00', '–', '–', '1.00'],
  );
});

test('what cannot be seen in a token is made visible, and nothing can turn the line round', () => {
  assert.equal(visible(' a\n\t\0'), '·a↵⇥␀');
  assert.equal(visible('\u202eabc\u200b'), '⟨202E⟩abc⟨200B⟩');
  assert.equal(visible(''), '∅');
  assert.equal(visible('<b>&amp;'), '<b>&amp;');
  assert.equal(short('𝒳𝒴𝒵𝒲', 3), '𝒳𝒴…');
});

test('a text runs the way of its first letter', () => {
  assert.deepEqual(['مرحبا', '123 שלום hello', 'hello مرحبا', '', '42'].map(directionOf), [
    'rtl',
    'rtl',
    'ltr',
    'ltr',
    'ltr',
  ]);
});

test('lone surrogates are counted and read as U+FFFD, pairs are left', () => {
  assert.equal(loneSurrogates('a\ud800b\udc00 👍'), 2);
  assert.equal(wellFormed('a\ud800b\udc00 👍'), 'a\ufffdb\ufffd 👍');
});

test('a window stays inside the pattern, keeps the place it zooms about, and follows a cell', () => {
  const n = 100;
  assert.deepEqual(inside({ query0: -5, key0: 200, span: 20 }, n), { query0: 0, key0: 80, span: 20 });
  const closer = zoomed(whole(n), 4, 50, 10, n);
  assert.equal(closer.span, 25);
  assert.ok(
    Math.abs((50 - closer.query0) / 25 - 0.5) < 1e-9 && Math.abs((10 - closer.key0) / 25 - 0.1) < 1e-9,
  );
  assert.equal(zoomed(closer, 1000, 50, 10, n).span, 6);
  assert.deepEqual(zoomed(closer, 1e-6, 50, 10, n), whole(n));
  assert.deepEqual(zoomed(whole(3), 2, 1, 1, 3), whole(3));
  assert.deepEqual(showing({ query0: 0, key0: 0, span: 10 }, 30, 5, n), { query0: 21, key0: 0, span: 10 });
  assert.deepEqual([labelStep(30, 26), labelStep(6, 26), labelStep(0.2, 26)], [1, 5, 200]);
});

test('an unknown code is internal, and its words are kept', () => {
  assert.equal(known('toString'), false);
  assert.deepEqual(problemOf(Object.assign(new Error('odd'), { name: 'RangeError' })), {
    code: 'Internal',
    detail: 'RangeError: odd',
  });
  assert.deepEqual(problemOf('thrown text').code, 'Internal');
  assert.deepEqual(problemOf(null).code, 'Internal');
});

test('the examples are three different texts, short enough to be chips', () => {
  assert.equal(new Set(EXAMPLES.map(({ text }) => text)).size, 3);
  for (const { name, hint } of EXAMPLES) assert.ok(name.length < 30 && hint);
});
