// Every score by hand, against TransformerLens' figures and on patterns with known answers.
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import test from 'node:test';
import { audit, cellWords, marked, nullValue } from '../../www/figures/audit.js';
import { agreement, DEFINITIONS, disagree, firstBy } from '../../www/figures/definitions.js';
import { DENOMINATOR, markLevels, markWords, NUMERATOR } from '../../www/figures/marks.js';
import { parseScore, scoreOf, thresholdNameOf, titleOf, wordsOf } from '../../www/figures/scores.js';
import { columns } from '../../www/figures/table.js';
import { audited, marksOf } from '../../www/state/audited.js';
import { reduce } from '../../www/state/state.js';
import { analysedState } from './fixtures.js';
import { patternIn, readTensors } from './tensors.js';

const THRESHOLDS = { active: 0.4, fraction: 0.3, mean: 0.4 };
const BOTH = NUMERATOR | DENOMINATOR;
const FIXTURES = new URL('../fixtures/', import.meta.url);

/** @param {string} id @param {Float32Array | null} weights @param {number[]} ids */
const of = (id, weights, ids) => audit(scoreOf(id), { weights, n: ids.length, ids }, THRESHOLDS);

/** A pattern whose rows are given up to the diagonal. @param {number[][]} rows */
function pattern(rows) {
  const weights = new Float32Array(rows.length ** 2);
  rows.forEach((row, query) => weights.set(row, query * rows.length));
  return weights;
}

/**
 * Marks as a picture: a row of characters a query.
 * @param {string} id
 * @param {Float32Array} weights
 * @param {number[]} ids
 */
function picture(id, weights, ids) {
  const n = ids.length;
  const cells = marked(scoreOf(id), { weights, n, ids }, THRESHOLDS);
  return Array.from({ length: n }, (_, query) =>
    Array.from(
      cells.subarray(query * n, query * n + n),
      (cell) => ({ 0: '.', [DENOMINATOR]: 'd', [BOTH]: '#' })[cell] ?? '?',
    ).join(''),
  );
}

/** A pattern over the tokens 0 7 8 7 8. */
const IDS = [0, 7, 8, 7, 8];
const WEIGHTS = pattern([
  [1],
  [0.75, 0.25],
  [0.125, 0.75, 0.125],
  [0.25, 0.125, 0.5, 0.125],
  [0.25, 0.0, 0.125, 0.625, 0],
]);

test('by hand: each score’s cells, sums and filled-in formula', () => {
  /** @type {[string, string[], string][]} id, marks, formula */
  const known = [
    ['dominant-current', ['#....', '.d...', '..d..', '...d.', '....d'], '1 row of 5 = 0.200'],
    ['dominant-previous', ['#....', '#....', '.#...', '..#..', '...#.'], '5 rows of 5 = 1.000'],
    ['dominant-first', ['#....', '#....', 'd....', 'd....', 'd....'], '2 rows of 5 = 0.400'],
    ['mean-current', ['#....', '.#...', '..#..', '...#.', '....#'], '1.50 / 5 cells = 0.300'],
    ['mean-previous', ['.....', '#....', '.#...', '..#..', '...#.'], '2.63 / 4 cells = 0.656'],
    ['mean-first', ['#....', '#....', '#....', '#....', '#....'], '2.38 / 5 cells = 0.475'],
    ['matching-induction', ['.....', '.....', '.....', 'dd#d.', 'ddd#d'], '1.13 / 2 rows = 0.563'],
    ['matching-duplicate', ['.....', '.....', '.....', 'd#dd.', 'dd#dd'], '0.25 / 2 rows = 0.125'],
    ['detect-previous-mul', ['d....', '#d...', 'd#d..', 'dd#d.', 'ddd#d'], '2.63 / 5.00 = 0.525'],
    ['detect-induction-mul', ['d....', 'dd...', 'ddd..', 'dd#d.', 'ddd#d'], '1.13 / 5.00 = 0.225'],
    [
      'detect-induction-mul-bos-current',
      ['.....', '.....', '.d...', '.d#..', '.dd#.'],
      '1.13 / 2.13 = 0.529',
    ],
    [
      'detect-induction-abs',
      ['#....', '##...', '###..', '####.', '#####'],
      '1 − (0.88 missing + 3.88 beside) / 5 rows = 0.050',
    ],
    [
      'detect-previous-abs-bos',
      ['d....', 'd#...', 'd##..', 'd###.', 'd####'],
      '1 − (1.13 missing + 0.75 beside) / 5 rows = 0.625',
    ],
    [
      'detect-previous-abs-bos-current',
      ['d....', 'dd...', 'd#d..', 'd##d.', 'd###d'],
      '1 − (1.13 missing + 0.25 beside) / 5 rows = 0.725',
    ],
    ['stripe', ['.....', '#....', '.#...', '..#..', '...#.'], '2.63 / 4 cells = 0.656'],
    ['strict', ['.....', '.....', '.....', '..#..', '...#.'], '1.13 / 2 cells = 0.563'],
  ];
  for (const [id, marks, formula] of known) {
    assert.deepEqual(picture(id, WEIGHTS, IDS), marks, id);
    assert.equal(of(id, WEIGHTS, IDS).formula, formula, id);
  }
});

