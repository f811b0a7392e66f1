/** How a study stands, as a line: what it is at, with a button to stop one that takes long, or what went wrong. */

import { explain } from '../errors.js';
import { count } from '../scales.js';
import { standing } from '../study.js';
import { button, changed, el, setText } from './dom.js';

/**
 * @param {import('../study.js').Study<any>} study @param {string} doing what it does, in the words of the line: `Counting`
 * @param {string} unit what it counts: `heads`, `tokens`
 * @param {import('../state.js').Emit} emit
 */
export function createStanding(study, doing, unit, emit) {
  const words = el('span', {});
  const bar = el('progress', { 'aria-label': doing, max: 1, value: 0 });
  const stop = button('Stop', () => emit({ type: 'stop study', study: study.kind }), { class: 'quiet' });
  const working = el('p', { class: 'standing', hidden: true }, words, bar, stop);
  const failed = el('div', { class: 'standing failed', role: 'alert' });
  const memory = {};
  return {
    element: el('div', { 'data-testid': `standing-${study.kind}` }, working, failed),

    /** @param {import('../state.js').State} state */
    show(state) {
      const { problem, progress } = standing(state, study);
      working.hidden = !progress;
      stop.hidden = !study.long;
      if (progress) {
        const { done, total } = progress;
        setText(words, total ? `${doing}: ${count(done)} of ${count(total)} ${unit}` : `${doing}…`);
        if (total) bar.value = done / total;
        bar.hidden = !total;
      }
      if (!changed(memory, problem)) return;
      if (!problem) return failed.replaceChildren();
      const { title, sentence } = explain(problem.code, true);
      failed.replaceChildren(
        el('p', { class: 'title' }, title),
        el('p', {}, sentence),
        el('p', { class: 'detail' }, problem.detail),
        button('Try again', () => emit({ type: 'retry' })),
      );
    },
  };
}
