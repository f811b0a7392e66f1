/** The contents of the tour, with the claims that are known so far. guide.js shows the steps themselves. */

import { linkTo } from '../link/history.js';
import { shownOn } from '../state/tabs.js';
import { entered, STEPS } from '../studies/tour.js';
import { button, changed, el, introduction, once, setText } from '../ui/dom.js';

/** @typedef {import('../state/state.js').State} State */
/** @typedef {import('../state/state.js').Emit} Emit */

const TITLE = 'From simple heads to induction heads, in six steps';

const LEAD = [
  'Each step sets the page to something worth seeing, with the model and the text that are loaded, and says',
  'what the figures show. The address of a step is a link to it.',
].join(' ');

/** @param {Element} root @param {State} state @param {Emit} emit */
export function tour(root, state, emit) {
  const parts = once(root, () => build(root, state, emit));
  parts.latest = state;
  if (!shownOn('tour', state)) return;
  // The other claims are made when their steps are entered.
  parts.items.forEach(({ open, claim, ofLink }, at) => {
    const { words, holds } = STEPS[at].claim(state);
    setText(claim, holds === null ? '' : words);
    const look = STEPS[at].look(state);
    if (!changed(ofLink, state.view, JSON.stringify(look))) return;
    void linkTo({ ...state.view, ...look, step: at }).then((href) => {
      if (parts.latest.view === state.view) open.setAttribute('href', href);
    });
  });
}

/** @param {Element} root @param {State} state @param {Emit} emit */
function build(root, state, emit) {
  const items = STEPS.map(({ title }, at) => {
    const open = el('a', { class: 'link', 'data-testid': 'tour-step' }, title);
    // The link can be copied, or opened in a new tab. A plain click enters the step on this page.
    open.addEventListener('click', (event) => {
      if (event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
      event.preventDefault();
      emit(entered(parts.latest, at));
    });
    const claim = el('p', { class: 'claim' });
    return { open, claim, item: el('li', {}, open, claim), ofLink: {} };
  });
  root.append(
    ...introduction('tour-title', TITLE, LEAD, 'lead'),
    el('ol', { class: 'contents' }, ...items.map(({ item }) => item)),
    button('Begin', () => emit(entered(parts.latest, 0)), { class: 'primary' }),
  );
  const parts = { items, latest: state };
  return parts;
}
