/** The tour's contents, with what its steps have shown so far. The steps themselves are told by guide.js. */

import { linkTo } from '../link/link.js';
import { shownOn } from '../state/tabs.js';
import { entered, STEPS } from '../studies/tour.js';
import { button, changed, el, once, setText } from '../ui/dom.js';

/** @typedef {import('../state/state.js').State} State @typedef {import('../state/state.js').Emit} Emit */

/** @param {Element} root @param {State} state @param {Emit} emit */
export function tour(root, state, emit) {
  const parts = once(root, () => {
    const items = STEPS.map(({ title }, at) => {
      const open = el('a', { class: 'link', 'data-testid': 'tour-step' }, title);
      // A link to be copied, or opened beside this page; a plain click goes there on this one.
      open.addEventListener('click', (event) => {
        if (event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
        event.preventDefault();
        emit(entered(parts.latest, at));
      });
      const told = el('p', { class: 'claim' });
      return { open, told, item: el('li', {}, open, told), ofLink: {} };
    });
    root.append(
      el('h2', { id: 'tour-title' }, 'From plain heads to induction heads, in six steps'),
      el(
        'p',
        { class: 'lead' },
        'Each step sets the page to something worth seeing, on the model and the text that are here, and says what the figures show. The address of a step is a link to it.',
      ),
      el('ol', { class: 'contents' }, ...items.map(({ item }) => item)),
      button('Begin', () => emit(entered(parts.latest, 0)), { class: 'primary' }),
    );
    return { items, latest: state };
  });
  parts.latest = state;
  if (!shownOn('tour', state)) return;
  // What has been computed so far; the rest comes with its step.
  parts.items.forEach(({ open, told, ofLink }, at) => {
    const { words, holds } = STEPS[at].claim(state);
    setText(told, holds === null ? '' : words);
    const look = STEPS[at].look(state);
    if (!changed(ofLink, state.view, JSON.stringify(look))) return;
    void linkTo({ ...state.view, ...look, step: at }).then((href) => {
      if (parts.latest.view === state.view) open.setAttribute('href', href);
    });
  });
}
