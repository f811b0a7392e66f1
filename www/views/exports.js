/** The Export menu: arrays for numpy with their size, the detectors’ figures, a picture of the pattern. */

import { count, megabytes } from '../base/format.js';
import { extent } from '../exports/run.js';
import { button, changed, el, once, setText } from '../ui/dom.js';
import { createMenu } from '../ui/menu.js';

/** @typedef {(command: import('../work/exporting.js').Command) => void} Emit */

/** @type {readonly { name: keyof import('../exports/run.js').Chosen, label: string }[]} */
const ARRAYS = [
  { name: 'patterns', label: 'patterns (blocks.L.attn.hook_pattern)' },
  { name: 'logProbs', label: 'log-probabilities (log_probs)' },
  { name: 'residuals', label: 'residual stream (hook_resid_pre, hook_resid_post)' },
];

/** @param {Element} root @param {import('../state/state.js').State} state @param {Emit} emit */
export function exports(root, state, emit) {
  const parts = once(root, () => build(root, emit));
  parts.latest = state;
  if (changed(parts.ofState, state.result, state.exporting, state.pattern)) parts.show();
}

/** @param {Element} root @param {Emit} emit */
function build(root, emit) {
  const boxes = ARRAYS.map(({ name, label }) => {
    const input = el('input', { type: 'checkbox', checked: name !== 'residuals' });
    input.addEventListener('change', () => built.show());
    return { name, input, label: el('label', {}, input, ` ${label}`) };
  });
  const chosen = () => {
    const [patterns, logProbs, residuals] = boxes.map(({ input }) => input.checked);
    return { patterns, logProbs, residuals };
  };
  /** @param {import('../work/exporting.js').Format} what @param {string} label */
  const save = (what, label) =>
    button(label, () => emit({ type: 'export', what, chosen: chosen() }), {
      class: 'chip',
      'data-testid': `export-${what}`,
    });
  const size = el('span', { class: 'hint', 'data-testid': 'export-size' });
  const progress = el('span', { role: 'status', class: 'hint' });
  const stop = button('Stop', () => emit({ type: 'stop export' }), { class: 'quiet', hidden: true });
  const buttons = [save('npz', 'Save .npz'), save('safetensors', 'Save .safetensors')];
  const tables = [save('csv', 'Detectors as CSV'), save('json', 'Detectors as JSON')];
  const pictures = [save('svg', 'Picture as SVG'), save('png', 'Picture as PNG')];
  const all = [save('heads-svg', 'All heads as SVG'), save('heads-png', 'All heads as PNG')];
  const group = { class: 'choices', role: 'group', 'aria-label': 'Arrays to save' };
  const menu = createMenu(
    { label: 'Export', name: 'Save figures and pictures', testid: 'export' },
    el('h2', {}, 'Arrays for numpy'),
    el('div', group, ...boxes.map(({ label }) => label)),
    el('div', { class: 'chips' }, ...buttons, size, progress, stop),
    el('h2', {}, 'Figures of every head'),
    el('div', { class: 'chips' }, ...tables),
    el('h2', {}, 'The pattern that is shown'),
    el('div', { class: 'chips' }, ...pictures),
    el('h2', {}, 'All heads as one figure'),
    el('div', { class: 'chips' }, ...all),
  );
  root.append(menu.element);
  /** @type {{ latest: import('../state/state.js').State | null, ofState: {}, show(): void }} */
  const built = {
    latest: null,
    ofState: {},
    show() {
      const { result, exporting, pattern } = built.latest ?? {};
      const whole = pattern?.weights.length === (result?.seq ?? 0) ** 2;
      for (const each of [...buttons, ...tables, ...pictures, ...all])
        each.disabled = !result || result.precomputed === true || Boolean(exporting);
      for (const each of pictures) each.disabled ||= !whole;
      stop.hidden = !exporting;
      const words = exporting && `Saving: ${count(exporting.done)} of ${count(exporting.total)} arrays`;
      setText(progress, words || '');
      if (result) setText(size, `${megabytes(extent(result.seq, result.model.config, chosen()).bytes)} MB`);
    },
  };
  return built;
}
