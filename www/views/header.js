/** The head of the page: its name, the tour, the model, and the backend with its switch. */

import { entered } from '../studies/tour.js';
import { createSwitch } from '../ui/controls.js';
import { button, changed, el, once, setText } from '../ui/dom.js';

/** The tooltip of the model. @param {import('../state/state.js').ModelInUse} model */
const described = ({ sha256, config: { n_layers, n_heads, d_model, n_ctx }, keys }) =>
  `${n_layers} layers of ${n_heads} heads, d_model ${d_model}, n_ctx ${n_ctx}, ` +
  `sha256 ${sha256.slice(0, 12)}…\n${keys}`;

/**
 * @typedef {import('../state/state.js').Action} Action
 * @typedef {import('../state/state.js').State} State
 * @typedef {(action: Action | import('../models/models.js').Command) => void} Emit
 */

/** @param {Element} root @param {State} state @param {Emit} emit */
export function header(root, state, emit) {
  const parts = once(root, () => build(root, state, emit));
  parts.latest = state;
  const { model, engine, backend, library, view } = state;
  if (!changed(parts.memory, model, engine, backend, library.open, view.step)) return;
  setText(parts.model, model?.name ?? 'Models');
  parts.model.setAttribute('aria-expanded', String(library.open));
  parts.model.title = model ? described(model) : '';
  parts.backend.show(engine?.backend ?? (backend === 'auto' ? null : backend));
  const adapter = engine?.backend === 'webgpu' ? engine.adapter : '';
  setText(parts.adapter, adapter);
  parts.adapter.hidden = adapter === '';
  parts.tour.hidden = view.step !== null;
}

/** @param {Element} root @param {State} state @param {Emit} emit */
function build(root, state, emit) {
  const toggle = () => emit({ type: 'show models', open: model.getAttribute('aria-expanded') !== 'true' });
  const model = button('Models', toggle, {
    class: 'opener model',
    'aria-expanded': 'false',
    'aria-controls': 'models',
    'data-testid': 'model',
  });
  const adapter = el('span', { class: 'adapter', 'data-testid': 'adapter' });
  const options = /** @type {const} */ ([
    { value: 'webgpu', label: 'GPU' },
    { value: 'cpu', label: 'CPU' },
  ]);
  const backend = createSwitch({ legend: 'Runs on', testid: 'backend', options }, (chosen) =>
    emit({ type: 'backend', backend: chosen }),
  );
  const tour = button('Take the tour', () => emit(entered(parts.latest, 0)), {
    class: 'chip tour-start',
    'data-testid': 'tour-start',
  });
  const name = [el('h1', {}, 'Headscope'), el('p', {}, 'find induction heads in your browser')];
  const runsOn = el('div', { class: 'runs-on' }, backend.element, adapter);
  const skip = button('Skip to the answer', () => document.getElementById('answer')?.focus(), {
    class: 'skip',
    'data-testid': 'skip',
  });
  root.append(
    skip,
    el('div', { class: 'brand' }, ...name, tour),
    el('div', { class: 'controls' }, model, runsOn),
  );
  const parts = { model, backend, adapter, tour, latest: state, memory: {} };
  return parts;
}
