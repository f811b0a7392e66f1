/**
 * The audit of the selected score on the shown head, and its marks for the pattern.
 *
 * @typedef {import('../figures/scores/record.js').Score} Score
 * @typedef {import('../figures/marks.js').MarkLevel} MarkLevel
 *
 * @typedef {'no score' | 'unknown' | 'no result' | 'no head' | 'weighted' | 'on its way' | 'not a repeat'}
 *   Lack the first thing that an audit lacks
 *
 * @typedef {object} Audited
 * @property {Score} score
 * @property {string} head
 * @property {import('../figures/audit.js').Audit} audit
 * @property {number | null} uniform      the score of uniform attention on the same text
 * @property {() => Uint8Array} marks     makes the marks, `[query_pos, key_pos]`
 */

import { audit, marked, uniformValue } from '../figures/audit.js';
import { markLevels, markLevelsInSlices } from '../figures/marks.js';
import { parseScore } from '../figures/scores/index.js';
import { exactPattern, shownHead, shownWeighting } from './shown.js';
import { thresholdsOf } from './view.js';

/**
 * The newest audit and its inputs. Views ask in every frame, and a pattern of 2,048 tokens has four million
 * cells.
 * @type {{ for: unknown[], value: Audited } | null}
 */
let last = null;

/**
 * The audit of the selected score on the shown head, or what it lacks.
 * @param {import('./types.js').State} state
 * @returns {Audited | { lacks: Lack }}
 */
export function audited(state) {
  const { result, view } = state;
  if (view.score === null) return { lacks: 'no score' };
  const score = parseScore(view.score);
  if (!score) return { lacks: 'unknown' };
  if (!result) return { lacks: 'no result' };
  const head = shownHead(state);
  if (head === null) return { lacks: 'no head' };
  if (score.repeatsOnly && !isRepeat(result.ids)) return { lacks: 'not a repeat' };
  if (shownWeighting(state) !== 'attention') return { lacks: 'weighted' };
  const weights = exactPattern(state);
  if (!weights) return { lacks: 'on its way' };
  const thresholds = thresholdsOf(view);
  // Other thresholds judge a score without changing its cells.
  const from = [weights, result, score, score.counting && thresholds[score.counting]];
  if (last?.for.every((value, at) => value === from[at])) return last.value;
  const subject = { weights, n: result.seq, ids: result.ids };
  const value = {
    score,
    head,
    audit: audit(score, subject, thresholds),
    uniform: uniformValue(score, subject, thresholds),
    marks: () => marked(score, subject, thresholds),
  };
  last = { for: from, value };
  return value;
}

/** Longer texts get their marks in time slices, so that the page stays responsive. */
const AT_ONCE = 600;

/** The marks of each audit; null while they are made. @type {WeakMap<Audited, MarkLevel[] | null>} */
const made = new WeakMap();

/**
 * The marks of an audit; null while they are made. Then `ready` is called once.
 * @param {Audited} found @param {number} n tokens @param {() => void} ready
 */
export function marksOf(found, n, ready) {
  const known = made.get(found);
  if (known !== undefined) return known;
  const now = n <= AT_ONCE ? markLevels(found.marks(), n) : null;
  made.set(found, now);
  if (!now) {
    setTimeout(() => {
      void markLevelsInSlices(found.marks(), n).then((levels) => {
        made.set(found, levels);
        ready();
      });
    });
  }
  return now;
}

/**
 * Tells whether tokens are `[BOS, x, x]`, as the repeated tokens are.
 * @param {Uint32Array} ids
 */
function isRepeat(ids) {
  const length = (ids.length - 1) / 2;
  return (
    Number.isInteger(length) &&
    length >= 2 &&
    ids.subarray(1, 1 + length).every((id, at) => id === ids[1 + length + at])
  );
}
