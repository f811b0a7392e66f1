/** Controls of experiments: a whole number, and a choice between a few. */

import { button, el } from './dom.js';

/**
 * A whole number one can type or step. What is outside its range becomes the nearest that is in it.
 * @param {{ label: string, testid: string, min: number, max?: number, hint?: string }} what
 * @param {(value: number) => void} set
 */
export function createNumber({ label, testid, min, max, hint }, set) {
  const input = el('input', {
    type: 'number',
    inputmode: 'numeric',
    id: testid,
    'data-testid': testid,
    min,
    max,
    step: 1,
    'aria-describedby': hint && `${testid}-hint`,
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
    element: el(
      'div',
      { class: 'field' },
      el('label', { for: testid }, label),
      input,
      hint ? el('span', { class: 'hint', id: `${testid}-hint` }, hint) : null,
    ),
    /** @param {number} value @param {number} [most] */
    show(value, most) {
      if (most !== undefined) input.max = String(most);
      // A field that was cleared to be typed in stays so.
      if (value !== now || (input.value === '' && document.activeElement !== input))
        input.value = String(value);
      now = value;
    },
  };
}

/**
 * A choice between a few, all of them in sight.
 * @template {string} Value
 * @param
 *   {{ legend: string, testid: string, options: readonly { value: Value, label: string, title?: string }[] }}
 *   what
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
    /** @param {Value | null} value null: none of them, so far */
    show(value) {
      for (const choice of choices) choice.input.checked = choice.value === value;
    },
  };
}

/**
 * A head's name that shows its pattern.
 * @param {string} name
 * @param {import('../state/state.js').Emit} emit
 */
export const headLink = (name, emit) =>
  button(name, () => emit({ type: 'lock', head: name }), {
    class: 'head-link',
    'data-head': name,
    'aria-label': `Show head ${name}`,
  });

/**
 * Heads in a sentence, each a link to its pattern.
 * @param {{ name: string, score: number | null }[]} heads
 * @param {string} what the score is called
 * @param {import('../state/state.js').Emit} emit
 * @param {(value: number | null) => string} figure @returns {Node[]}
 */
export function headLinks(heads, what, emit, figure) {
  return heads.flatMap(({ name, score }, at) => {
    const link = button(name, () => emit({ type: 'lock', head: name }), {
      class: 'head-link',
      'data-head': name,
      'aria-label': `Head ${name}, ${what} ${figure(score)}`,
    });
    return [el('span', { class: 'together' }, link, ` ${figure(score)}${at < heads.length - 1 ? ', ' : ''}`)];
  });
}
