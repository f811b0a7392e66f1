/** Controls of experiments: a whole number, a choice between a few options, and links to heads. */

import { figure } from '../base/format.js';
import { button, el } from './dom.js';

/**
 * A field for a whole number. A number outside the range becomes the nearest number inside it.
 * @param {{ label: string, testid: string, min: number, max?: number }} what
 * @param {(value: number) => void} set
 */
export function createNumber({ label, testid, min, max }, set) {
  const input = el('input', {
    type: 'number',
    inputmode: 'numeric',
    id: testid,
    'data-testid': testid,
    min,
    max,
    step: 1,
  });
  let now = min;
  input.addEventListener('change', () => {
    const given = Math.round(Number(input.value));
    const fits =
      input.value.trim() === '' || !Number.isFinite(given)
        ? now
        : Math.min(Number(input.max || Infinity), Math.max(min, given));
    input.value = String(fits);
    if (fits !== now) set(fits);
  });
  return {
    element: el('div', { class: 'field' }, el('label', { for: testid }, label), input),
    /** @param {number} value @param {number} [most] the largest number of the range */
    show(value, most) {
      if (most !== undefined) input.max = String(most);
      // A field that the visitor cleared stays empty until it is left.
      if (value !== now || (input.value === '' && document.activeElement !== input))
        input.value = String(value);
      now = value;
    },
  };
}

/**
 * A choice between a few options, all of them visible.
 * @template {string} Value
 * @param {object} what
 * @param {string} what.legend
 * @param {string} what.testid
 * @param {readonly { value: Value, label: string, title?: string }[]} what.options
 * @param {(value: Value) => void} set
 */
export function createSwitch({ legend, testid, options }, set) {
  const choices = options.map(({ value, label, title }) => {
    const input = el('input', { type: 'radio', name: testid, value, 'data-testid': `${testid}-${value}` });
    input.addEventListener('change', () => set(value));
    return { value, input, label: el('label', { title }, input, el('span', {}, label)) };
  });
  return {
    element: el(
      'fieldset',
      { class: 'switch', 'data-testid': testid },
      el('legend', { class: 'unseen' }, legend),
      ...choices.map(({ label }) => label),
    ),
    /** @param {Value | null} value null while no option is chosen */
    show(value) {
      for (const choice of choices) choice.input.checked = choice.value === value;
    },
  };
}

/**
 * A head's name as a button that pins the head.
 * @param {string} name
 * @param {import('../state/state.js').Emit} emit
 * @param {string} [label] the accessible name
 */
export const headLink = (name, emit, label = `Show head ${name}`) =>
  button(name, () => emit({ type: 'lock', head: name }), {
    class: 'head-link',
    'data-head': name,
    'aria-label': label,
  });

/**
 * Heads with their scores, for a sentence.
 * @param {{ name: string, score: number | null }[]} heads
 * @param {string} what the name of the score
 * @param {import('../state/state.js').Emit} emit
 * @returns {Node[]}
 */
export const headLinks = (heads, what, emit) =>
  heads.map(({ name, score }, at) => {
    const link = headLink(name, emit, `Head ${name}, ${what} ${figure(score)}`);
    return el('span', { class: 'together' }, link, ` ${figure(score)}${at < heads.length - 1 ? ', ' : ''}`);
  });
