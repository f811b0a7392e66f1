/** A step of the tour, on a card that stays in sight beside the views it is about. */

import { entered, STEPS } from '../studies/tour.js';
import { button, changed, el, once, reveal, setText } from '../ui/dom.js';

/** @typedef {import('../state/state.js').State} State @typedef {import('../state/state.js').Emit} Emit */

/** @param {Element} root @param {State} state @param {Emit} emit */
export function guide(root, state, emit) {
  const parts = once(root, () => build(root, state, emit));
  parts.latest = state;
  const { step } = state.view;
  const here = step === null ? null : STEPS[step];
  parts.card.hidden = !here;
  if (!here || step === null) return;
  if (changed(parts.ofStep, step)) {
    setText(parts.where, `Step ${step + 1} of ${STEPS.length}`);
    setText(parts.title, here.title);
    setText(parts.words, here.words);
    parts.back.disabled = step === 0;
    setText(parts.next, step === STEPS.length - 1 ? 'End' : 'Next');
    Object.assign(parts, { moved: false, shown: {} });
  }
  const { words, holds } = here.claim(state);
  // What the step is about may be hidden until there is a result, and grows as its figures come; a visitor
  // who has gone
  // elsewhere by then is not called back.
  const settled = holds !== null;
  if (changed(parts.shown, state.result !== null, settled) && !parts.moved) reveal(here.at, 'start');
  if (settled && state.result) parts.moved = true;
  setText(parts.claim, words);
  parts.claim.dataset.holds = String(holds);
}

/** @param {Element} root @param {State} state @param {Emit} emit */
function build(root, state, emit) {
  const title = el('h2', { id: 'guide-title', tabindex: -1 });
  const where = el('p', { class: 'caption' });
  const words = el('p', {});
  const claim = el('p', { class: 'claim', role: 'status', 'data-testid': 'claim' });
  const end = () => {
    emit({ type: 'set', change: { step: null } });
    // The card goes, and what had the focus with it.
    document.getElementById(`tab-${parts.latest.view.tab}`)?.focus();
  };
  /** @param {number} by */
  const move = (by) => {
    const to = (parts.latest.view.step ?? 0) + by;
    if (to >= STEPS.length) end();
    else emit(entered(parts.latest, to));
  };
  const back = button('Back', () => move(-1), {});
  const next = button('Next', () => move(1), { class: 'primary', 'data-testid': 'tour-next' });
  const leave = button('Leave the tour', end, { class: 'quiet' });
  const card = el(
    'section',
    { class: 'guide', 'aria-labelledby': 'guide-title', hidden: true },
    el('div', { class: 'guide-words' }, where, title, words, claim),
    el('div', { class: 'guide-buttons' }, back, next, leave),
  );
  root.append(card);
  const parts = {
    card,
    title,
    where,
    words,
    claim,
    back,
    next,
    latest: state,
    moved: false,
    shown: {},
    ofStep: {},
  };
  for (const type of ['wheel', 'touchmove', 'keydown', 'pointerdown'])
    addEventListener(type, () => (parts.moved = true), { passive: true });
  return parts;
}
