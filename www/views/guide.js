/** A step of the tour, on a card that stays in sight beside the views that the step is about. */

import { afterDrawings } from '../base/frames.js';
import { linkTo } from '../link/history.js';
import { entered, STEPS, textFor, WAITING } from '../studies/tour.js';
import { button, changed, el, once, reveal, setText } from '../ui/dom.js';

/** @typedef {import('../state/state.js').State} State */
/** @typedef {import('../state/state.js').Emit} Emit */

const TWICE = 'Your text hardly repeats, so it is shown twice here.';

/** The page scrolls to the subject again as long after its figures are there, in milliseconds. */
const FOLLOWED_MS = 3000;

/**
 * The part of the page that a step is about. On a narrow page the pattern is below the heads: a step about a
 * head shows its pattern.
 * @param {import('../studies/tour_steps.js').Step} step
 */
const subjectOf = ({ at }) => (at === 'grid' && matchMedia('(max-width: 900px)').matches ? 'pattern' : at);

/** @param {Element} root @param {State} state @param {Emit} emit */
export function guide(root, state, emit) {
  const parts = once(root, () => build(root, state, emit));
  parts.latest = state;
  const { step } = state.view;
  const current = step === null ? null : STEPS[step];
  const at = document.activeElement;
  const started = parts.card.hidden && (!at || at === document.body || at.classList.contains('tour-start'));
  parts.card.hidden = !current;
  document.documentElement.classList.toggle('touring', current !== null);
  // The button that starts the tour disappears with the focus on it: the card takes the focus.
  if (started) parts.title.focus({ preventScroll: true });
  if (!current || step === null) return;
  if (changed(parts.ofStep, step)) {
    setText(parts.where, `Step ${step + 1} of ${STEPS.length}`);
    parts.steps.forEach(({ open }, at) => {
      if (at === step) open.setAttribute('aria-current', 'step');
      else open.removeAttribute('aria-current');
    });
    setText(parts.title, current.title);
    setText(parts.words, current.words);
    parts.back.disabled = step === 0;
    setText(parts.next, step === STEPS.length - 1 ? 'End' : 'Next');
    clearTimeout(parts.timer);
    Object.assign(parts, { moved: false, shown: {}, timer: 0 });
  }
  linkSteps(parts, state);
  // The figures of the text before tell nothing about the text that is being run.
  const overtaken = state.phase !== 'idle' && state.result?.text !== state.view.text;
  const { words, holds } = overtaken ? WAITING : current.claim(state);
  // The subject of the step may be hidden until there is a result, and it grows with its figures.
  const settled = holds !== null;
  if (changed(parts.shown, state.result !== null, settled)) void afterDrawings(parts.follow);
  if (settled && state.result && !parts.timer) parts.timer = setTimeout(parts.stay, FOLLOWED_MS);
  setText(parts.claim, `${parts.own === null ? '' : TWICE} ${words}`.trim());
  parts.claim.dataset.holds = String(holds);
}

/**
 * Keeps the address of each step: it can be copied, or opened in a new tab.
 * @param {ReturnType<typeof build>} parts @param {State} state
 */
function linkSteps(parts, state) {
  parts.steps.forEach(({ open, ofLink }, at) => {
    const look = STEPS[at].look(state);
    if (!changed(ofLink, state.view, JSON.stringify(look))) return;
    void linkTo({ ...state.view, ...look, step: at }).then((href) => {
      if (parts.latest.view === state.view) open.setAttribute('href', href);
    });
  });
}

/** The numbers of the steps, as links. @param {(step: number) => void} enter */
const stepLinks = (enter) =>
  STEPS.map(({ title }, at) => {
    const name = { title, 'aria-label': `Step ${at + 1}: ${title}` };
    const open = el('a', { class: 'step', href: '#', ...name, 'data-testid': 'tour-step' }, String(at + 1));
    // A plain click enters the step on this page.
    open.addEventListener('click', (event) => {
      if (event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
      event.preventDefault();
      enter(at);
    });
    return { open, ofLink: {} };
  });

/** @param {Element} root @param {State} state @param {Emit} emit */
function build(root, state, emit) {
  const title = el('h2', { id: 'guide-title', tabindex: -1 });
  const where = el('p', { class: 'caption' });
  const words = el('p', {});
  const claim = el('p', { class: 'claim', role: 'status', 'data-testid': 'claim' });
  /** Goes to a step, with the text that it needs. @param {number} to */
  const enter = (to) => {
    const stays = parts.own !== null && STEPS[to].repeats === true;
    if (!stays) putBack();
    emit(entered(parts.latest, to));
    const text = stays ? null : textFor(parts.latest, to);
    if (text === null) return;
    parts.own = parts.latest.view.text;
    emit({ type: 'edit', text });
  };
  /** Brings the visitor's own text back. */
  const putBack = () => {
    const { own, latest } = parts;
    parts.own = null;
    if (own !== null && latest.view.text === `${own} ${own}`) emit({ type: 'edit', text: own });
  };
  const end = () => {
    putBack();
    emit({ type: 'set', change: { step: null } });
    // The card disappears with the focus in it: the tab takes the focus.
    document.getElementById(`tab-${parts.latest.view.tab}`)?.focus();
  };
  /** @param {number} by */
  const move = (by) => {
    const to = (parts.latest.view.step ?? 0) + by;
    if (to >= STEPS.length) end();
    else enter(to);
  };
  const steps = stepLinks(enter);
  const back = button('Back', () => move(-1), {});
  const next = button('Next', () => move(1), { class: 'primary', 'data-testid': 'tour-next' });
  const leave = button('Leave the tour', end, { class: 'quiet' });
  const card = el(
    'section',
    { class: 'guide', 'aria-labelledby': 'guide-title', hidden: true },
    el('div', { class: 'guide-words' }, el('div', { role: 'status' }, where, title, words), claim),
    el(
      'div',
      { class: 'guide-buttons' },
      el('nav', { class: 'steps', 'aria-label': 'Steps of the tour' }, ...steps.map(({ open }) => open)),
      ...[back, next, leave],
    ),
  );
  root.append(card);
  const parts = {
    ...{ card, title, where, words, claim, steps, back, next },
    /** The visitor's own text, while it is shown twice. */
    own: /** @type {string | null} */ (null),
    ...{ latest: state, moved: false, shown: {}, ofStep: {} },
    /** @type {ReturnType<typeof setTimeout> | 0} */ timer: 0,
    /** Scrolls to the subject of the step, unless the visitor has moved meanwhile. */
    follow() {
      const { step } = parts.latest.view;
      if (step !== null && !parts.moved && STEPS[step]) reveal(subjectOf(STEPS[step]), 'start');
    },
    stay() {
      parts.moved = true;
    },
  };
  for (const type of ['wheel', 'touchmove', 'keydown', 'pointerdown'])
    addEventListener(type, parts.stay, { passive: true });
  // Charts above the subject are drawn later, and push it down.
  new ResizeObserver(parts.follow).observe(document.body);
  return parts;
}
