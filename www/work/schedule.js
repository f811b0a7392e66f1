/**
 * Between the state and the engine, for the studies: makes the first study that is wanted and not there, one
 * at a time, and beside it one of the long studies. The engine's own queue lets a new text's run and short
 * studies pass between the steps of a long study.
 *
 * @typedef {import('../studies/study.js').Study<any>} Study
 * @typedef {{ study: Study, key: string, abort: AbortController }} Work
 * @typedef {import('../engine/headscope.js').Run} Run
 * @typedef {{ model: import('../engine/headscope.js').Model, run: Run, ablated: Run | null }} Shown
 */

import { problemOf } from '../state/errors.js';
import { asked, wanted } from '../studies/study.js';

/**
 * Whether a finding is what a key asks for. The part that a stopped study left is not; that of a failed study
 * waits until the study is asked for again.
 * @param {import('../state/state.js').Finding | undefined} finding @param {string} key
 */
const isMade = (finding, key) => finding?.key === key && (!finding.partial || finding.problem !== null);

/** What a failed study leaves of its value, perhaps nothing. @param {unknown} value */
const partOf = (value) => (value === null ? { value } : { value, partial: true });

/**
 * @param {readonly Study[]} studies
 * @param {() => Shown | null} shown the run and the model on the page, while they can be used
 * @param {() => import('../state/state.js').State} getState @param {import('../state/state.js').Emit} emit
 * @param {() => void} reload loads the model again, whose files are gone
 */
export function createStudies(studies, shown, getState, emit, reload) {
  /** Long studies are made beside the others, which pass between their steps. */
  const lanes = [studies.filter(({ long }) => !long), studies.filter(({ long }) => long)].map((of) => ({
    of,
    work: /** @type {Work | null} */ (null),
  }));

  /** @param {readonly Study[]} of @returns {{ study: Study, key: string } | null} */
  function next(of) {
    const state = getState();
    // The run of a text comes first.
    if (state.phase !== 'idle') return null;
    for (const study of of) {
      const key = wanted(state, study);
      if (key !== null && !isMade(state.findings[study.kind], key)) return { study, key };
    }
    return null;
  }

  /**
   * @param {(typeof lanes)[number]} lane
   * @param {Study} study
   * @param {string} key
   * @param {NonNullable<ReturnType<typeof shown>>} from
   */
  async function make(lane, study, key, from) {
    const { kind } = study;
    const abort = new AbortController();
    lane.work = { study, key, abort };
    /** @type {unknown} */ let left = null;
    /** @type {import('../studies/study.js').At['onProgress']} */
    const onProgress = ({ done, total, soFar }) => {
      left = soFar ?? left;
      emit({ type: 'studying', kind, studying: { kind, done, total } });
    };
    onProgress({ done: 0, total: 0 });
    const before = getState().findings[kind];
    const kept = before?.partial && before.key === key ? before.value : null;
    const { signal } = abort;
    try {
      const value = await study.perform({ ...from, state: getState(), signal, onProgress, kept });
      emit({ type: 'finding', kind, finding: { key, value, problem: null } });
    } catch (thrown) {
      const problem = problemOf(thrown);
      // A text of the same tokens has the same key. Its run replaces the one before, and the study is made
      // anew of the new run.
      const overtaken = problem.code === 'Freed' && shown()?.run !== from.run;
      // A study that was stopped leaves what it has found; another finding may have come in the meantime.
      if (left !== null && signal.aborted && getState().findings[kind] === before)
        emit({ type: 'finding', kind, finding: { key, value: left, problem: null, partial: true } });
      // The study is made anew when the model is there again.
      else if (problem.code === 'FileRead' && shown()?.run === from.run) reload();
      // A study that was left has nothing to tell, and is made anew if it is wanted again by now.
      else if (!signal.aborted && !overtaken && asked(getState(), study) === key)
        emit({ type: 'finding', kind, finding: { key, problem, ...partOf(left ?? kept) } });
    } finally {
      lane.work = null;
      emit({ type: 'studying', kind, studying: null });
    }
  }

  return {
    update() {
      for (const lane of lanes) {
        const { work } = lane;
        if (work) {
          const { study, key, abort } = work;
          // A study that was stopped by hand has a finding under its key.
          if (asked(getState(), study) !== key || isMade(getState().findings[study.kind], key)) abort.abort();
          continue;
        }
        const found = next(lane.of);
        const from = found && shown();
        if (found && from) void make(lane, found.study, found.key, from);
      }
    },
  };
}
