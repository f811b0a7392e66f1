/**
 * The definitions of one kind of head side by side, and where they disagree about a head. Pure.
 *
 * - Two definitions disagree at the thresholds when one names the head and the other does not. A definition
 *   has no vote when uniform attention passes its threshold.
 * - `mul` has no threshold. It is compared with the uniform baseline, and disagrees when it is not above the
 *   baseline while another definition speaks for the head: by naming it, or with at least `RATIO` times its
 *   baseline. With `exclude_bos`, the little attention beside the BOS judges a head that rests on the BOS.
 * - `abs` takes no part: with excluded cells it rewards a head for the cells that it leaves out.
 * - The two stripes measure the same thing. They also disagree when one is at least `RATIO` times the other
 *   and the larger is above its baseline and above `FLOOR`. Only the notebook's stripe counts two cells that
 *   point at the BOS.
 *
 * @typedef {import('./scores/record.js').Thresholds} Thresholds
 * @typedef {{ id: string, value: number | null, uniform: number | null }} Measured   of one head
 * @typedef {{ id: string, named: boolean }} Vote
 * @typedef {{ id: string, times: number, value: number }} Ratio   a score as a multiple of its baseline
 *
 * @typedef {object} Agreement
 * @property {Vote[]} votes
 * @property {Ratio[]} ratios
 * @property {boolean} atThresholds       they disagree at the thresholds
 * @property {boolean} atUniform          `mul` is not above the baseline, and another definition speaks for
 *   the head
 * @property {boolean} stripes            one stripe is at least `RATIO` times the other
 *
 * @typedef {{ head: string, ids: string[] }} First       the definitions that rank a head first
 */

import { above } from './heads.js';
import { scoreOf } from './scores/index.js';
import { timesUniform, uniformPasses } from './verdict_words.js';

/**
 * How far apart two measures of the same thing disagree, and how far above its baseline a score is evidence.
 */
const RATIO = 2;

/** Scores below this show nothing, so they cannot disagree. */
const FLOOR = 0.05;

/** @param {Measured[]} measured of one head @param {Thresholds} thresholds @returns {Agreement} */
export function agreement(measured, thresholds) {
  const votes = measured.flatMap(({ id, value, uniform }) => {
    const score = scoreOf(id);
    if (score.threshold === null || value === null || uniformPasses(score, uniform, thresholds)) return [];
    return [{ id, named: value > thresholds[score.threshold] }];
  });
  const ratios = measured.flatMap(({ id, value, uniform }) => {
    const times = timesUniform(scoreOf(id), value, uniform);
    return times === null ? [] : [{ id, times, value: value ?? 0 }];
  });
  const someNamed = votes.some(({ named }) => named);
  return {
    votes,
    ratios,
    atThresholds: someNamed && votes.some(({ named }) => !named),
    atUniform:
      ratios.some(({ times }) => times <= 1) &&
      (someNamed || ratios.some(({ times, value }) => times >= RATIO && value > FLOOR)),
    stripes: measured.some((one) => {
      const other = measured.find(({ id }) => id === scoreOf(one.id).sameAs);
      return other !== undefined && farAbove(one, other);
    }),
  };
}

/** @param {Measured} one @param {Measured} other */
const farAbove = (one, other) =>
  one.value !== null &&
  other.value !== null &&
  one.value >= other.value &&
  one.value >= RATIO * other.value &&
  one.value > Math.max(FLOOR, one.uniform ?? 0);

/** Whether definitions disagree in any way. @param {Agreement} agreed */
export const disagree = ({ atThresholds, atUniform, stripes }) => atThresholds || atUniform || stripes;

/**
 * The head that each definition ranks first. Definitions of the same head stand together, the largest group
 * first. A definition ranks no head first when no head scores above 0, unless its score is signed.
 * @param {{ id: string, scores: import('./heads.js').Scores }[]} definitions @returns {First[]}
 */
export function firstBy(definitions) {
  /** @type {Map<string, string[]>} */ const heads = new Map();
  for (const { id, scores } of definitions) {
    const { best } = above(scores, -Infinity);
    if (best && (best.score > 0 || scoreOf(id).signed))
      heads.set(best.name, [...(heads.get(best.name) ?? []), id]);
  }
  return [...heads]
    .map(([head, ids]) => ({ head, ids }))
    .sort((one, other) => other.ids.length - one.ids.length);
}
