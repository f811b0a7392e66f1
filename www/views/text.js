/** The text box, which grows with its text, the chips of examples, and the line of the page's status. */

import { count, megabytes } from '../base/format.js';
import { directionOf, visible } from '../base/tokens.js';
import { EXAMPLES } from '../state/examples.js';
import { button, changed, el, once, setText } from '../ui/dom.js';
import { createSpoken } from '../ui/spoken.js';

/**
 * The longest text whose height is measured, in characters. Measuring takes time, and the box of a longer
 * text has its full height anyway.
 */
const MEASURED = 20_000;
const grows = globalThis.CSS?.supports?.('field-sizing', 'content') ?? false;

/** @param {number} milliseconds */
const duration = (milliseconds) =>
  milliseconds < 1000
    ? `${Math.max(1, Math.round(milliseconds))} ms`
    : `${(milliseconds / 1000).toFixed(1)} s`;

/** The page's work or last result, in one line. @param {import('../state/state.js').State} state */
function statusOf(state) {
  const { phase, result } = state;
  const words = workOf(state);
  // The mark stays until the page's own figures replace the precomputed ones.
  if (!result?.precomputed || phase === 'running') return words;
  return words ? `Precomputed result. ${words}` : 'Precomputed result';
}

/** @param {import('../state/state.js').State} state */
function workOf({ phase, progress, result, view, engine }) {
  if (phase === 'opening') return 'Starting the engine …';
  if (phase === 'loading') {
    if (!progress) return 'Loading the model …';
    return `Loading the model: ${megabytes(progress.loaded)} of ${megabytes(progress.total)} MB`;
  }
  if (phase === 'running')
    return `Analysing ${result?.text === view.text ? '' : `${count(view.text.length)} characters `}…`;
  if (!result || result.precomputed) return engine ? '' : 'The engine is not running.';
  const where = result.backend === 'webgpu' ? 'GPU' : 'CPU';
  if (result.text !== view.text) return `Last result: ${count(result.seq)} tokens`;
  return `${count(result.seq)} tokens in ${duration(result.wall_ms)} on the ${where}`;
}

/**
 * @param {Element} root
 * @param {import('../state/state.js').State} state
 * @param {import('../state/state.js').Emit} emit
 */
export function text(root, state, emit) {
  const parts = once(root, () => build(root, emit));
  const { view, phase, progress, result, model } = state;
  if (!changed(parts.memory, view.text, view.bos, phase, progress, result, model, state.undo)) return;
  const { box, chips, undo, line, bar, stop, bos } = parts;
  bos.show(state);
  if (box.value !== state.view.text) box.value = state.view.text;
  box.dir = directionOf(state.view.text);
  if (!grows) fit(box);
  undo.hidden = state.undo === null;
  chips.forEach((chip, at) =>
    chip.setAttribute('aria-pressed', String(EXAMPLES[at].text === state.view.text)),
  );
  const loading = state.phase === 'loading' ? state.progress : null;
  // The megabytes are seen, and the quarters are said.
  line.setAttribute('aria-live', loading ? 'off' : 'polite');
  setText(line, statusOf(state));
  parts.spoken.say(loading ? 'Loading the model' : null, loading?.loaded, loading?.total);
  bar.hidden = !loading;
  if (state.progress) Object.assign(bar, { max: state.progress.total, value: state.progress.loaded });
  stop.hidden = state.phase !== 'running';
}

/**
 * The switch for the BOS token: a box to check, or words where the model has none.
 * @param {import('../state/state.js').Emit} emit
 */
function createBos(emit) {
  const box = el('input', { type: 'checkbox', id: 'bos', 'data-testid': 'bos' });
  const label = el('label', { for: 'bos' });
  box.addEventListener('change', () => emit({ type: 'set', change: { bos: box.checked ? 'on' : 'off' } }));
  const element = el('span', { class: 'bos', hidden: true }, box, label);
  return {
    element,
    /** @param {import('../state/state.js').State} state */
    show({ model, view }) {
      element.hidden = !model?.hasTokenizer;
      if (!model) return;
      box.hidden = model.bos === null;
      box.checked = view.bos === 'model' ? model.prependsBos : view.bos === 'on';
      setText(label, model.bos === null ? 'no BOS token' : `${visible(model.bos)} first`);
      label.title = 'The BOS token goes before the text. Heads often rest their attention on it.';
    },
  };
}

/** Fits the height to the text, in browsers whose style sheets cannot. @param {HTMLTextAreaElement} box */
function fit(box) {
  box.style.height = box.value.length < MEASURED ? 'auto' : '';
  if (box.value.length < MEASURED) box.style.height = `${box.scrollHeight + 2}px`;
}

/** @param {Element} root @param {import('../state/state.js').Emit} emit */
function build(root, emit) {
  const box = el('textarea', {
    rows: 3,
    spellcheck: 'false',
    autocomplete: 'off',
    autocapitalize: 'off',
    'aria-label': 'Text to analyse',
    placeholder: 'Type or paste any text',
    'data-testid': 'text',
  });
  box.addEventListener('input', () => emit({ type: 'edit', text: box.value }));
  const undo = button(
    'Undo',
    () => {
      emit({ type: 'undo' });
      box.focus();
    },
    { class: 'chip', hidden: true, title: 'Bring back what was here before', 'data-testid': 'undo-example' },
  );
  const chips = EXAMPLES.map((example) =>
    button(example.name, () => emit({ type: 'edit', text: example.text, replaces: true }), {
      class: 'chip',
      title: example.hint,
      'data-testid': 'example',
    }),
  );
  const line = el('p', { role: 'status', class: 'doing', 'data-testid': 'status' });
  const spoken = createSpoken();
  const bos = createBos(emit);
  const bar = el('progress', { 'aria-label': 'Model loaded', hidden: true });
  const stop = button('Stop', () => emit({ type: 'stop' }), {
    class: 'quiet',
    hidden: true,
    'data-testid': 'stop',
  });
  root.append(
    box,
    el(
      'div',
      { class: 'under-text' },
      el('div', { class: 'chips', role: 'group', 'aria-label': 'Examples' }, ...chips, undo),
      el('div', { class: 'work' }, bos.element, bar, line, spoken.element, stop),
    ),
  );
  return { box, chips, undo, line, spoken, bar, stop, bos, memory: {} };
}
