/**
 * What the page says of one score: whether it names a head, and how it compares with the uniform baseline.
 * Pure.
 *
 * @typedef {import('./scores/record.js').Score} Score
 * @typedef {import('./scores/record.js').Thresholds} Thresholds
 */

import { figure } from '../base/format.js';

/**
 * Whether a score names a head, in words. A score without a threshold is compared with the uniform baseline.
 * @param {Score} score
 * @param {number | null} value
 * @param {number | null} uniform
 * @param {Thresholds} thresholds
 */
export function verdictWords(score, value, uniform, thresholds) {
  if (value === null) return 'The score is not defined on this text.';
  if (score.threshold === null) {
    const beside = besideUniform(score, value, uniform);
    return `TransformerLens gives no threshold for this score.${beside ? ` It is ${beside}.` : ''}`;
  }
  const threshold = thresholds[score.threshold];
  return value > threshold
    ? `${figure(value, 3)} > ${figure(threshold)}: the head is named`
    : `${figure(value, 3)} ≤ ${figure(threshold)}: the head is not named`;
}

/**
 * The uniform baseline in words, and whether it passes the threshold.
 * @param {Score} score
 * @param {number | null} uniform
 * @param {Thresholds} thresholds
 * @param {string} on what the baseline is of: `this text`
 */
export function uniformWords(score, uniform, thresholds, on) {
  const passes = uniformPasses(score, uniform, thresholds)
    ? '. It passes the threshold: the score says nothing here'
    : '';
  return `${figure(uniform, 3)}, what uniform attention scores on ${on}${passes}`;
}

/** @param {Score} score @param {number | null} uniform @param {Thresholds} thresholds */
export const uniformPasses = ({ threshold }, uniform, thresholds) =>
  threshold !== null && uniform !== null && uniform > thresholds[threshold];

/**
 * How a proportional score compares with the uniform baseline: `3.2 times the uniform baseline`. Null for
 * other scores: `abs` goes below 0, and with excluded cells it rewards a head for the cells that it leaves
 * out.
 * @param {Score} score @param {number | null} value @param {number | null} uniform @returns {string | null}
 */
export function besideUniform(score, value, uniform) {
  const times = timesUniform(score, value, uniform);
  if (times === null) return null;
  return times > 1 ? `${figure(times, 1)} times the uniform baseline` : 'not above the uniform baseline';
}

/**
 * A score as a multiple of the uniform baseline; null where the ratio means nothing.
 * @param {Score} score @param {number | null} value @param {number | null} uniform
 */
export const timesUniform = ({ proportional }, value, uniform) =>
  proportional && value !== null && uniform !== null && uniform > 0 ? value / uniform : null;
