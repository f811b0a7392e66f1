/** The head of the page: its name, the model, where it runs with a switch, and the copy button. */

import { count } from '../base/format.js';
import { button, changed, el, once, setText } from '../ui/dom.js';
import { createSwitch } from '../ui/controls.js';

/** @param {import('../state/state.js').ModelInUse} model */
const described = ({ sha256, config, keys }) =>
  `${config.n_layers} layers of ${config.n_heads} heads, d_model ${config.d_model}, n_ctx ${config.n_ctx}, sha256 ${sha256.slice(0, 12)}…\n${keys}`;

/**
 * @param {Element} root @param {import('../state/state.js').State} state
 * @param
 *   {(action: import('../state/state.js').Action | import('../models/models.js').Command | { type: 'copy link' }) => void}
 *   emit
 */
export function header(root, state, emit) {
  const parts = once(root, () => {
    const toggle = () => emit({ type: 'show models', open: model.getAttribute('aria-expanded') !== 'true' });
    const model = button('Models', toggle, {
      class: 'model',
      'aria-expanded': 'false',
      'aria-controls': 'models',
      'data-testid': 'model',
    });
    const adapter = el('span', { class: 'adapter', 'data-testid': 'adapter' });
    const backend = createSwitch(
      {
        legend: 'Runs on',
        testid: 'backend',
        options: [
          { value: 'webgpu', label: 'GPU' },
          { value: 'cpu', label: 'CPU' },
        ],
      },
      (backend) => emit({ type: 'backend', backend }),
    );
    const copy = button('Copy link', () => emit({ type: 'copy link' }), {
      class: 'primary',
      'data-testid': 'copy-link',
    });
    const said = el('span', { class: 'said', role: 'status', 'data-testid': 'copied' });
    root.append(
      el(
        'div',
        { class: 'brand' },
        el('h1', {}, 'Headscope'),
        el('p', {}, 'find induction heads in your browser'),
      ),
      el(
        'div',
        { class: 'controls' },
        model,
        el('div', { class: 'runs-on' }, backend.element, adapter),
        el('div', { class: 'copy' }, copy, said),
      ),
    );
    return { model, backend, adapter, copy, said, memory: {} };
  });
  if (
    !changed(
      parts.memory,
      state.model,
      state.engine,
      state.backend,
      state.result,
      state.copied,
      state.library.open,
    )
  )
    return;
  setText(parts.model, state.model?.name ?? 'Models');
  parts.model.setAttribute('aria-expanded', String(state.library.open));
  parts.model.title = state.model ? described(state.model) : '';
  parts.backend.show(state.engine?.backend ?? (state.backend === 'auto' ? null : state.backend));
  const adapter = state.engine?.backend === 'webgpu' ? state.engine.adapter : '';
  setText(parts.adapter, adapter);
  parts.adapter.hidden = adapter === '';
  parts.copy.disabled = state.result === null;
  setText(parts.copy, state.copied === null ? 'Copy link' : 'Copied');
  setText(parts.said, state.copied === null ? '' : `${count(state.copied)} characters`);
}
