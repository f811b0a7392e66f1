/** The choice of the logit that is attributed: the next token's, a token's, or the difference of two. */

import { button, changed, el } from './dom.js';

const HINT = 'Most tokens of words begin with a space: write it, as in “ Mary”.';

/** @param {(target: string[]) => void} set one token, two, or none for the next token */
export function createTargetForm(set) {
  const inputs = ['token', 'minus'].map((label) =>
    el('input', {
      id: `target-${label}`,
      'data-testid': `target-${label}`,
      size: 9,
      maxlength: 256,
      autocomplete: 'off',
      autocapitalize: 'off',
      spellcheck: false,
    }),
  );
  const fields = ['Token', 'minus'].map((label, at) =>
    el('div', { class: 'field' }, el('label', { for: inputs[at].id }, label), inputs[at]),
  );
  const next = button('Next token', () => set([]), { class: 'chip', 'data-testid': 'target-next' });
  const attribute = el('button', { type: 'submit', class: 'chip', 'data-testid': 'target-set' }, 'Attribute');
  const element = el('form', { class: 'fields target-form' }, next, ...fields, attribute);
  element.addEventListener('submit', (event) => {
    event.preventDefault();
    // A space is a token, so nothing is trimmed.
    const target = inputs.map(({ value }) => value).filter((value) => value !== '');
    if (target.length) set(target);
  });
  const memory = {};
  return {
    element: el('div', {}, element, el('p', { class: 'hint' }, HINT)),
    /** @param {readonly string[]} target */
    show(target) {
      if (!changed(memory, target)) return;
      next.setAttribute('aria-pressed', String(target.length === 0));
      inputs.forEach((input, at) => {
        input.value = target[at] ?? '';
      });
    },
  };
}
