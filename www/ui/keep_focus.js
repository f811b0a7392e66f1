/**
 * Keeps the focus in the page. A redraw may remove, hide or disable the control that has the focus, and the
 * browser then moves the focus to the body: the next Tab would start at the top of the page. This module
 * moves the focus to the control that comes next in the same region, else to the region.
 *
 * @typedef {HTMLElement | SVGElement} Control
 *
 * @typedef {object} Held
 * @property {Control} control
 * @property {HTMLElement} region
 * @property {number} at              the control's place among the controls of its region
 * @property {boolean} byKeyboard     whether the focus is visible
 * @property {boolean} lost           whether the control could not have the focus at some moment
 * @property {Control | null} origin  the control that this one stands in for
 */

import { afterDrawings, inFramesFirst } from '../base/frames.js';

/** Text fields are no substitutes: the next key would change them, and a phone would open its keyboard. */
const CONTROLS = [
  'a[href]',
  'button',
  'select',
  'summary',
  'input:is([type="checkbox"], [type="range"], [type="radio"]:checked)',
  '[tabindex="0"]',
].join();

/** What can take a control away: its own attributes, and those of the elements around it. */
const ATTRIBUTES = ['hidden', 'disabled', 'class', 'open'];

/** @param {Element} element */
const isShown = (element) => element.isConnected && element.getClientRects().length > 0;

/** @param {Element} element */
const canHaveFocus = (element) => isShown(element) && !element.matches(':disabled');

/** The controls that Tab reaches in a region. @param {Element} region */
const controlsOf = (region) =>
  [.../** @type {NodeListOf<Control>} */ (region.querySelectorAll(CONTROLS))].filter(
    (control) => control.tabIndex >= 0 && canHaveFocus(control),
  );

/** What a control is called: a redraw may replace it by an equal one. @param {Control} control */
const nameOf = (control) =>
  JSON.stringify([control.dataset.testid, control.getAttribute('aria-label'), control.textContent]);

/**
 * The control that takes the place of a lost one; undefined where the region has no controls.
 * @param {Held} held
 */
function successor({ control, region, at }) {
  const controls = controlsOf(region);
  const after = (/** @type {Node} */ other) =>
    control.compareDocumentPosition(other) & Node.DOCUMENT_POSITION_FOLLOWING;
  if (region.contains(control)) return controls.find(after) ?? controls.at(-1);
  const same = controls.find((other) => nameOf(other) === nameOf(control));
  return same ?? controls[Math.min(at, controls.length - 1)];
}

/** The control that opens what is hidden around an element. @param {Element} element */
function openerOf(element) {
  const hidden = element.closest('[hidden]');
  if (!hidden) return null;
  return hidden.getAttribute('role') === 'tabpanel'
    ? document.querySelector('[role="tab"][aria-selected="true"]')
    : document.querySelector(`[aria-controls="${CSS.escape(hidden.id)}"]`);
}

/** Lets a region have the focus, until it loses the focus. @param {HTMLElement} region */
function makeFocusable(region) {
  if (region.hasAttribute('tabindex')) return;
  region.tabIndex = -1;
  region.addEventListener('blur', () => region.removeAttribute('tabindex'), { once: true });
}

/** @param {readonly HTMLElement[]} regions in the order of the page; they stay when their content changes */
export function keepFocus(regions) {
  /** @type {Held | null} */ let held = null;
  let waiting = false;
  const observer = new MutationObserver(() => {
    if (!held || canHaveFocus(held.control)) return;
    held.lost = true;
    void settle();
  });

  addEventListener('focusin', ({ target }) => hold(/** @type {Control} */ (target)));
  addEventListener('focusout', () => void settle());

  /** @param {Control} control that has the focus */
  function hold(control) {
    observer.disconnect();
    const region = regions.find((one) => one.contains(control));
    held = null;
    if (!region) return;
    const at = controlsOf(region).indexOf(control);
    const byKeyboard = control.matches(':focus-visible');
    held = { control, region, at: Math.max(0, at), byKeyboard, lost: false, origin: null };
    // Browsers leave a control of which a few pixels are in sight where it is.
    if (byKeyboard && control.matches(CONTROLS))
      control.scrollIntoView({ block: 'nearest', inline: 'nearest' });
    for (let around = /** @type {Element | null} */ (control); around; around = around.parentElement)
      observer.observe(around, { childList: true, attributeFilter: ATTRIBUTES });
  }

  /** Looks where the focus is once the page is drawn: a view may move the focus itself. */
  async function settle() {
    if (waiting) return;
    waiting = true;
    await inFramesFirst((function* () {})());
    await afterDrawings(() => {});
    waiting = false;
    if (!held) return;
    const { control, lost } = held;
    const now = document.activeElement;
    if (now && now !== document.body && now !== control) return;
    if (!canHaveFocus(control)) return moveOn(held);
    if (now === control) return;
    if (lost) control.focus({ preventScroll: true });
    // The visitor left the control: a click beside all controls, for example.
    else held = null;
  }

  /** @param {Held} from */
  function moveOn(from) {
    const { control, region, byKeyboard } = from;
    const origin = from.origin ?? control;
    const to = canHaveFocus(origin) ? origin : (successor(from) ?? openerOf(region) ?? regionAfter(region));
    if (!to) return;
    if (regions.includes(/** @type {HTMLElement} */ (to))) makeFocusable(/** @type {HTMLElement} */ (to));
    /** @type {Control} */ (to).focus({ preventScroll: !byKeyboard });
    if (held) held.origin = origin;
  }

  /** The region itself, or the next one where it is empty. @param {HTMLElement} region */
  const regionAfter = (region) =>
    regions.slice(regions.indexOf(region)).find((one) => isShown(one) && one.offsetHeight > 0);
}
