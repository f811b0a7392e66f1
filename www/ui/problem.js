/**
 * A problem with its words, its detail and the buttons that may help.
 * @typedef {import('../state/state.js').State} State
 */

import { explain } from '../state/errors.js';
import { wanted } from '../state/problems.js';
import { button, el } from './dom.js';

/** Whether the model that is wanted was not yet tried at half precision. @param {State} state */
function canBeHalved(state) {
  const { model, half } = wanted(state);
  return model !== 'default' && !half;
}

/**
 * @param {import('../state/state.js').Problem} problem
 * @param {State} state
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
      !(command.type === 'open model' && command.model === state.view.model) &&
      !(command.type === 'halve' && !(loading && canBeHalved(state))),
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