test('the marked cells of a quotient are those that it adds up', () => {
  for (const id of [
    'mean-first',
    'matching-induction',
    'matching-duplicate',
    'detect-duplicate-mul',
    'detect-induction-mul-bos',
  ]) {
    const cells = marked(scoreOf(id), { weights: WEIGHTS, n: 5, ids: IDS }, THRESHOLDS);
    let [above, below] = [0, 0];
    cells.forEach((cell, at) => {
      if (cell & NUMERATOR) above += WEIGHTS[at];
      if (cell & DENOMINATOR) below += id.startsWith('mean') ? 1 : WEIGHTS[at];
    });
    const { numerator, denominator } = of(id, WEIGHTS, IDS);
    assert.ok(
      Math.abs(above - numerator) < 1e-6 && Math.abs(below - denominator) < 1e-6,
      `${id}: ${above} / ${below}`,
    );
  }
});

test('`abs` counts every marked cell by how far it is from the ideal pattern, and every row once', () => {
  for (const kind of ['previous', 'duplicate', 'induction']) {
    for (const option of ['', '-bos', '-current', '-bos-current']) {
      const id = `detect-${kind}-abs${option}`;
      const [score, subject] = [scoreOf(id), { weights: WEIGHTS, n: 5, ids: IDS }];
      let [above, below] = [0, 0];
      marked(score, subject, THRESHOLDS).forEach((cell, at) => {
        const [query, key] = [Math.floor(at / 5), at % 5];
        const ideal =
          kind === 'previous'
            ? key === query - 1
            : key <= query &&
              IDS.some(
                (other, position) =>
                  position < query && other === IDS[query] && key === position + Number(kind === 'induction'),
              );
        if (cell & NUMERATOR) above += Math.abs(WEIGHTS[at] - Number(ideal));
        if (cell & DENOMINATOR) below += WEIGHTS[at];
        if (cell & NUMERATOR)
          assert.equal(
            cellWords(score, subject, cell, query, key).includes('lacks to 1'),
            ideal,
            `${id} at ${query}, ${key}`,
          );
      });
      const { numerator, denominator, value } = of(id, WEIGHTS, IDS);
      assert.ok(
        Math.abs(above - numerator) < 1e-6 && Math.abs(below - denominator) < 1e-6,
        `${id}: ${above} / ${below}`,
      );
      assert.ok(Math.abs(Number(value) - (1 - above / 5)) < 1e-6, id);
    }
  }
  assert.equal(cellWords(scoreOf('mean-first'), { n: 5, ids: IDS }, 0, 1, 1), 'not counted');
});

test('what a text does not define is absent and says so, never NaN', () => {
  const one = pattern([[1]]);
  assert.deepEqual([of('mean-previous', one, [0]).value, of('mean-current', one, [0]).value], [null, 1]);
  assert.equal(of('matching-induction', pattern([[1], [0.5, 0.5]]), [0, 1]).value, null);
  assert.equal(of('matching-induction', pattern([[1], [0.5, 0.5]]), [0, 1]).formula, 'nothing to divide by');
  assert.equal(of('detect-previous-mul-bos', one, [0]).value, null);
  assert.equal(of('stripe', pattern([[1], [0.5, 0.5]]), [0, 1]).value, null);
});

test('ties count for the dominant weight, and the thresholds are strict', () => {
  const tied = pattern([[1], [0.5, 0.5]]);
  assert.deepEqual(
    ['current', 'previous', 'first'].map((kind) => of(`dominant-${kind}`, tied, [0, 1]).value),
    [1, 1, 1],
  );
  const at = audit(
    scoreOf('dominant-current'),
    { weights: tied, n: 2, ids: [0, 1] },
    { ...THRESHOLDS, active: 0.5 },
  );
  assert.equal(at.numerator, 1);
});

