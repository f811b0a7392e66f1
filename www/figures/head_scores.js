/**
 * Every score that the page knows of every head: those of the text, and those of repeated random tokens.
 * Pure. A map shows one of them, a scatter two.
 *
 * @typedef {import('./scores/record.js').Detection} Detection
 * @typedef {import('./scores/record.js').Scores} Scores
 * @typedef {import('./scores/record.js').Repeated} Repeated
 *
 * @typedef {object} HeadScore
 * @property {string} id
 * @property {string} title
 * @property {string} group               where it is measured: a heading of the list
 * @property {Scores} values              `[layer][head]`
 * @property {number | null} uniform      the uniform baseline
 * @property {boolean} signed             the score runs from -1 to 1, not from 0 to 1
 */

import { COLUMNS, OVER_SEQUENCES, scoreOf } from './scores/index.js';
import { uniformStripe } from './stripes.js';

/** The score that a map shows first. */
export const FIRST_SCORE = 'strict';

const ON_TOKENS = 'On repeated random tokens';
const ON_TEXT = 'On this text';

/** Every score that can be mapped, with its heading, whether it is known yet or not. */
export const MAPPED = Object.freeze([
  ...[...OVER_SEQUENCES].reverse().map(({ id, title }) => ({ id, title, group: ON_TOKENS })),
  ...COLUMNS.map(({ id }) => ({ id, title: scoreOf(id).title, group: ON_TEXT })),
]);

/**
 * One score of every head; null for an unknown id, or while the figures are missing.
 * @param {string} id
 * @param {Detection | null} detection of the text
 * @param {Pick<Repeated, 'strict' | 'stripe' | 'tokens'> | null} repeats
 * @returns {HeadScore | null}
 */
export function headScore(id, detection, repeats) {
  const named = MAPPED.find((one) => one.id === id);
  if (!named) return null;
  const score = scoreOf(id);
  const { signed } = score;
  if (named.group === ON_TOKENS) {
    const values = repeats && score.overSequences?.scores(/** @type {Repeated} */ (repeats));
    return values ? { ...named, values, uniform: uniformStripe(score, repeats), signed } : null;
  }
  const column = COLUMNS.find((one) => one.id === id);
  if (!detection || !column) return null;
  return { ...named, values: column.scores(detection), uniform: column.uniform(detection), signed };
}
