// Tests the records of the score families: what is derived from them, and what links fix.
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import test from 'node:test';
import {
  FAMILIES,
  familyOf,
  KINDS,
  LINK_SCORES,
  OVER_SEQUENCES,
  parseScore,
  SCORES,
  scoreOf,
  scoresFor,
} from '../../www/figures/scores/index.js';
import { columns } from '../../www/figures/table.js';
import { verdictWords } from '../../www/figures/verdict_words.js';
import { digestOf } from '../../www/link/digest.js';
import { options } from '../../www/studies/options.js';
import { detection } from './fixtures.js';

const THRESHOLDS = { active: 0.4, fraction: 0.3, mean: 0.4 };

test('every kind of head is judged by a score of its own that has a column and a threshold', () => {
  for (const { kind, judge } of KINDS) {
    const score = scoreOf(judge);
    assert.equal(score.kind, kind);
    assert.ok(score.column && score.threshold, judge);
  }
  assert.deepEqual(
    KINDS.map(({ kind }) => scoresFor(kind).length),
    [2, 10, 2, 1, 12, 9],
  );
});

test('ids, titles and columns are of one score each, and a family knows its scores', () => {
  assert.equal(new Set(SCORES.map(({ id }) => id)).size, SCORES.length);
  assert.equal(new Set(FAMILIES.map(({ name }) => name)).size, FAMILIES.length);
  for (const family of FAMILIES) for (const score of family.scores) assert.equal(familyOf(score), family);
  assert.deepEqual(
    columns.map(({ id }) => id),
    SCORES.filter(({ column }) => column).map(({ id }) => id),
  );
  assert.deepEqual(
    columns.map(({ id }) => id),
    [
      ...['dominant-current', 'dominant-previous', 'dominant-first'],
      ...['mean-current', 'mean-previous', 'mean-first'],
      'offset',
      ...['matching-induction', 'matching-duplicate'],
      'neuronpedia-induction',
      ...['detect-previous-mul', 'detect-previous-abs', 'detect-duplicate-mul', 'detect-duplicate-abs'],
      ...['detect-induction-mul', 'detect-induction-abs'],
    ],
  );
});

test('ids of scores are those of the table’s columns, and are read strictly', () => {
  for (const { id, threshold } of columns) {
    const score = parseScore(id);
    assert.ok(score, id);
    assert.equal(score.threshold, threshold, id);
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
  const all = KINDS.flatMap(({ kind }) => scoresFor(kind));
  assert.equal(all.length, SCORES.length, 'every score looks for a kind of head');
  assert.equal(new Set(all.map(({ title }) => title)).size, all.length, 'every definition has its own title');
  for (const score of all)
    assert.ok(
      Object.values(score.words(THRESHOLDS)).every((words) => words.length > 8),
      score.id,
    );
});

test('the two stripes name each other, and only they are measured over sequences', () => {
  assert.deepEqual(
    OVER_SEQUENCES.map(({ id, sameAs }) => [id, sameAs]),
    [
      ['stripe', 'strict'],
      ['strict', 'stripe'],
    ],
  );
  for (const score of SCORES) assert.equal(score.repeatsOnly, score.overSequences !== null, score.id);
});

test('a proportional score without a threshold is compared with the uniform baseline', () => {
  /** @param {string} id */
  const words = (id) => verdictWords(scoreOf(id), 0.32, 0.1, THRESHOLDS);
  assert.match(words('detect-previous-mul'), /no threshold.* It is 3\.2 times the uniform baseline\.$/);
  assert.match(words('detect-previous-abs'), /no threshold for this score\.$/);
  assert.equal(words('mean-first'), '0.320 ≤ 0.40: the head is not named');
  assert.match(
    verdictWords(scoreOf('detect-previous-mul'), 0.1, 0.1, THRESHOLDS),
    /not above the uniform baseline\.$/,
  );
  assert.equal(
    verdictWords(scoreOf('mean-first'), null, 0.1, THRESHOLDS),
    'The score is not defined on this text.',
  );
});

test('the digest of version 1 has four scores in a fixed order, two characters a figure', () => {
  assert.deepEqual([...LINK_SCORES], ['mean-current', 'mean-previous', 'mean-first', 'matching-induction']);
  const figures = detection(
    (_layer, head, kind) => ({ current: 0, previous: 0.25, first: 0.5 })[kind] ?? (head ? 1 : null),
  );
  // 0 is AA, 1/4 is step 1024 (QA), 1/2 is step 2047 (f_), undefined is step 4095 (__), 1 is step 4094 (_-).
  const expected = ['AA'.repeat(6), 'QA'.repeat(6), 'f_'.repeat(6), '___-_-'.repeat(2)].join('');
  assert.equal(digestOf(figures, 62), `62.${expected}`);
});

test('the study of options has its figures in the order of links already sent', () => {
  const names = options.figures?.({ head: '0.1', scores: {} }).map(({ what }) => what) ?? [];
  const order = ['previous', 'induction', 'duplicate'].flatMap((kind) =>
    ['mul', 'abs'].flatMap((measure) =>
      ['exclude_bos', 'exclude_current_token', 'exclude_bos, exclude_current_token'].map(
        (named) => `TransformerLens detect_head, ${kind}, ${measure}, ${named} of head 0.1`,
      ),
    ),
  );
  assert.deepEqual(names, order);
});

const DEFINITIONS = new URL('../../docs/definitions.md', import.meta.url);
const documented = { skip: existsSync(DEFINITIONS) ? false : 'docs/definitions.md is not there yet' };

test('every family has its definition in docs/definitions.md', documented, () => {
  const headings = readFileSync(DEFINITIONS, 'utf8').matchAll(/^#+ (.*)$/gm);
  const anchors = [...headings].map(([, heading]) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, '')
      .replace(/\s/g, '-'),
  );
  for (const { name, anchor } of FAMILIES) assert.ok(anchors.includes(anchor), `${name}: #${anchor}`);
});
