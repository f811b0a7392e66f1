/**
 * The definitions of one kind of head, side by side, and whether they agree about a head.
 *
 * Two disagree at the thresholds when one names the head and another does not. One whose null line passes its own threshold
 * has no say, and neither has one without a threshold. The two stripes measure the same thing, and also disagree where one is
 * at least twice the other and the larger is above its null line: what the notebook's has more comes from the two cells
 * outside the second copy, which point at the BOS.
 *
 * @typedef {import('./heads.js').Kind} Kind
 * @typedef {import('./heads.js').Thresholds} Thresholds
 * @typedef {{ id: string, value: number | null, nullLine: number | null }} Measured
 * @typedef {{ id: string, named: boolean }} Vote
 * @typedef {{ votes: Vote[], atThresholds: boolean, stripes: boolean }} Agreement
 */

import { scoreOf, thresholdNameOf } from './scores.js';

const OPTIONS = ['', '-bos', '-current', '-bos-current'];
/** @param {string} kind */
const detect = (kind) => ['mul', 'abs'].flatMap((measure) => OPTIONS.map((option) => `detect-${kind}-${measure}${option}`));

/** The scores that define each kind. @type {Readonly<Record<Kind, readonly string[]>>} */
export const DEFINITIONS = Object.freeze({
  current: ['dominant-current', 'mean-current'],
  previous: ['dominant-previous', 'mean-previous', ...detect('previous')],
  first: ['dominant-first', 'mean-first'],
  induction: ['matching-induction', ...detect('induction'), 'stripe', 'strict'],
  duplicate: ['matching-duplicate', ...detect('duplicate')],
});

/** How many times one stripe is the other when they disagree. */
export const STRIPE_RATIO = 2;

/** @param {Measured[]} measured of one head @param {Thresholds} thresholds @returns {Agreement} */
export function agreement(measured, thresholds) {
  const votes = measured.flatMap(({ id, value, nullLine }) => {
    const name = thresholdNameOf(scoreOf(id));
    if (name === null || value === null || (nullLine ?? 0) > thresholds[name]) return [];
    return [{ id, named: value > thresholds[name] }];
  });
  const [stripe, strict] = ['stripe', 'strict'].map((wanted) => measured.find(({ id }) => id === wanted));
  return {
    votes,
    atThresholds: votes.some(({ named }) => named) && votes.some(({ named }) => !named),
    stripes: Boolean(stripe && strict && far(stripe, strict)),
  };
}

/** @param {Measured} one @param {Measured} other */
function far(one, other) {
  if (one.value === null || other.value === null) return false;
  const [less, more] = one.value < other.value ? [one, other] : [other, one];
  return Number(more.value) >= STRIPE_RATIO * Number(less.value) && Number(more.value) > (more.nullLine ?? 0);
}

/** Whether definitions disagree in either way. @param {Agreement} agreed */
export const disagree = ({ atThresholds, stripes }) => atThresholds || stripes;
