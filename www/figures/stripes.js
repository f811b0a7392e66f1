/**
 * The two stripes where they are measured: on a draw of repeated sequences, by hand, with their formulas
 * filled in, beside
 * what they come to over all draws. Pure.
 *
 * @typedef {import('../engine/experiments.js').Repeated} Repeated
 * @typedef {'stripe' | 'strict'} StripeId
 * @typedef {{ value: number, sd: number | null, draws: number }} Over      the mean over the draws; sd null
 *   for a single one
 * @typedef
 *   {{ id: StripeId, score: import('./scores.js').Score, audit: import('./audit.js').Audit, nullLine: number | null, over: Over | null }}
 *   Stripe
 */

import { audit, engineSaid, nullValue } from './audit.js';
import { agreement } from './definitions.js';
import { nameOf, parseHead } from '../base/heads.js';
import { figure } from '../base/format.js';
import { scoreOf } from './scores.js';

/** @type {readonly StripeId[]} */
export const STRIPES = Object.freeze(['stripe', 'strict']);

/** Neither looks at a threshold to be made. */
const NONE = { active: 0, fraction: 0, mean: 0 };

/**
 * What uniform attention scores: the same on every draw of a length.
 * @param {StripeId} id
 * @param {Pick<Repeated, 'tokens'>} of
 */
export const stripeNull = (id, { tokens }) =>
  nullValue(scoreOf(id), { n: tokens[0].length, ids: tokens[0] }, NONE);

/**
 * A head's stripe over all draws.
 * @param {StripeId} id
 * @param {Repeated} of
 * @param {string} head
 * @returns {Over | null}
 */
export function overDraws(id, of, head) {
  const at = parseHead(head);
  const value = at && of[id][at.layer]?.[at.head];
  if (!at || value === null || value === undefined) return null;
  const draws = of.tokens.length;
  return { value, sd: draws > 1 ? (id === 'strict' ? of.sd : of.stripeSd)[at.layer][at.head] : null, draws };
}

/**
 * Both stripes of a head on one draw.
 * @param {{ ids: Uint32Array, weights: Float32Array, head: string }} draw
 * @param {Repeated | null} of all draws, while they are known
 * @returns {Stripe[]}
 */
export function stripesOn({ ids, weights, head }, of) {
  const subject = { weights, n: ids.length, ids };
  return STRIPES.map((id) => {
    const score = scoreOf(id);
    return {
      id,
      score,
      audit: audit(score, subject, NONE),
      nullLine: nullValue(score, subject, NONE),
      over: of && overDraws(id, of, head),
    };
  });
}

/** A mean over draws in words, with its spread. @param {Over} over */
export const overWords = ({ value, sd, draws }) =>
  sd === null
    ? `${figure(value, 3)}, this draw is the only one`
    : `${figure(value, 3)} ± ${figure(sd, 3)} over ${draws} draws`;

/**
 * Whether the engine's figure is the one made here from the pattern; of several draws it gives their mean
 * alone.
 * @param {number | null} value of the one draw @param {Over} over
 */
export const engineWords = (value, over) =>
  over.draws > 1
    ? 'It gives the mean over the draws, each counted without its pattern.'
    : engineSaid(over.value, value);

/**
 * The heads that the two stripes disagree about, and how.
 * @param {Repeated} of @param {import('./heads.js').Thresholds} thresholds @returns {Map<string, string>}
 */
export function stripesApart(of, thresholds) {
  const nullLines = STRIPES.map((id) => stripeNull(id, of));
  /** @type {Map<string, string>} */ const found = new Map();
  of.stripe.forEach((row, layer) =>
    row.forEach((_, head) => {
      const measured = STRIPES.map((id, at) => ({ id, value: of[id][layer][head], nullLine: nullLines[at] }));
      const { atThresholds, stripes } = agreement(measured, thresholds);
      const [stripe, strict] = measured;
      if (atThresholds || stripes)
        found.set(
          nameOf(layer, head),
          `notebook’s ${figure(stripe.value, 3)}, strict ${figure(strict.value, 3)}`,
        );
    }),
  );
  return found;
}
