/**
 * The badge of ablated heads and MLPs, wherever results are shown: each with a button that restores it, and
 * a switch between the figures before and after the ablation.
 */

import { isAblated, mlpName } from '../state/ablation.js';
import { isAfter } from '../state/state.js';
import { createSwitch } from './controls.js';
import { button, changed, el, setText } from './dom.js';

/** @param {string} testid @param {import('../state/state.js').Emit} emit */
export function createAblatedBadge(testid, emit) {
  const heads = el('span', { class: 'ablated-heads' });
  const options = /** @type {const} */ ([
    { value: 'before', label: 'before', title: 'Show the whole model' },
    { value: 'after', label: 'after', title: 'Show the model without these parts' },
  ]);
  const side = createSwitch({ legend: 'Ablation: show', testid: `${testid}-side`, options }, (side) =>
    emit({ type: 'set', change: { side } }),
  );
  const word = el('span', {}, 'ablated:');
  const element = el('div', { class: 'ablated-badge', hidden: true, 'data-testid': testid });
  element.append(word, heads, side.element);
  const memory = {};
  /**
   * The button of an ablated part.
   * @param {string} name @param {string} words @param {Partial<import('../state/view.js').View>} change
   */
  const restore = (name, words, change) =>
    button(`${name} ×`, () => emit({ type: 'set', change }), {
      class: 'ablated-head',
      'aria-label': `Restore ${words}`,
      title: `Restore ${words}`,
    });
  return {
    element,
    /** @param {import('../state/state.js').State} state */
    show(state) {
      const { off, offMlps } = state.view;
      element.hidden = !isAblated(state.view);
      element.classList.toggle('before', !isAfter(state));
      setText(word, isAfter(state) ? 'ablated:' : 'not ablated here:');
      side.show(state.view.side);
      if (!changed(memory, off, offMlps)) return;
      heads.replaceChildren(
        ...off.map((name) => restore(name, `head ${name}`, { off: off.filter((other) => other !== name) })),
        ...offMlps.map((layer) => {
          const others = offMlps.filter((other) => other !== layer);
          return restore(mlpName(layer), `the MLP of layer ${layer}`, { offMlps: others });
        }),
      );
    },
  };
}