test('a text of one token over and over marks every earlier cell once', () => {
  const n = 6;
  const ids = new Array(n).fill(3);
  const uniform = pattern(ids.map((_, query) => new Array(query + 1).fill(1 / (query + 1))));
  assert.deepEqual(picture('detect-induction-mul', uniform, ids), [
    'd.....',
    'd#....',
    'd##...',
    'd###..',
    'd####.',
    'd#####',
  ]);
  assert.ok(
    Math.abs(
      Number(of('matching-duplicate', uniform, ids).value) -
        Number(of('matching-duplicate', null, ids).value),
    ) < 1e-6,
  );
});

for (const name of readdirSync(FIXTURES).filter(
  (file) => file.startsWith('planted') || file.startsWith('random'),
)) {
  if (!name.endsWith('.expected.json')) continue;
  const model = name.replace('.expected.json', '');
  test(`${model}: every detector’s figure of every head is TransformerLens’, from the pattern`, () => {
    const expected = JSON.parse(readFileSync(new URL(name, FIXTURES), 'utf8'));
    const tensors = readTensors(new URL(`${model}.safetensors`, FIXTURES));
    const ids = Array.from(tensors.tokens.data);
    let compared = 0;
    expected.mean_scores.current.forEach((/** @type {number[]} */ heads, /** @type {number} */ layer) =>
      heads.forEach((_, head) => {
        const weights = patternIn(tensors[`pattern.${layer}`], head);
        /** @param {string} id @param {number[][]} scores */
        const near = (id, scores) => {
          const { value } = of(id, weights, ids);
          const known = scores[layer][head];
          assert.ok(
            value !== null && Math.abs(value - known) < 1e-4,
            `${id} of ${layer}.${head}: ${value}, expected ${known}`,
          );
          compared++;
        };
        for (const kind of ['current', 'previous', 'first']) {
          near(`dominant-${kind}`, expected.detectors[kind].fraction);
          near(`mean-${kind}`, expected.mean_scores[kind]);
        }
        for (const kind of ['previous', 'duplicate', 'induction']) {
          for (const measure of ['mul', 'abs'])
            near(
              `detect-${kind}-${measure}`,
              expected.head_detector[`${kind}_token_head`]?.[measure] ??
                expected.head_detector[`${kind}_head`][measure],
            );
        }
      }),
    );
    assert.ok(compared >= 48, `${compared} figures compared`);
  });
}

const GOLDEN = new URL('../../../shared/golden/attn_only_2L_half/', import.meta.url);
const golden = {
  skip: existsSync(GOLDEN)
    ? false
    : 'the notebook model’s golden patterns are not beside the project (../shared)',
};

test('the notebook’s model: its published stripes, and the two that disagree about 1.6', golden, () => {
  const published = JSON.parse(readFileSync(new URL('published.json', GOLDEN), 'utf8')).repeated;
  const { 'repeated.pattern': patterns } = readTensors(new URL('patterns.safetensors', GOLDEN));
  const n = patterns.shape[2];
  const ids = Array.from({ length: n }, (_, at) => (at === 0 ? 0 : ((at - 1) % 50) + 1));
  const nulls = { stripe: of('stripe', null, ids).value, strict: of('strict', null, ids).value };
  /** @type {string[]} */ const disagreeing = [];
  for (let layer = 0; layer < 2; layer++) {
    for (let head = 0; head < 12; head++) {
      const name = `${layer}.${head}`;
      const weights = patternIn(patterns, layer * 12 + head);
      const values = { stripe: of('stripe', weights, ids).value, strict: of('strict', weights, ids).value };
      for (const [id, known] of Object.entries({
        stripe: published.induction_stripe[name],
        strict: published.induction_strict_rows_51_to_100[name],
      })) {
        if (known === undefined) continue;
        const value = values[/** @type {'stripe' | 'strict'} */ (id)];
        assert.ok(Math.abs(Number(value) - known) < 1e-4, `${id} of ${name}: ${value}, published ${known}`);
      }
      const measured = /** @type {const} */ (['stripe', 'strict']).map((id) => ({
        id,
        value: values[id],
        nullLine: nulls[id],
      }));
      if (disagree(agreement(measured, THRESHOLDS))) disagreeing.push(name);
    }
  }
  // 1.6 has .0240 and .0091, as other heads that look at the BOS. Both measures name 1.4 and 1.10.
  assert.deepEqual(disagreeing, ['0.3', '1.0', '1.2', '1.5', '1.6', '1.11']);
});

