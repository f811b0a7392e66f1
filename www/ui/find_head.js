/** A field that finds a head by its name: `5.5` previews the head, Enter pins it. */

import { typedHead } from '../figures/head_map.js';
import { el, setText } from './dom.js';

/**
 * @param {() => import('../figures/head_map.js').Shape} shape
 * @param {import('../state/state.js').Emit} emit
 */
export function createFindHead(shape, emit) {
  const input = el('input', {
    id: 'find-head',
    size: 5,
    placeholder: '5.5',
    autocomplete: 'off',
    inputmode: 'decimal',
    'data-testid': 'find-head',
  });
  const said = el('span', { class: 'hint', role: 'status', 'data-testid': 'find-head-told' });
  const found = () => typedHead(input.value, shape());
  input.addEventListener('input', () => {
    const typed = found();
    const problem = typed && 'problem' in typed ? typed.problem : '';
    setText(said, problem);
    input.setAttribute('aria-invalid', String(problem !== ''));
    emit({ type: 'preview', head: typed && 'head' in typed ? typed.head : null });
  });
  input.addEventListener('keydown', (event) => {
    if (event.key !== 'Enter') return;
    event.preventDefault();
    const typed = found();
    if (typed && 'head' in typed) emit({ type: 'lock', head: typed.head });
  });
  input.addEventListener('blur', () => emit({ type: 'preview', head: null }));
  return el('span', { class: 'find-head' }, el('label', { for: 'find-head' }, 'Find head'), input, said);
}
