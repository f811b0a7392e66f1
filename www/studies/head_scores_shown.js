/** The scores of heads that maps and scatters show, before or after the ablation. Pure. */

import { headScore } from '../figures/head_scores.js';
import { shownAblation, shownDetection } from '../state/state.js';
import { answer } from './answer.js';
import { answerAfter } from './answer_after.js';
import { latest } from './study.js';

/**
 * One score of every head, as the page shows it; null for an unknown id, or until its figures are there.
 * @param {import('../state/state.js').State} state @param {string} id
 */
export const shownScore = (state, id) => headScore(id, shownDetection(state), repeatsOf(state));

/**
 * The figures of each ablated answer, so that the same figures are the same object.
 * @type {WeakMap<object, any>}
 */
const after = new WeakMap();

/**
 * The figures on repeated random tokens.
 * @param {import('../state/state.js').State} state
 * @returns {Pick<import('./answer.js').Repeated, 'strict' | 'stripe' | 'tokens'> | null}
 */
function repeatsOf(state) {
  const before = latest(state, answer)?.value.repeats ?? null;
  if (!before || !shownAblation(state)) return before;
  const ablated = latest(state, answerAfter);
  const { strict, stripe } = ablated?.current ? ablated.value : { strict: null, stripe: null };
  if (!ablated || !strict || !stripe) return null;
  const made = after.get(ablated.value) ?? { tokens: before.tokens, strict, stripe };
  after.set(ablated.value, made);
  return made;
}
