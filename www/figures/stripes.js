/**
 * Both induction stripes of a head: summed from its pattern on one sequence of repeated tokens, beside the
 * engine's mean over all sequences. Pure.
 *
 * @typedef {import('./scores/record.js').Repeated} Repeated
 * @typedef {import('./scores/record.js').Score} Score
 *
 * @typedef {object} Over                 a score over all sequences
 * @property {number} value               the mean
 * @property {number | null} sd           the standard deviation; null for a single sequence
 * @property {number} sequences
 *
 * @typedef {object} Stripe               on one sequence
 * @property {Score} score
 * @property {import('./audit.js').Audit} audit
 * @property {number | null} uniform      the score of uniform attention
 * @property {Over | null} over           null while the engine computes it
 */

import { figure } from '../base/format.js';
import { nameOf, parseHead } from '../base/heads.js';
import { audit, engineWords, NO_THRESHOLDS, uniformValue } from './audit.js';
import { agreement } from './definitions.js';
import { OVER_SEQUENCES } from './scores/index.js';

/** Names for a list in which every figure is a stripe. @type {Readonly<Record<string, string>>} */
const SHORT_NAMES = Object.freeze({ stripe: 'notebook’s', strict: 'strict' });

/**
 * The score of uniform attention: the same on every sequence of a length.
 * @param {Score} score
 * @param {Pick<Repeated, 'tokens'>} of
 */
export const uniformStripe = (score, { tokens }) =>
  uniformValue(score, { n: tokens[0].length, ids: tokens[0] }, NO_THRESHOLDS);

/**
 * A head's score over all sequences; null for a head that the model does not have.
 * @param {Score} score
 * @param {Repeated} of
 * @param {string} head
 * @returns {Over | null}
 */
export function overSequences({ overSequences: engine }, of, head) {
  const at = parseHead(head);
  const value = at && engine?.scores(of)[at.layer]?.[at.head];
  if (!at || !engine || value === null || value === undefined) return null;
  const sequences = of.tokens.length;
  return { value, sd: sequences > 1 ? engine.sd(of)[at.layer][at.head] : null, sequences };
}

/**
 * Both stripes of a head on one sequence.
 * @param {{ ids: Uint32Array, weights: Float32Array, head: string }} sequence weights: `[query_pos, key_pos]`
 * @param {Repeated | null} of all sequences; null while they are unknown
 * @returns {Stripe[]}
 */
export function stripesOn({ ids, weights, head }, of) {
  const subject = { weights, n: ids.length, ids };
  return OVER_SEQUENCES.map((score) => ({
    score,
    audit: audit(score, subject, NO_THRESHOLDS),
    uniform: uniformValue(score, subject, NO_THRESHOLDS),
    over: of && overSequences(score, of, head),
  }));
}

/** The mean and the spread over all sequences, in words. @param {Over} over */
export const overWords = ({ value, sd, sequences }) =>
  sd === null
    ? `${figure(value, 3)}, the only sequence`
    : `${figure(value, 3)} ± ${figure(sd, 3)} over ${sequences} sequences`;

/**
 * How the engine's figure compares with the sum from the pattern, in words. Of several sequences the engine
 * gives only the mean.
 * @param {number | null} value on the one sequence @param {Over} over
 */
export const engineStripeWords = (value, over) =>
  over.sequences > 1
    ? 'Gives the mean over the sequences, computed without patterns.'
    : engineWords(over.value, value);

/**
 * The heads about which the two stripes disagree, each with both figures in words.
 * @param {Repeated} of @param {import('./heads.js').Thresholds} thresholds @returns {Map<string, string>}
 */
export function stripesApart(of, thresholds) {
  const uniforms = OVER_SEQUENCES.map((score) => uniformStripe(score, of));
  /** @type {Map<string, string>} */ const found = new Map();
  of.strict.forEach((row, layer) =>
    row.forEach((_, head) => {
      const name = nameOf(layer, head);
      const measured = OVER_SEQUENCES.map((score, at) => ({
        id: score.id,
        value: overSequences(score, of, name)?.value ?? null,
        uniform: uniforms[at],
      }));
      const { atThresholds, stripes } = agreement(measured, thresholds);
      if (!atThresholds && !stripes) return;
      const words = measured.map(({ id, value }) => `${SHORT_NAMES[id]} ${figure(value, 3)}`);
      found.set(name, words.join(', '));
    }),
  );
  return found;
}
