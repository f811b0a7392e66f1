/**
 * The head of the page: its name, the model, the backend with its switch, and the button that copies the
 * link.
 */

import { count } from '../base/format.js';
import { createSwitch } from '../ui/controls.js';
import { button, changed, el, once, setText } from '../ui/dom.js';

/** The tooltip of the model. @param {import('../state/state.js').ModelInUse} model */
const described = ({ sha256, config: { n_layers, n_heads, d_model, n_ctx }, keys }) =>
  `${n_layers} layers of ${n_heads} heads, d_model ${d_model}, n_ctx ${n_ctx}, ` +
  `sha256 ${sha256.slice(0, 12)}…\n${keys}`;

/**
 * @typedef {import('../state/state.js').Action} Action
 * @typedef {(action: Action | import('../models/models.js').Command | { type: 'copy link' }) => void} Emit
 */

/** @param {Element} root @param {import('../state/state.js').State} state @param {Emit} emit */
export function header(root, state, emit) {
  const parts = once(root, () => build(root, emit));
  const { model, engine, backend, result, copied, library } = state;
  if (!changed(parts.memory, model, engine, backend, result, copied, library.open)) return;
  setText(parts.model, model?.name ?? 'Models');
  parts.model.setAttribute('aria-expanded', String(library.open));
  parts.model.title = model ? described(model) : '';
  parts.backend.show(engine?.backend ?? (backend === 'auto' ? null : backend));
  const adapter = engine?.backend === 'webgpu' ? engine.adapter : '';
  setText(parts.adapter, adapter);
  parts.adapter.hidden = adapter === '';
  parts.copy.disabled = result === null;
  setText(parts.copy, copied === null ? 'Copy link' : 'Copied');
  setText(parts.said, copied === null ? '' : `${count(copied)} characters`);
}

/** @param {Element} root @param {Emit} emit */
function build(root, emit) {
  const toggle = () => emit({ type: 'show models', open: model.getAttribute('aria-expanded') !== 'true' });
  const model = button('Models', toggle, {
    class: 'model',
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
  const copy = button('Copy link', () => emit({ type: 'copy link' }), {
    class: 'primary',
    'data-testid': 'copy-link',
  });
  const said = el('span', { class: 'said', role: 'status', 'data-testid': 'copied' });
  const name = [el('h1', {}, 'Headscope'), el('p', {}, 'find induction heads in your browser')];
  const runsOn = el('div', { class: 'runs-on' }, backend.element, adapter);
  const controls = [model, runsOn, el('div', { class: 'copy' }, copy, said)];
  root.append(el('div', { class: 'brand' }, ...name), el('div', { class: 'controls' }, ...controls));
  return { model, backend, adapter, copy, said, memory: {} };
}
