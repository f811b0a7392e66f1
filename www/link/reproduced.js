/**
 * Compares the figures of an opened link with the figures computed here. Pure.
 *
 * @typedef {import('../state/state.js').State} State
 * @typedef {import('./digest.js').Comparison} Comparison
 * @typedef {{ title: string, problem: import('../state/state.js').Problem }} Failed   a study of the link
 *   that fails here
 * @typedef {Comparison & { waiting: boolean, failed: Failed[], unfolded: string[] }} Held   waiting: a study
 *   of the link is running; unfolded: the titles of studies that the link has without folded norms, which are
 *   not compared
 */

import { compare, compareFindings } from './digest.js';
import { partsOf } from './held_figures.js';

/**
 * The comparison; null without a link, or with another text by now. `weights`: the beginnings of the link's
 * and of this model's sha256, when they differ.
 * @param {State} state @returns {Held | { weights: [string, string] } | null}
 */
export function reproduced(state) {
  const { shared, result, detection, view } = state;
  if (!shared || !result || result.precomputed || !detection) return null;
  if (!isOf(shared, view) || !isOf(result, view)) return null;
  const { sha256 } = result.model;
  if (shared.sha && !sha256.startsWith(shared.sha)) return { weights: [shared.sha, sha256.slice(0, 12)] };
  if (!shared.digest) return null;
  /** @type {Held} */ const held = {
    ...compare(shared.digest, detection, result.seq),
    waiting: false,
    failed: [],
    unfolded: [],
  };
  const kinds = new Set(shared.found?.split('~').map((part) => part.split('.')[0]));
  // A tab that is closed by now has nothing to compare.
  for (const { kind, unfolded, title, figures, problem } of shared.found ? partsOf(state) : []) {
    if (unfolded && kinds.has(unfolded)) held.unfolded.push(title);
    if (!shared.found || !kinds.has(kind)) continue;
    if (figures) add(held, compareFindings(shared.found, kind, figures));
    else if (problem) held.failed.push({ title, problem });
    else held.waiting = true;
  }
  return held;
}

/**
 * Whether a link or a result is of the view's text.
 * @param {Pick<State['view'], 'text' | 'bos'>} it @param {State['view']} view
 */
const isOf = (it, view) => it.text === view.text && it.bos === view.bos;

/** Adds a study's comparison. @param {Held} held @param {ReturnType<typeof compareFindings>} more */
function add(held, more) {
  if (!more) return;
  held.same &&= more.same;
  held.compared += more.compared;
  if ((more.worst?.difference ?? 0) > (held.worst?.difference ?? 0)) held.worst = more.worst;
}
