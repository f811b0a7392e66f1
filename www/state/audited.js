/**
 * What the page says of the score that is selected: its audit on the shown head, and the marks for the
 * pattern.
 */

import { audit, marked, nullValue } from '../figures/audit.js';
import { markLevels, markLevelsInTurns } from '../figures/marks.js';
import { parseScore } from '../figures/scores.js';
import { exactPattern, shownHead, shownWeighting } from './state.js';
import { thresholdsOf } from './view.js';

/**
 * @typedef {'no score' | 'unknown' | 'no result' | 'no head' | 'weighted' | 'on its way' | 'not a repeat'}
 *   Lack
 * @typedef
 *   {{ score: import('../figures/scores.js').Score, head: string, audit: import('../figures/audit.js').Audit, nullLine: number | null, marks: () => Uint8Array }}
 *   Audited
 *
 * What was found last: the views ask in every frame, and at 2,048 tokens the cells are four million.
 * @type {{ for: unknown[], value: Audited } | null}
 */
let last = null;

/**
 * The audit of the selected score on the shown head, or what is missing for one.
 * @param {import('./state.js').State} state
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
  if (score.family === 'stripe' && !isRepeat(result.ids)) return { lacks: 'not a repeat' };
  if (shownWeighting(state) !== 'attention') return { lacks: 'weighted' };
  const weights = exactPattern(state);
  if (!weights) return { lacks: 'on its way' };
  const thresholds = thresholdsOf(view);
  // The other thresholds judge a score, they do not change its cells.
  const from = [weights, result, view.score, score.family === 'dominant' ? view.active : null];
  if (last?.for.every((value, at) => value === from[at])) return last.value;
  const subject = { weights, n: result.seq, ids: result.ids };
  const value = {
    score,
    head,
    audit: audit(score, subject, thresholds),
    nullLine: nullValue(score, subject, thresholds),
    marks: () => marked(score, subject, thresholds),
  };
  last = { for: from, value };
  return value;
}

/**
 * Marks are made in one go up to this many tokens, and a step at a time beyond, so that the page stays at
 * hand.
 */
const AT_ONCE = 600;
/**
 * Those made, by what they are of; null while they are being made.
 * @type {WeakMap<Audited, import('../figures/marks.js').MarkLevel[] | null>}
 */
const made = new WeakMap();

/**
 * The marks of an audit; null while they are on their way, and then `ready` is called.
 * @param {Audited} found @param {number} n @param {() => void} ready
 */
export function marksOf(found, n, ready) {
  const known = made.get(found);
  if (known !== undefined) return known;
  const now = n <= AT_ONCE ? markLevels(found.marks(), n) : null;
  made.set(found, now);
  if (!now) {
    setTimeout(() => {
      void markLevelsInTurns(found.marks(), n).then((levels) => {
        made.set(found, levels);
        ready();
      });
    });
  }
  return now;
}

/**
 * Whether a text is one token and then the same others twice, as the repeated sequences are.
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