test('the notebook’s paragraph: the heads that it names, by hand', golden, () => {
  const { prompt } = JSON.parse(readFileSync(new URL('published.json', GOLDEN), 'utf8'));
  const { 'prompt.pattern': patterns } = readTensors(new URL('patterns.safetensors', GOLDEN));
  for (const kind of ['current', 'previous', 'first']) {
    const named = Array.from({ length: 24 }, (_, at) => ({
      name: `${Math.floor(at / 12)}.${at % 12}`,
      weights: patternIn(patterns, at),
    }))
      .filter(
        ({ weights }) => Number(of(`dominant-${kind}`, weights, prompt.ids).value) > THRESHOLDS.fraction,
      )
      .map(({ name }) => name);
    assert.deepEqual(named, prompt.dominant_weight_detectors[kind], kind);
  }
});

test('definitions disagree when one names a head and another does not, unless its null line passes', () => {
  /** @param {number} dominant @param {number} mean @param {number} nullLine */
  const told = (dominant, mean, nullLine) =>
    agreement(
      [
        { id: 'dominant-previous', value: dominant, nullLine },
        { id: 'mean-previous', value: mean, nullLine: 0.1 },
        { id: 'detect-previous-mul', value: 0.3, nullLine: 0.1 },
      ],
      THRESHOLDS,
    );
  assert.equal(disagree(told(0.5, 0.5, 0.1)), false);
  assert.equal(disagree(told(0.5, 0.3, 0.1)), true);
  assert.equal(disagree(told(0.5, 0.3, 0.35)), false);
  assert.deepEqual(
    told(0.5, 0.3, 0.1).votes.map(({ id }) => id),
    ['dominant-previous', 'mean-previous'],
  );
});

test('mul disagrees where it is not above uniform attention and another definition names the head', () => {
  /** @param {number | null} matching @param {number} mul @param {number} without with the BOS excluded */
  const told = (matching, mul, without) =>
    agreement(
      [
        { id: 'matching-duplicate', value: matching, nullLine: 0.2 },
        { id: 'detect-duplicate-mul', value: mul, nullLine: 0.1 },
        { id: 'detect-duplicate-mul-bos', value: without, nullLine: 0.1 },
        { id: 'detect-duplicate-abs', value: -0.5, nullLine: 0.1 },
      ],
      THRESHOLDS,
    );
  // The head is named, and mul is not above uniform attention.
  assert.equal(told(0.5, 0.1, 0.15).nullLines, true);
  // Only the options differ: without the BOS all attention is on the duplicates.
  assert.equal(told(0.1, 0.05, 0.6).nullLines, true);
  assert.equal(told(0.1, 0.15, 0.6).nullLines, false);
  assert.equal(told(0.1, 0.05, 0.15).nullLines, false, 'a little above uniform attention speaks for nobody');
  assert.deepEqual(
    told(null, 0.3, 0.3).sides.map(({ id, times }) => [id, Math.round(times)]),
    [
      ['detect-duplicate-mul', 3],
      ['detect-duplicate-mul-bos', 3],
    ],
  );
  assert.equal(disagree(told(0.5, 0.1, 0.15)), true);
  const undefinedHere = agreement(
    [
      { id: 'detect-induction-mul', value: 0, nullLine: 0 },
      { id: 'strict', value: 0.9, nullLine: 0.01 },
    ],
    THRESHOLDS,
  );
  assert.equal(undefinedHere.nullLines, false, 'a text without repeats says nothing about either');
});

test('which head each definition ranks first is told, those that agree together', () => {
  const first = firstBy([
    {
      id: 'strict',
      scores: [
        [0.1, 0.2],
        [0.9, null],
      ],
    },
    {
      id: 'matching-induction',
      scores: [
        [0.1, 0.5],
        [0.4, null],
      ],
    },
    {
      id: 'detect-induction-mul',
      scores: [
        [0.1, 0.3],
        [0.2, null],
      ],
    },
    {
      id: 'detect-induction-abs',
      scores: [
        [-0.5, -0.1],
        [-0.3, null],
      ],
    },
    {
      id: 'stripe',
      scores: [
        [null, null],
        [null, null],
      ],
    },
    {
      id: 'dominant-first',
      scores: [
        [0, 0],
        [0, 0],
      ],
    },
  ]);
  assert.deepEqual(first, [
    { head: '0.1', ids: ['matching-induction', 'detect-induction-mul', 'detect-induction-abs'] },
    { head: '1.0', ids: ['strict'] },
  ]);
});

