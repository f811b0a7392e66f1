/**
 * An audit of one score: the cells it counts and its sum, computed from one head's pattern. It checks the
 * engine, which computes the same score without the pattern. Pure; a few milliseconds at 2,048 tokens.
 *
 * @typedef {import('./scores/record.js').Score} Score
 * @typedef {import('./scores/record.js').Subject} Subject
 * @typedef {import('./scores/record.js').Thresholds} Thresholds
 * @typedef {import('./scores/record.js').Sum & { score: Score }} Audit
 */

import { figure } from '../base/format.js';
import { markWords, NUMERATOR } from './marks.js';

/** For scores that no threshold changes. @type {Readonly<Thresholds>} */
export const NO_THRESHOLDS = Object.freeze({ active: 0, fraction: 0, mean: 0 });

/** @param {Score} score @param {Subject} subject @param {Thresholds} thresholds @returns {Audit} */
export const audit = (score, subject, thresholds) => ({ score, ...score.sum(subject, thresholds) });

/**
 * The score of uniform attention on the same text. Definition: docs/definitions.md#uniform-baseline.
 * @param {Score} score
 * @param {Omit<Subject, 'weights'>} subject
 * @param {Thresholds} thresholds
 */
export const uniformValue = (score, subject, thresholds) =>
  score.sum({ ...subject, weights: null }, thresholds).value;

/**
 * The cells that a score counts: `NUMERATOR` and `DENOMINATOR` are bits of a cell.
 * @param {Score} score
 * @param {Subject} subject
 * @param {Thresholds} thresholds
 * @returns {Uint8Array} `[query_pos, key_pos]`
 */
export function marked(score, subject, thresholds) {
  const cells = new Uint8Array(subject.n * subject.n);
  score.mark(cells, subject, thresholds);
  return cells;
}

/**
 * How a score counts one cell, in words.
 * @param {Score} score
 * @param {Omit<Subject, 'weights'>} subject
 * @param {number} mark of the cell
 * @param {number} query
 * @param {number} key
 */
export function cellWords(score, subject, mark, query, key) {
  const words = markWords(mark) ?? 'not counted';
  return score.cellWords && mark & NUMERATOR ? `${words}, ${score.cellWords(subject, query, key)}` : words;
}

/** The audit's sum and the engine's agree within this: the engine adds in another order. */
const TOLERANCE = 1e-4;

/**
 * How the engine's figure compares with the audit's, in words.
 * @param {number | null | undefined} engine undefined: the engine does not compute this score
 * @param {number | null} value of the audit
 */
export function engineWords(engine, value) {
  if (engine === undefined)
    return 'Not computed by the engine for a text. The figure here is computed from the pattern.';
  const differs = engine === null || value === null ? engine !== value : Math.abs(engine - value) > TOLERANCE;
  return differs
    ? `Computed independently: ${figure(engine, 4)} ✗ (${figure(value, 4)} from the pattern)`
    : `Computed independently: ${figure(engine, 3)} ✓`;
}
