/**
 * Shows a hidden element of thousands of elements in frames: the browser lays out all that is shown at once
 * in one task.
 */

import { inFrames } from '../base/frames.js';

/** The most elements of a part that is shown at once. */
const PART = 80;

/** @param {Element} element */
const sizeOf = (element) => 1 + element.getElementsByTagName('*').length;

/**
 * The parts of an element in document order, none of them large. A hidden part costs nothing.
 * @param {Element} element @returns {Element[]}
 */
const partsOf = (element) =>
  [...element.children].flatMap((child) => {
    if (child instanceof HTMLElement && child.hidden) return [];
    return sizeOf(child) <= PART || child.children.length === 0 ? [child] : partsOf(child);
  });

/**
 * The parts of each element that wait for their frame, and how often the element was shown.
 * @type {WeakMap<Element, { parts: Set<Element>, shown: number }>}
 */
const waiting = new WeakMap();

/** @param {HTMLElement} element @param {Set<Element>} parts @returns {import('../base/frames.js').Drawing} */
function* showing(element, parts) {
  for (const part of parts) {
    part.classList.remove('later');
    parts.delete(part);
    yield sizeOf(part);
  }
  element.style.minBlockSize = '';
}

/**
 * Shows an element whose `hidden` is set, part by part from its start.
 * @param {HTMLElement} element
 */
export function showInFrames(element) {
  // An element that was hidden again before all was shown has parts that still wait.
  const { parts, shown } = waiting.get(element) ?? { parts: new Set(), shown: 0 };
  const mine = shown + 1;
  waiting.set(element, { parts, shown: mine });
  for (const part of partsOf(element)) {
    part.classList.add('later');
    parts.add(part);
  }
  // The page stays long enough for its place: it would scroll back while the element is short.
  element.style.minBlockSize = '100vh';
  element.hidden = false;
  void inFrames(showing(element, parts), () => !element.hidden && waiting.get(element)?.shown === mine);
}
