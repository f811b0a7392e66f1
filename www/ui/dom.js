/** Helpers for views: elements made from plain data. Text is always set as text, never as HTML. */

/**
 * @typedef {Record<string, string | number | boolean | null | undefined>} Attributes
 * @typedef {Node | string | null} Child
 */

/**
 * An element with attributes and children. `true` makes an empty attribute; `false`, null and undefined make
 * none. A string becomes text.
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Tag} tag @param {Attributes} [attributes] @param {...Child} children
 * @returns {HTMLElementTagNameMap[Tag]}
 */
export function el(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === false || value === null || value === undefined) continue;
    // The page's policy forbids a style as an attribute.
    if (name === 'style') element.style.cssText = String(value);
    else element.setAttribute(name, value === true ? '' : String(value));
  }
  element.append(...children.filter((child) => child !== null));
  return element;
}

/**
 * A button with an action.
 * @param {string} label @param {() => void} act @param {Attributes} [attributes]
 */
export function button(label, act, attributes = {}) {
  const element = el('button', { type: 'button', ...attributes }, label);
  element.addEventListener('click', act);
  return element;
}

/**
 * A region that scrolls by itself, for content that may be wider than the page. The Tab key reaches it.
 * @param {string} label @param {...Child} children
 */
export const scroller = (label, ...children) =>
  el('div', { class: 'scroller', tabindex: 0, role: 'region', 'aria-label': label }, ...children);

/**
 * The row of a table's column headings.
 * @param {string[]} titles @param {readonly number[]} [figures] the columns that hold figures
 */
export const columnHeads = (titles, figures = []) =>
  el(
    'tr',
    {},
    ...titles.map((title, at) =>
      el('th', { scope: 'col', class: figures.includes(at) ? 'figure' : false }, title),
    ),
  );

/** Where the mouse was last seen to move to, on the screen. */
let seen = '';
const placeOf = (/** @type {PointerEvent} */ { screenX, screenY }) => `${screenX} ${screenY}`;
globalThis.addEventListener?.('pointermove', (event) => (seen = placeOf(event)), { capture: true });

/**
 * Previews a head while the mouse or the keyboard focus is on an element with `data-head` inside `root`. The
 * listeners are at the root, which stays when its content is drawn again.
 * @param {HTMLElement} root @param {import('../state/state.js').Emit} emit
 */
export function previewHeads(root, emit) {
  /** @param {EventTarget | null} target */
  const headOf = (target) =>
    (target instanceof Element && target.closest('[data-head]')?.getAttribute('data-head')) || null;
  const end = () => emit({ type: 'preview', head: null });
  // A finger cannot hover: a tap pins the head at once. Scrolling brings heads under a mouse that rests, and
  // none of them is meant.
  root.addEventListener('pointerover', (event) => {
    if (event.pointerType !== 'mouse') return;
    emit({ type: 'preview', head: placeOf(event) === seen ? null : headOf(event.target) });
  });
  root.addEventListener('pointerleave', end);
  root.addEventListener('focusin', ({ target }) => {
    if (target instanceof Element && target.matches(':focus-visible'))
      emit({ type: 'preview', head: headOf(target) });
  });
  root.addEventListener('focusout', end);
}

/** The parts of each view, by its root. @type {WeakMap<Element, unknown>} */
const built = new WeakMap();

/**
 * Builds the parts of a view on the first call for a root, and returns the same parts on later calls.
 * @template Parts
 * @param {Element} root @param {() => Parts} build @returns {Parts}
 */
export function once(root, build) {
  if (!built.has(root)) built.set(root, build());
  return /** @type {Parts} */ (built.get(root));
}

/**
 * Whether any value differs from the last call with the same `memory`. A view draws only what changed.
 * @param {{ seen?: unknown[] }} memory @param {...unknown} values
 */
export function changed(memory, ...values) {
  const same =
    memory.seen?.length === values.length && values.every((value, at) => Object.is(value, memory.seen?.[at]));
  if (!same) memory.seen = values;
  return !same;
}

/**
 * Sets an element's text only if the text differs: a live region then speaks only once.
 * @param {Node} node
 * @param {string} text
 */
export function setText(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

/**
 * Scrolls a part of the page into view.
 * @param {string} id
 * @param {'nearest' | 'start'} [block] nearest: no further than needed; start: to the top
 */
export function reveal(id, block = 'nearest') {
  const calm = matchMedia('(prefers-reduced-motion: reduce)').matches;
  document.getElementById(id)?.scrollIntoView({ block, behavior: calm ? 'auto' : 'smooth' });
}

/** Moves the focus to the pattern of a part of the page. @param {string} id */
export function focusIn(id) {
  const explorer = document.querySelector(`#${id} .explorer`);
  if (explorer instanceof HTMLElement) explorer.focus();
}

const darkQuery = globalThis.matchMedia?.('(prefers-color-scheme: dark)');
/** Whether the page is dark now. */
export const isDark = () => darkQuery?.matches ?? false;
/** Calls `act` whenever the colour scheme changes. @param {() => void} act */
export const onSchemeChange = (act) => darkQuery?.addEventListener('change', act);

/**
 * Calls `act` whenever a CSS pixel has another number of device pixels: the page was zoomed, or its window
 * moved to another screen.
 * @param {() => void} act
 */
export function onRatioChange(act) {
  const query = globalThis.matchMedia?.(`(resolution: ${globalThis.devicePixelRatio}dppx)`);
  // A query holds for one ratio.
  const changed = () => {
    act();
    onRatioChange(act);
  };
  query?.addEventListener('change', changed, { once: true });
}