test('the two stripes disagree where one is twice the other and above its null line', () => {
  /** @param {number} stripe @param {number} strict */
  const told = (stripe, strict) =>
    agreement(
      [
        { id: 'stripe', value: stripe, nullLine: 0.0136 },
        { id: 'strict', value: strict, nullLine: 0.0133 },
      ],
      THRESHOLDS,
    ).stripes;
  assert.deepEqual(
    [told(0.024, 0.0091), told(0.9, 0.92), told(0.01, 0.001), told(0.01, 0.03)],
    [true, false, false, true],
  );
});

test('ids of scores are those of the table’s columns, and are read strictly', () => {
  for (const { id, threshold } of columns) {
    const score = parseScore(id);
    assert.ok(score, id);
    assert.equal(thresholdNameOf(score), threshold, id);
  }
  for (const wrong of [
    '',
    'mean',
    'mean-',
    'mean-induction',
    'detect-first-mul',
    'detect-previous-mul-current-bos',
    'stripe ',
    'Strict',
    null,
  ])
    assert.equal(parseScore(wrong), null, String(wrong));
  const all = Object.values(DEFINITIONS).flat().map(scoreOf);
  assert.equal(new Set(all.map(titleOf)).size, all.length, 'every definition has a name of its own');
  for (const score of all)
    assert.ok(
      Object.values(wordsOf(score, THRESHOLDS)).every((words) => words.length > 8),
      score.id,
    );
});

test('marks made small keep every bit, and say in words what they are', () => {
  const n = 100;
  const cells = new Uint8Array(n * n);
  for (let query = 1; query < n; query++) cells[query * n + query - 1] = NUMERATOR;
  cells[60 * n + 3] = DENOMINATOR;
  const levels = markLevels(cells, n);
  assert.deepEqual(
    levels.map(({ side, scale }) => [side, scale]),
    [
      [100, 1],
      [50, 2],
      [25, 4],
    ],
  );
  const { side, cells: pooled } = levels[2];
  for (let query = 0; query < side; query++)
    assert.ok(pooled[query * side + query] & NUMERATOR, `block ${query}`);
  assert.equal(pooled[15 * side], DENOMINATOR);
  assert.deepEqual([0, NUMERATOR, DENOMINATOR, BOTH].map(markWords), [
    null,
    'in the numerator',
    'in the denominator only',
    'in the numerator and the denominator',
  ]);
});

test('marks of a long text come a step at a time, once', async () => {
  const n = 700;
  let times = 0;
  const marks = () => {
    times++;
    return new Uint8Array(n * n).fill(DENOMINATOR);
  };
  const found = /** @type {any} */ ({ marks });
  let told = 0;
  /** @type {() => void} */ let made = () => {};
  const done = new Promise((resolve) => (made = () => resolve(undefined)));
  const ready = () => {
    told++;
    made();
  };
  assert.equal(marksOf(found, n, ready), null);
  assert.equal(marksOf(found, n, ready), null);
  assert.equal(times, 0, 'nothing is made in the frame that asks');
  await done;
  assert.deepEqual([times, told], [1, 1]);
  assert.equal(marksOf(found, n, ready)?.[0].side, n);
  const short = /** @type {any} */ ({ marks: () => new Uint8Array(9) });
  assert.equal(marksOf(short, 3, ready)?.length, 1);
});

test('what an audit lacks is told, one thing at a time', () => {
  const at = (/** @type {Partial<import('../../www/state/view.js').View>} */ view) => {
    const found = audited(analysedState(view));
    return 'lacks' in found ? found.lacks : 'nothing';
  };
  assert.equal(at({}), 'no score');
  assert.equal(at({ score: 'nonsense' }), 'unknown');
  assert.equal(at({ score: 'mean-first' }), 'no head');
  assert.equal(at({ score: 'mean-first', head: '0.1' }), 'on its way');
  assert.equal(at({ score: 'mean-first', head: '0.1', weighted: 'value' }), 'weighted');
  assert.equal(at({ score: 'strict', head: '0.1' }), 'not a repeat');
  const state = reduce(analysedState({ score: 'mean-first', head: '0.1' }), {
    type: 'pattern',
    pattern: { head: '0.1', by: 'attention', weights: new Float32Array(100).fill(0.25), max: 1 },
  });
  const found = audited(state);
  assert.ok(!('lacks' in found));
  assert.equal(found.audit.value, 0.25);
  assert.equal(
    audited(reduce(state, { type: 'thresholds', mean: 0.9 })),
    found,
    'a threshold that only judges makes nothing anew',
  );
});
