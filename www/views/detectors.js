/** The detectors: their verdicts as ARENA's notebook prints them, and their thresholds. */

import { figure } from '../base/format.js';
import { DEFAULT_THRESHOLDS } from '../base/thresholds.js';
import { above } from '../figures/heads.js';
import { columnOf, FAMILIES } from '../figures/scores/index.js';
import { passes } from '../figures/table.js';
import { shownDetection } from '../state/state.js';
import { thresholdsOf } from '../state/view.js';
import { button, changed, el, once, setText } from '../ui/dom.js';

/** @type {readonly { name: 'active' | 'fraction' | 'mean', label: string, hint: string }[]} */
const SLIDERS = [
  { name: 'active', label: 'Active weight', hint: 'A row counts when its largest weight is above this' },
  {
    name: 'fraction',
    label: 'Fraction of rows',
    hint: 'Dominant weight names a head when more than this share of rows counts',
  },
  { name: 'mean', label: 'Mean score', hint: 'Mean score and token matching name a head above this' },
];

/**
 * @param {Element} root
 * @param {import('../state/state.js').State} state
 * @param {import('../state/state.js').Emit} emit
 */
export function detectors(root, state, emit) {
  const parts = once(root, () => build(root, emit));
  const { view } = state;
  const detection = shownDetection(state);
  for (const { name, input, output } of parts.sliders) {
    if (Number(input.value) !== view[name]) input.value = String(view[name]);
    setText(output, figure(view[name]));
  }
  parts.reset.hidden = SLIDERS.every(({ name }) => view[name] === DEFAULT_THRESHOLDS[name]);
  if (detection && changed(parts.ofDetection, detection))
    showPrinted(parts.printed, detection, thresholdsOf(view));
}

/** @param {Element} root @param {import('../state/state.js').Emit} emit */
function build(root, emit) {
  const sliders = SLIDERS.map((slider) => sliderOf(slider, emit));
  const toDefaults = () => emit({ type: 'thresholds', ...DEFAULT_THRESHOLDS });
  const reset = button('Back to the notebook’s thresholds', toDefaults, { class: 'link', hidden: true });
  const blocks = FAMILIES.flatMap(({ name, printed: words, scores }) => {
    if (!words) return [];
    const printed = scores.flatMap((score) => (score.printed ? [lineOf(score, words.undefinedWords)] : []));
    const block = el(
      'div',
      { class: 'printed', 'data-testid': `printed-${name}` },
      el('h3', {}, words.title),
    );
    block.append(...printed.map(({ line }) => line));
    return [{ block, printed }];
  });
  root.append(
    el('h2', { id: 'detectors-title' }, 'Detectors'),
    el('div', { class: 'verdicts' }, ...blocks.map(({ block }) => block)),
    el(
      'div',
      { class: 'sliders', role: 'group', 'aria-label': 'Thresholds' },
      ...sliders.map(({ element }) => element),
    ),
    reset,
  );
  return { sliders, reset, printed: blocks.flatMap(({ printed }) => printed), ofDetection: {} };
}

/** @param {typeof SLIDERS[number]} slider @param {import('../state/state.js').Emit} emit */
function sliderOf({ name, label, hint }, emit) {
  const id = `threshold-${name}`;
  const range = { type: 'range', min: 0, max: 1, step: 0.01 };
  const input = el('input', { ...range, id, 'aria-describedby': `${id}-hint`, 'data-testid': id });
  input.addEventListener('input', () => emit({ type: 'thresholds', [name]: Number(input.value) }));
  const output = el('output', { for: id });
  const explained = el('p', { id: `${id}-hint`, class: 'hint' }, hint);
  return {
    name,
    input,
    output,
    element: el('div', { class: 'slider' }, el('label', { for: id }, label), output, input, explained),
  };
}

/**
 * One line as ARENA's notebook prints it: `Induction heads: 1.4, 1.10`.
 * @param {import('../figures/scores/index.js').Score} score
 * @param {string} undefinedWords
 */
function lineOf({ id, printed }, undefinedWords) {
  const heads = el('span', { class: 'printed-heads' });
  const aside = el('span', { class: 'aside' });
  return {
    ...{ id, heads, aside, undefinedWords },
    line: el('p', { 'data-testid': `printed-${id}` }, el('span', {}, `${printed}: `), heads, aside),
  };
}

/**
 * @param {ReturnType<typeof lineOf>[]} printed @param {import('../figures/heads.js').Detection} detection
 * @param {import('../figures/heads.js').Thresholds} thresholds
 */
function showPrinted(printed, detection, thresholds) {
  for (const { id, heads, aside, undefinedWords } of printed) {
    const column = columnOf(id);
    const threshold = column.threshold ? thresholds[column.threshold] : 1;
    const found = above(column.scores(detection), threshold);
    const names = found.heads.map(({ name }) => name).join(', ');
    setText(heads, names || (found.best ? 'none' : undefinedWords));
    const uniform = column.uniform(detection);
    const flagged = passes(column, uniform, thresholds);
    const baseline = `uniform baseline ${figure(uniform)}`;
    setText(aside, uniform === null ? '' : flagged ? `⚑ ${baseline} passes too` : baseline);
    aside.classList.toggle('flagged', flagged);
  }
}
