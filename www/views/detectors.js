/** The detectors: their verdicts as the notebook prints them, and the thresholds they go by. */

import { above } from '../figures/heads.js';
import { figure } from '../base/format.js';
import { DEFAULT_VIEW, thresholdsOf } from '../state/view.js';
import { columns, passes } from '../figures/table.js';
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
 * The verdicts of the thresholded detectors, in the notebook's words.
 * @type {readonly { title: string, group: string, lines: readonly [string, string][] }[]}
 */
const PRINTED = [
  {
    title: 'By dominant weight',
    group: 'dominant',
    lines: [
      ['dominant-current', 'Heads attending to current token'],
      ['dominant-previous', 'Heads attending to previous token'],
      ['dominant-first', 'Heads attending to first token'],
    ],
  },
  {
    title: 'By mean score',
    group: 'mean',
    lines: [
      ['mean-current', 'Heads attending to current token'],
      ['mean-previous', 'Heads attending to previous token'],
      ['mean-first', 'Heads attending to first token'],
    ],
  },
  {
    title: 'By token matching',
    group: 'matching',
    lines: [
      ['matching-induction', 'Induction heads'],
      ['matching-duplicate', 'Duplicate-token heads'],
    ],
  },
];

/**
 * @param {Element} root
 * @param {import('../state/state.js').State} state
 * @param {import('../state/state.js').Emit} emit
 */
export function detectors(root, state, emit) {
  const parts = once(root, () => build(root, emit));
  const { detection, view } = state;
  for (const { name, input, output } of parts.sliders) {
    if (Number(input.value) !== view[name]) input.value = String(view[name]);
    setText(output, figure(view[name]));
  }
  parts.reset.hidden = SLIDERS.every(({ name }) => view[name] === DEFAULT_VIEW[name]);
  if (detection && changed(parts.ofDetection, detection))
    showPrinted(parts.printed, detection, thresholdsOf(view));
}

/** @param {Element} root @param {import('../state/state.js').Emit} emit */
function build(root, emit) {
  const sliders = SLIDERS.map((slider) => sliderOf(slider, emit));
  const { active, fraction, mean } = DEFAULT_VIEW;
  const reset = button(
    'Back to the notebook’s thresholds',
    () => emit({ type: 'thresholds', active, fraction, mean }),
    {
      class: 'link',
      hidden: true,
    },
  );
  const blocks = PRINTED.map(({ title, group, lines }) => {
    const printed = lines.map(([id, words]) => lineOf(id, words));
    const block = el('div', { class: 'printed', 'data-testid': `printed-${group}` }, el('h3', {}, title));
    block.append(...printed.map(({ line }) => line));
    return { block, printed };
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

/** One line as the notebook prints it. @param {string} id of its column @param {string} words */
function lineOf(id, words) {
  const heads = el('span', { class: 'printed-heads' });
  const aside = el('span', { class: 'aside' });
  return {
    id,
    heads,
    aside,
    line: el('p', { 'data-testid': `printed-${id}` }, el('span', {}, `${words}: `), heads, aside),
  };
}

/**
 * @param {ReturnType<typeof lineOf>[]} printed @param {import('../figures/heads.js').Detection} detection
 * @param {import('../figures/heads.js').Thresholds} thresholds
 */
function showPrinted(printed, detection, thresholds) {
  for (const { id, heads, aside } of printed) {
    const column = /** @type {import('../figures/table.js').Column} */ (
      columns.find((candidate) => candidate.id === id)
    );
    const threshold = column.threshold ? thresholds[column.threshold] : 1;
    const found = above(column.scores(detection), threshold);
    const nullLine = column.nullLine(detection);
    setText(
      heads,
      found.heads.map(({ name }) => name).join(', ') || (found.best ? 'none' : 'no token occurs twice'),
    );
    const flagged = passes(column, nullLine, thresholds);
    setText(
      aside,
      nullLine === null
        ? ''
        : flagged
          ? `⚑ null line ${figure(nullLine)} passes too`
          : `null line ${figure(nullLine)}`,
    );
    aside.classList.toggle('flagged', flagged);
  }
}
