/**
 * The badge of ablated heads, wherever results are shown: each head with a button that restores it, and a
 * switch between the figures before and after the ablation.
 */

import { isAfter } from '../state/state.js';
import { createSwitch } from './controls.js';
import { button, changed, el, setText } from './dom.js';

/** @param {string} testid @param {import('../state/state.js').Emit} emit */
export function createAblatedBadge(testid, emit) {
  const heads = el('span', { class: 'ablated-heads' });
  const options = /** @type {const} */ ([
    { value: 'before', label: 'before', title: 'Show the whole model' },
    { value: 'after', label: 'after', title: 'Show the model without these heads' },
  ]);
  const side = createSwitch({ legend: 'Ablation: show', testid: `${testid}-side`, options }, (side) =>
    emit({ type: 'set', change: { side } }),
  );
  const word = el('span', {}, 'ablated:');
  const element = el('div', { class: 'ablated-badge', hidden: true, 'data-testid': testid });
  element.append(word, heads, side.element);
  const memory = {};
  return {
    element,
    /** @param {import('../state/state.js').State} state */
    show(state) {
      const { off } = state.view;
      element.hidden = off.length === 0;
      element.classList.toggle('before', !isAfter(state));
      setText(word, isAfter(state) ? 'ablated:' : 'not ablated here:');
      side.show(state.view.side);
      if (!changed(memory, off)) return;
      heads.replaceChildren(
        ...off.map((name) =>
          button(
            `${name} ×`,
            () => emit({ type: 'set', change: { off: off.filter((other) => other !== name) } }),
            { class: 'ablated-head', 'aria-label': `Restore head ${name}`, title: `Restore head ${name}` },
          ),
        ),
      );
    },
  };
}
