/**
 * How a study stands, as a line: what it is at, with a button to stop one that takes more than a moment, or
 * what went wrong.
 */

import { count } from '../base/format.js';
import { explain } from '../state/errors.js';
import { standing, wanted } from '../studies/study.js';
import { button, changed, el, setText } from './dom.js';

/** A study that is done sooner than this is not worth a button that would be gone before it is reached. */
const MOMENT_MS = 1000;

/**
 * @param {import('../studies/study.js').Study<any>} study
 * @param {string} doing what it does, in the words of the line: `Counting`
 * @param {string} unit what it counts: `heads`, `tokens`
 * @param {import('../state/state.js').Emit} emit
 */
export function createStanding(study, doing, unit, emit) {
  const words = el('span', {});
  const bar = el('progress', { 'aria-label': doing, max: 1, value: 0 });
  /** @type {string | null} */ let key = null;
  const stop = button('Stop', () => emit({ type: 'stop study', study: study.kind, key }), { class: 'quiet' });
  /** @type {ReturnType<typeof setTimeout> | null} */ let moment = null;
  const working = el('p', { class: 'standing', hidden: true }, words, bar, stop);
  const failed = el('div', { class: 'standing failed', role: 'alert' });
  const memory = {};
  return {
    element: el('div', { 'data-testid': `standing-${study.kind}` }, working, failed),

    /** @param {import('../state/state.js').State} state */
    show(state) {
      const { problem, progress } = standing(state, study);
      key = study.long ? null : wanted(state, study);
      working.hidden = !progress;
      if (!progress) {
        clearTimeout(moment ?? undefined);
        moment = null;
      } else if (moment === null) {
        stop.hidden = !study.long;
        moment = setTimeout(() => (stop.hidden = false), MOMENT_MS);
      }
      if (progress) {
        const { done, total } = progress;
        setText(words, total ? `${doing}: ${count(done)} of ${count(total)} ${unit}` : `${doing}…`);
        if (total) bar.value = done / total;
        bar.hidden = !total;
      }
      if (!changed(memory, problem)) return;
      if (!problem) return failed.replaceChildren();
      const { title, sentence } = explain(problem.code, true);
      const stopped = problem.code === 'AbortError';
      failed.replaceChildren(
        el('p', { class: 'title' }, title),
        ...(stopped ? [] : [el('p', {}, sentence)]),
        ...(problem.detail ? [el('p', { class: 'detail' }, problem.detail)] : []),
        button(stopped ? 'Do it again' : 'Try again', () => emit({ type: 'redo study', study: study.kind })),
      );
    },
  };
}
