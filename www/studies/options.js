/**
 * The scores of the pinned head that the engine does not compute: `detect_head` with TransformerLens' options
 * `exclude_bos` and `exclude_current_token`. They are computed from the pattern, with a pause after each
 * score.
 */

import { parseHead } from '../base/heads.js';
import { pause } from '../base/time_slices.js';
import { audit, NO_THRESHOLDS, uniformValue } from '../figures/audit.js';
import { KINDS, scoresFor } from '../figures/scores/index.js';
import { shownOn } from '../state/tabs.js';

/**
 * @typedef {{ value: number | null, uniform: number | null }} OfScore
 * @typedef {{ head: string, scores: Record<string, OfScore> }} Options   by the score's id
 */

/** Kind by kind: links keep the figures in this order. */
const SCORES = KINDS.flatMap(({ kind }) => scoresFor(kind)).filter(
  ({ column, overSequences }) => !column && !overSequences,
);

/** @type {import('./study.js').Study<Options>} */
export const options = {
  kind: 'options',
  title: 'the options of detect_head',
  ofRun: true,
  needs: (state) => (shownOn('scores', state) && state.view.head !== null ? [state.view.head] : null),
  async perform({ run, state, signal, onProgress }) {
    const head = /** @type {string} */ (state.view.head);
    const at = parseHead(head);
    /** @type {Options['scores']} */ const scores = {};
    if (!at) return { head, scores };
    const weights = await run.pattern(at.layer, at.head);
    const subject = { weights, n: run.seq, ids: run.ids };
    for (const [done, score] of SCORES.entries()) {
      signal.throwIfAborted();
      scores[score.id] = {
        value: audit(score, subject, NO_THRESHOLDS).value,
        uniform: uniformValue(score, subject, NO_THRESHOLDS),
      };
      onProgress({ done: done + 1, total: SCORES.length });
      await pause();
    }
    return { head, scores };
  },
  figures: ({ head, scores }) =>
    SCORES.map(({ id, title }) => ({ what: `${title} of head ${head}`, value: scores[id]?.value ?? null })),
};
