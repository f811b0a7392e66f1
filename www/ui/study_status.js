/**
 * The status of a study, as a line: its progress, with a button that stops a study of more than a moment, or
 * its failure.
 */

import { count } from '../base/format.js';
import { duration, remaining } from '../base/time_left.js';
import { explain } from '../state/errors.js';
import { standing, wanted } from '../studies/study.js';
import { button, changed, el, setText } from './dom.js';
import { createSpoken } from './spoken.js';

/** A shorter study has no button to stop it: the button would disappear before a visitor reaches it. */
const MOMENT_MS = 1000;

/** The same with a large first letter. @param {string} words */
const sentenceCase = (words) => words.charAt(0).toUpperCase() + words.slice(1);

/** The failure of a study. @param {import('../state/state.js').Problem} problem @param {() => void} again */
function failureOf({ code, detail }, again) {
  const { title, sentence } = explain(code, true);
  // The same model has no such figure at the next try.
  if (code === 'NotDefined')
    return [el('p', { class: 'title' }, title), el('p', { class: 'detail' }, sentenceCase(detail))];
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
  const spoken = createSpoken();
  /** Whether the work takes longer than a moment: shorter work says its result only. */
  let isLong = false;
  let steps = { done: 0, total: 0 };
  const sayProgress = () => spoken.say(doing, steps.done, steps.total);
  const failed = el('div', { class: 'study-status failed', role: 'alert' });
  const memory = {};
  /** When the first steps that are shown were done. @type {{ at: number, done: number } | null} */
  let since = null;

  /**
   * The time left, in words; empty at first, and for short work.
   * @param {number} done @param {number} total
   */
  function timeLeft(done, total) {
    if (!study.long || !total) return '';
    if (!since || done < since.done) since = { at: performance.now(), done };
    const left = remaining(performance.now() - since.at, done - since.done, total - done);
    return left === null ? '' : `, ${duration(left)} left`;
  }

  /** Shows the button after a moment of work. @param {boolean} atWork */
  function offerStop(atWork) {
    if (!atWork) {
      clearTimeout(moment ?? undefined);
      moment = null;
      isLong = false;
      spoken.say(null);
    } else if (moment === null) {
      stop.hidden = !study.long;
      moment = setTimeout(() => {
        stop.hidden = false;
        isLong = true;
        sayProgress();
      }, MOMENT_MS);
    }
  }

  return {
    element: el('div', { 'data-testid': `standing-${study.kind}` }, working, spoken.element, failed),

    /** @param {import('../state/state.js').State} state */
    show(state) {
      const { problem, progress } = standing(state, study);
      key = study.long && !study.byItself?.(state) ? null : wanted(state, study);
      working.hidden = !progress;
      offerStop(progress !== null);
      if (!progress) since = null;
      else {
        const { done, total } = progress;
        const left = timeLeft(done, total);
        setText(words, total ? `${doing}: ${count(done)} of ${count(total)} ${unit}${left}` : `${doing}…`);
        if (total) bar.value = done / total;
        steps = { done, total };
        if (isLong) sayProgress();
        bar.hidden = !total;
      }
      if (changed(memory, problem)) failed.replaceChildren(...(problem ? failureOf(problem, again) : []));
    },
  };
}
