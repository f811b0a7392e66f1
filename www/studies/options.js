/**
 * TransformerLens' options on the locked head. The engine makes `detect_head` with nothing excluded; with
 * `exclude_bos` and
 * `exclude_current_token` it is made here, from the pattern, one score at a time so that the page stays at
 * hand.
 */

import { audit, nullValue } from '../figures/audit.js';
import { DEFINITIONS } from '../figures/definitions.js';
import { parseHead } from '../base/heads.js';
import { scoreOf, titleOf } from '../figures/scores.js';
import { pause } from '../base/time_slices.js';

/**
 * @typedef {{ head: string, scores: Record<string, { value: number | null, nullLine: number | null }> }}
 *   Options
 */

const IDS = Object.values(DEFINITIONS)
  .flat()
  .filter((id) => id.startsWith('detect-') && /-(bos|current)$/.test(id));

/** None of these scores looks at a threshold. */
const NONE = { active: 0, fraction: 0, mean: 0 };

/** @type {import('./study.js').Study<Options>} */
export const options = {
  kind: 'options',
  title: 'the options of detect_head',
  ofRun: true,
  needs: ({ view }) => (view.tab === 'detectors' && view.head !== null ? [view.head] : null),
  async perform({ run, state, signal, onProgress }) {
    const head = /** @type {string} */ (state.view.head);
    const at = parseHead(head);
    /** @type {Options['scores']} */ const scores = {};
    if (!at) return { head, scores };
    const weights = await run.pattern(at.layer, at.head);
    const subject = { weights, n: run.seq, ids: run.ids };
    for (const [done, id] of IDS.entries()) {
      signal.throwIfAborted();
      const score = scoreOf(id);
      scores[id] = { value: audit(score, subject, NONE).value, nullLine: nullValue(score, subject, NONE) };
      onProgress({ done: done + 1, total: IDS.length });
      await pause();
    }
    return { head, scores };
  },
  figures: ({ head, scores }) =>
    IDS.map((id) => ({ what: `${titleOf(scoreOf(id))} of head ${head}`, value: scores[id]?.value ?? null })),
};
