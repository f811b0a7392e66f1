/** Small help for views: elements made from plain data, text only ever as text. */

/**
 * @typedef {Record<string, string | number | boolean | null | undefined>} Attributes
 * @typedef {Node | string | null} Child
 */

/**
 * An element with attributes (`true` an empty one, `false`, null and undefined none) and children; strings
 * become text.
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Tag} tag @param {Attributes} [attributes] @param {...Child} children
 * @returns {HTMLElementTagNameMap[Tag]}
 */
export function el(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === false || value === null || value === undefined) continue;
    element.setAttribute(name, value === true ? '' : String(value));
  }
  element.append(...children.filter((child) => child !== null));
  return element;
}

/**
 * A button that says what it does.
 * @param {string} label @param {() => void} act @param {Attributes} [attributes]
 */
export function button(label, act, attributes = {}) {
  const element = el('button', { type: 'button', ...attributes }, label);
  element.addEventListener('click', act);
  return element;
}

/**
 * Previews the head that an element with `data-head` inside `root` stands for while the mouse or the
 * keyboard's focus is
 * on it. Heard at the root, which stays while what is in it is drawn anew.
 * @param {HTMLElement} root @param {import('../state/state.js').Emit} emit
 */
export function previewHeads(root, emit) {
  /** @param {EventTarget | null} target */
  const headOf = (target) =>
    (target instanceof Element && target.closest('[data-head]')?.getAttribute('data-head')) || null;
  const end = () => emit({ type: 'preview', head: null });
  // A finger has no hover: its tap chooses at once.
  root.addEventListener('pointerover', ({ pointerType, target }) => {
    if (pointerType === 'mouse') emit({ type: 'preview', head: headOf(target) });
  });
  root.addEventListener('pointerleave', end);
  root.addEventListener('focusin', ({ target }) => {
    if (target instanceof Element && target.matches(':focus-visible'))
      emit({ type: 'preview', head: headOf(target) });
  });
  root.addEventListener('focusout', end);
}

/** What a view built the first time it drew into a root. @type {WeakMap<Element, unknown>} */
const built = new WeakMap();

/**
 * Builds a view's parts on its first call for a root, and hands the same parts back after that.
 * @template Parts
 * @param {Element} root @param {() => Parts} build @returns {Parts}
 */
export function once(root, build) {
  if (!built.has(root)) built.set(root, build());
  return /** @type {Parts} */ (built.get(root));
}

/**
 * Whether any of these differ from the last time this was asked of `memory`; a view draws only what has.
 * @param {{ seen?: unknown[] }} memory @param {...unknown} values
 */
export function changed(memory, ...values) {
  const same =
    memory.seen?.length === values.length && values.every((value, at) => Object.is(value, memory.seen?.[at]));
  if (!same) memory.seen = values;
  return !same;
}

/**
 * Sets an element's text only where it differs, so that live regions do not speak twice.
 * @param {Node} node
 * @param {string} text
 */
export function setText(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

/**
 * Brings a part of the page into view.
 * @param {string} id
 * @param {'nearest' | 'start'} [block] nearest: no further than it takes; start: to the top
 */
export function reveal(id, block = 'nearest') {
  const calm = matchMedia('(prefers-reduced-motion: reduce)').matches;
  document.getElementById(id)?.scrollIntoView({ block, behavior: calm ? 'auto' : 'smooth' });
}

/** The page's colour scheme, watched. */
const darkQuery = globalThis.matchMedia?.('(prefers-color-scheme: dark)');
export const isDark = () => darkQuery?.matches ?? false;
/** @param {() => void} act */
export const onSchemeChange = (act) => darkQuery?.addEventListener('change', act);
