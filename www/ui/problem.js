/** A problem with its words, its detail and the buttons that may help. */

import { explain } from '../state/errors.js';
import { button, el } from './dom.js';

/**
 * @param {import('../state/state.js').Problem} problem
 * @param {import('../state/state.js').State} state
 * @param {(command: import('../state/errors.js').Command) => void} emit
 */
export function problemElement({ code, detail }, state, emit) {
  const loading = state.model === null || state.refused?.code === code;
  const { tone, title, sentence, remedies } = explain(code, state.result !== null, loading);
  // The backend or the model that is in use is no remedy.
  const runsOn = state.engine?.backend ?? state.backend;
  const useful = remedies.filter(
    ({ command }) =>
      !(command.type === 'backend' && command.backend === runsOn) &&
      !(command.type === 'open model' && command.model === state.view.model),
  );
  return el(
    'div',
    { class: `problem ${tone}`, 'data-testid': 'problem', 'data-code': code },
    el('p', { class: 'title' }, title),
    el('p', {}, sentence),
    detail ? el('p', { class: 'detail' }, detail) : null,
    el(
      'p',
      { class: 'remedies' },
      ...useful.map(({ label, command }) => button(label, () => emit(command))),
      button('Dismiss', () => emit({ type: 'dismiss', code }), { class: 'quiet' }),
    ),
  );
}
