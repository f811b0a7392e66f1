/** The tour's contents, with what its steps have shown so far. The steps themselves are told by guide.js. */

import { entered, STEPS } from '../tour.js';
import { button, el, once, setText } from '../ui/dom.js';

/** @typedef {import('../state.js').State} State @typedef {import('../state.js').Emit} Emit */

/** @param {Element} root @param {State} state @param {Emit} emit */
export function tour(root, state, emit) {
  const parts = once(root, () => {
    const items = STEPS.map(({ title }, at) => {
      const open = button(title, () => emit(entered(parts.latest, at)), { class: 'link', 'data-testid': 'tour-step' });
      const told = el('p', { class: 'claim' });
      return { told, item: el('li', {}, open, told) };
    });
    root.append(
      el('h2', { id: 'tour-title' }, 'From plain heads to induction heads, in six steps'),
      el('p', { class: 'lead' }, 'Each step sets the page to something worth seeing, on the model and the text that are here, and says what the figures show. The address of a step is a link to it.'),
      el('ol', { class: 'contents' }, ...items.map(({ item }) => item)),
      button('Begin', () => emit(entered(parts.latest, 0)), { class: 'primary' }),
    );
    return { items, latest: state };
  });
  parts.latest = state;
  if (state.view.tab !== 'tour') return;
  // What has been computed so far; the rest comes with its step.
  parts.items.forEach(({ told }, at) => {
    const { words, holds } = STEPS[at].claim(state);
    setText(told, holds === null ? '' : words);
  });
}
