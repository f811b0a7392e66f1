/**
 * The status of a study, as a line: its progress, with a button that stops a study of more than a moment, or
 * its failure.
 */

import { count } from '../base/format.js';
import { explain } from '../state/errors.js';
import { standing, wanted } from '../studies/study.js';
import { button, changed, el, setText } from './dom.js';

/** A shorter study has no button to stop it: the button would disappear before a visitor reaches it. */
const MOMENT_MS = 1000;

/** The failure of a study. @param {import('../state/state.js').Problem} problem @param {() => void} again */
function failureOf({ code, detail }, again) {
  const { title, sentence } = explain(code, true);
  const stopped = code === 'AbortError';
  return [
    el('p', { class: 'title' }, title),
    ...(stopped ? [] : [el('p', {}, sentence)]),
    ...(detail ? [el('p', { class: 'detail' }, detail)] : []),
    button(stopped ? 'Run again' : 'Try again', again),
  ];
}

/**
 * @param {import('../studies/study.js').Study<any>} study
 * @param {string} doing the work, as the line names it: `Counting`
 * @param {string} unit the noun of the progress: `heads`, `tokens`
 * @param {import('../state/state.js').Emit} emit
 */
export function createStudyStatus(study, doing, unit, emit) {
  const words = el('span', {});
  const bar = el('progress', { 'aria-label': doing, max: 1, value: 0 });
  /** @type {string | null} */ let key = null;
  const stop = button('Stop', () => emit({ type: 'stop study', study: study.kind, key }), { class: 'quiet' });
  const again = () => emit({ type: 'redo study', study: study.kind });
  /** @type {ReturnType<typeof setTimeout> | null} */ let moment = null;
  const working = el('p', { class: 'study-status', hidden: true }, words, bar, stop);
  const failed = el('div', { class: 'study-status failed', role: 'alert' });
  const memory = {};

  /** Shows the button after a moment of work. @param {boolean} atWork */
  function offerStop(atWork) {
    if (!atWork) {
      clearTimeout(moment ?? undefined);
      moment = null;
    } else if (moment === null) {
      stop.hidden = !study.long;
      moment = setTimeout(() => {
        stop.hidden = false;
      }, MOMENT_MS);
    }
  }

  return {
    element: el('div', { 'data-testid': `standing-${study.kind}` }, working, failed),

    /** @param {import('../state/state.js').State} state */
    show(state) {
      const { problem, progress } = standing(state, study);
      key = study.long && !study.byItself?.(state) ? null : wanted(state, study);
      working.hidden = !progress;
      offerStop(progress !== null);
      if (progress) {
        const { done, total } = progress;
        setText(words, total ? `${doing}: ${count(done)} of ${count(total)} ${unit}` : `${doing}…`);
        if (total) bar.value = done / total;
        bar.hidden = !total;
      }
      if (changed(memory, problem)) failed.replaceChildren(...(problem ? failureOf(problem, again) : []));
    },
  };
}
