import assert from 'node:assert/strict';
import test from 'node:test';
import { cellFigures, spread } from '../../www/figures/sampled.js';
import {
  compare,
  compareFindings,
  digestOf,
  findingsDigest,
  isDigest,
  isFindings,
  TOLERANCE,
} from '../../www/link/digest.js';
import { detection } from './fixtures.js';

/** @param {number} layer @param {number} head @param {string} kind */
const scoreAt = (layer, head, kind) =>
  kind === 'induction' && head === 2 ? null : ((layer * 7 + head * 3 + kind.length) % 11) / 10.7;

test('figures compared with themselves are reproduced', () => {
  const figures = detection(scoreAt);
  const digest = digestOf(figures, 62);
  assert.ok(isDigest(digest), digest);
  const { same, compared, worst } = compare(digest, figures, 62);
  assert.equal(same, true);
  assert.equal(compared, 24);
  assert.ok((worst?.difference ?? 1) <= 1 / 4094);
});

test('a difference between two backends is reproduced, wherever the rounding falls', () => {
  for (let shift = 0; shift < 200; shift++) {
    const figures = detection((...at) => (scoreAt(...at) ?? 0) * 0.99 + shift * 1e-5);
    const other = detection((...at) => (scoreAt(...at) ?? 0) * 0.99 + shift * 1e-5 + 1e-4);
    assert.equal(compare(digestOf(figures, 9), other, 9).same, true, `shift ${shift}`);
  }
});

test('a difference is a number, with the head of the largest difference', () => {
  const theirs = detection(() => 0.25);
  const ours = detection((layer, head, kind) =>
    kind === 'first' && layer === 1 && head === 2 ? 0.75 : 0.25 + TOLERANCE / 2,
  );
  const { same, worst } = compare(digestOf(theirs, 9), ours, 9);
  assert.equal(same, false);
  assert.equal(worst?.what, 'first token of head 1.2');
  assert.ok(Math.abs((worst?.difference ?? 0) - 0.5) < 1e-3);
});

test('another number of tokens, of heads, or an absent score is a difference', () => {
  const figures = detection(scoreAt);
  assert.deepEqual(compare(digestOf(figures, 62), figures, 63).tokens, [62, 63]);
  assert.equal(compare(digestOf(figures, 62), figures, 63).same, false);
  assert.equal(compare(digestOf(figures, 62), detection(scoreAt, { nHeads: 4 }), 62).same, false);
  assert.equal(
    compare(
      digestOf(
        detection(() => null),
        62,
      ),
      detection(() => 0.5),
      62,
    ).same,
    false,
  );
});

test('a model of many heads has a digest no longer than the cap', () => {
  const many = detection(scoreAt, { nLayers: 12, nHeads: 16 });
  const digest = digestOf(many, 2048);
  assert.ok(digest.length <= 5 + 512, String(digest.length));
  assert.ok(isDigest(digest));
  assert.equal(compare(digest, many, 2048).same, true);
});

test('a digest made by a stranger is compared, never trusted', () => {
  const figures = detection(scoreAt);
  assert.equal(compare('62.AA', figures, 62).same, false);
  assert.equal(compare(`62.${'_'.repeat(48)}`, figures, 62).same, false);
  for (const wrong of ['', '62', '62.', '62.A', '.AA', '62.A!', `62.${'AA'.repeat(257)}`, '<b>.AA'])
    assert.equal(isDigest(wrong), false, wrong);
});

test('figures beyond the ends of a digest count as the nearest end, and are not absent', () => {
  const logits = [40, -33.5, 31.99, Infinity].map((value, at) => ({ what: `logit ${at}`, value }));
  const digest = findingsDigest([{ kind: 'attribution', figures: logits }]) ?? '';
  assert.equal(compareFindings(digest, 'attribution', logits)?.same, true);
  for (const other of [null, 12, -40]) {
    const moved = compareFindings(
      digest,
      'attribution',
      logits.map((figure, at) => (at === 0 ? { ...figure, value: other } : figure)),
    );
    assert.deepEqual([moved?.same, moved?.worst?.what], [false, 'logit 0'], String(other));
  }
});

test('only the figures of a sample are made', () => {
  let made = 0;
  const figures = spread(53_000, (at) => {
    made++;
    return { what: `figure ${at}`, value: at };
  });
  assert.deepEqual([figures.length, made, figures[1].value], [255, 255, 208]);
  assert.deepEqual(
    spread(3, (at) => ({ what: '', value: at })).map(({ value }) => value),
    [0, 1, 2],
  );
  const cells = cellFigures(
    Float32Array.from({ length: 9 }, (_, at) => at),
    3,
    'weight',
    64,
  );
  assert.deepEqual(
    cells.map(({ value }) => value),
    [0, 3, 4, 6, 7, 8],
  );
  assert.equal(cells[4].what, 'weight, query 2, key 1');
  assert.equal(cellFigures(new Float32Array(4096), 64, 'weight', 64).length <= 64, true);
});

test('findings of several kinds share a digest, and each kind is compared with its own', () => {
  const losses = [-0.24, -12.4, 0, 9.125, null, 31.9].map((value, at) => ({ what: `loss ${at}`, value }));
  const scores = [0.5, 1].map((value, at) => ({ what: `score ${at}`, value }));
  const digest = findingsDigest([
    { kind: 'losses', figures: losses },
    { kind: 'all-scores', figures: scores },
  ]);
  assert.ok(digest && isFindings(digest), String(digest));
  const again = compareFindings(digest, 'losses', losses);
  assert.deepEqual([again?.same, again?.compared], [true, 6]);
  assert.ok((again?.worst?.difference ?? 1) <= 1 / 4096);
  const moved = losses.map(({ what, value }, at) => ({ what, value: at === 3 ? 9.5 : value }));
  const other = compareFindings(digest, 'losses', moved);
  assert.deepEqual([other?.same, other?.worst?.what], [false, 'loss 3']);
  assert.ok(Math.abs((other?.worst?.difference ?? 0) - 0.375) < 1e-3);
  assert.equal(compareFindings(digest, 'all-scores', scores)?.same, true);
  assert.equal(compareFindings(digest, 'all-scores', scores.slice(1))?.same, false);
  assert.equal(compareFindings(digest, 'scores', scores), null);
  assert.equal(findingsDigest([]), null);
  for (const wrong of [
    '',
    'losses',
    'losses.',
    'losses.AA',
    'Losses.AAA',
    'losses.AAA~',
    '<b>.AAA',
    `a.${'AAA'.repeat(4000)}`,
  ])
    assert.equal(isFindings(wrong), false, wrong.slice(0, 20));
});
