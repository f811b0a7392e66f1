/**
 * The model's answer: which heads are induction heads on repeated random tokens, and which earlier head feeds
 * them. Pure.
 *
 * @typedef {import('./heads.js').Named} Named
 * @typedef {import('./circuits.js').Pair} Pair
 *
 * @typedef {object} Answer
 * @property {Named[]} heads              the heads above the threshold, the highest score first
 * @property {Named | null} best
 * @property {string | null} fedBy        the earlier head that the keys of most induction heads read most
 */

import { above } from './heads.js';

/**
 * @param {import('./heads.js').Scores} strict   strict induction scores; null for heads that do not count
 * @param {number} threshold
 * @param {{ pairs: Pair[], baseline: number } | null} composition   null where it is unknown
 * @returns {Answer}
 */
export function answerOf(strict, threshold, composition) {
  const { heads, best } = above(strict, threshold);
  heads.sort((left, right) => right.score - left.score);
  return { heads, best, fedBy: composition && feederOf(heads, composition) };
}

/**
 * Each induction head votes for the earlier head that its keys read most, if they read it more than they
 * would read a random head. The head with most votes feeds them; of equal votes, the head voted for first.
 * @param {Named[]} heads @param {{ pairs: Pair[], baseline: number }} composition
 * @returns {string | null}
 */
function feederOf(heads, { pairs, baseline }) {
  /** @type {Map<string, number>} */ const votes = new Map();
  for (const { name } of heads) {
    /** @type {Pair | null} */ let most = null;
    for (const pair of pairs) if (pair.to === name && pair.K > (most?.K ?? baseline)) most = pair;
    if (most) votes.set(most.from, (votes.get(most.from) ?? 0) + 1);
  }
  return [...votes].reduce((best, vote) => (vote[1] > best[1] ? vote : best), ['', 0])[0] || null;
}

/** Fewer than this share of a text's tokens occurred before: the text can show little induction. */
const FEW = 0.25;

/**
 * How much a text repeats: the share of its tokens that occurred before.
 * @param {ArrayLike<number>} ids
 */
export function repetition(ids) {
  const distinct = new Set(Array.from(ids)).size;
  return ids.length ? 1 - distinct / ids.length : 0;
}

/** Whether few tokens of a text repeat. @param {ArrayLike<number>} ids */
export const fewRepeat = (ids) => repetition(ids) < FEW;
