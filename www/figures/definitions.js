/**
 * The definitions of one kind of head, side by side, and whether they agree about a head.
 *
 * Two disagree at the thresholds when one names the head and another does not. One whose null line passes its
 * own threshold
 * has no say. TransformerLens' `mul` has no threshold, and is held against its null line instead: it
 * disagrees where it is not
 * above what uniform attention scores while another names the head, or is at least twice its own; with
 * `exclude_bos` a head
 * that rests on the BOS is judged by the little that is left. `abs` takes no part in that: with something
 * excluded it rewards
 * a head for what it leaves out. Which head comes first, every definition says. The two stripes measure the
 * same thing, and also disagree where one is
 * at least twice the other and the larger is above its null line: what the notebook's has more comes from the
 * two cells
 * outside the second copy, which point at the BOS.
 *
 * @typedef {import('./heads.js').Kind} Kind
 * @typedef {import('./heads.js').Thresholds} Thresholds
 * @typedef {{ id: string, value: number | null, nullLine: number | null }} Measured
 * @typedef {{ id: string, named: boolean }} Vote
 * @typedef {{ id: string, times: number }} Side           how many times its null line a score is
 * @typedef {{ votes: Vote[], sides: Side[], atThresholds: boolean, nullLines: boolean, stripes: boolean }}
 *   Agreement
 * @typedef {{ head: string, ids: string[] }} First         the definitions that rank a head first
 */

import { above } from './heads.js';
import { scoreOf, thresholdNameOf } from './scores.js';

const OPTIONS = ['', '-bos', '-current', '-bos-current'];
/** @param {string} kind */
const detect = (kind) =>
  ['mul', 'abs'].flatMap((measure) => OPTIONS.map((option) => `detect-${kind}-${measure}${option}`));

/** The scores that define each kind. @type {Readonly<Record<Kind, readonly string[]>>} */
export const DEFINITIONS = Object.freeze({
  current: ['dominant-current', 'mean-current'],
  previous: ['dominant-previous', 'mean-previous', ...detect('previous')],
  first: ['dominant-first', 'mean-first'],
  induction: ['matching-induction', ...detect('induction'), 'stripe', 'strict'],
  duplicate: ['matching-duplicate', ...detect('duplicate')],
});

/**
 * How many times one stripe is the other when they disagree, or a score its null line when it speaks for a
 * head.
 */
const RATIO = 2;

/** @param {Measured[]} measured of one head @param {Thresholds} thresholds @returns {Agreement} */
export function agreement(measured, thresholds) {
  const votes = measured.flatMap(({ id, value, nullLine }) => {
    const name = thresholdNameOf(scoreOf(id));
    if (name === null || value === null || (nullLine ?? 0) > thresholds[name]) return [];
    return [{ id, named: value > thresholds[name] }];
  });
  const sides = measured.flatMap(({ id, value, nullLine }) => {
    const score = scoreOf(id);
    const says =
      score.family === 'detect' &&
      score.measure === 'mul' &&
      value !== null &&
      nullLine !== null &&
      nullLine > 0;
    return says ? [{ id, times: value / nullLine }] : [];
  });
  const [stripe, strict] = ['stripe', 'strict'].map((wanted) => measured.find(({ id }) => id === wanted));
  return {
    votes,
    sides,
    atThresholds: votes.some(({ named }) => named) && votes.some(({ named }) => !named),
    nullLines:
      sides.some(({ times }) => times <= 1) &&
      (votes.some(({ named }) => named) || sides.some(({ times }) => times >= RATIO)),
    stripes: Boolean(stripe && strict && far(stripe, strict)),
  };
}

/** @param {Measured} one @param {Measured} other */
function far(one, other) {
  if (one.value === null || other.value === null) return false;
  const [less, more] = one.value < other.value ? [one, other] : [other, one];
  return Number(more.value) >= RATIO * Number(less.value) && Number(more.value) > (more.nullLine ?? 0);
}

/** Whether definitions disagree in any way. @param {Agreement} agreed */
export const disagree = ({ atThresholds, nullLines, stripes }) => atThresholds || nullLines || stripes;

/**
 * Which head each definition ranks first, those that say the same together, the one most say first. A
 * definition that no head
 * scores above nothing by has none.
 * @param {{ id: string, scores: import('./heads.js').Scores }[]} definitions @returns {First[]}
 */
export function firstBy(definitions) {
  /** @type {Map<string, string[]>} */ const heads = new Map();
  for (const { id, scores } of definitions) {
    const { best } = above(scores, -Infinity);
    if (best && (best.score > 0 || id.includes('-abs')))
      heads.set(best.name, [...(heads.get(best.name) ?? []), id]);
  }
  return [...heads]
    .map(([head, ids]) => ({ head, ids }))
    .sort((one, other) => other.ids.length - one.ids.length);
}
