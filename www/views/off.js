/**
 * Ablation: the chosen heads and MLPs, the kind, the tokens, and the effect on the loss and on every score.
 */

import { count, figure } from '../base/format.js';
import { toggled } from '../base/heads.js';
import { changesOf, LEAST } from '../figures/changes.js';
import { ablationOf, inWords, isAblated } from '../state/ablation.js';
import { shownOn } from '../state/tabs.js';
import { DEFAULT_VIEW } from '../state/view.js';
import { ablation, unablated } from '../studies/ablation.js';
import { repeated, seqLenOf } from '../studies/repeated.js';
import { latest } from '../studies/study.js';
import { createAskRepeats } from '../ui/ask_repeats.js';
import { createSwitch, headLink } from '../ui/controls.js';
import { button, changed, columnHeads, el, once, previewHeads, scroller, setText } from '../ui/dom.js';
import { createHeadTable } from '../ui/head_table.js';
import { signed } from '../ui/heat_cells.js';
import { createLayerToggles } from '../ui/layer_toggles.js';
import { createStudyStatus } from '../ui/study_status.js';
import { createRows } from '../ui/table_rows.js';
import { introduction } from '../ui/term.js';

/** Rows shown until the visitor asks for more. */
const FEW = 24;

/** Rows that a click adds: a model of 270 heads has 4,000. */
const MORE = 256;

const LEAD = [
  '[Ablating] a head replaces its output z by zero, or by its mean, at every position. Later heads then run',
  'without what the head wrote. Choose any set of heads.',
].join(' ');

const MLP_LEAD = 'The output of an MLP is replaced in the same way. Choose any set of layers.';

const ONE_SEQUENCE = [
  'With a single sequence the mean is the head’s own output, so mean ablation changes nothing here. Measure',
  'on two or more repeated sequences.',
].join(' ');

/** @typedef {import('../state/state.js').State} State */
/** @typedef {import('../state/state.js').Emit} Emit */
/** @typedef {import('../studies/ablation.js').Ablated} Ablated */
/** @typedef {import('../figures/changes.js').Change} Change */

/**
 * @param {Element} root
 * @param {State} state
 * @param {Emit} emit
 */
export function off(root, state, emit) {
  const parts = once(root, () => build(root, emit));
  parts.latest = state;
  const { view, result } = state;
  if (!shownOn('ablate', state) || !result) return;
  const { n_layers, n_heads } = result.model.config;
  if (changed(parts.ofToggles, view.off, n_layers, n_heads)) showToggles(parts, n_layers, n_heads);
  parts.ofMlps.hidden = !result.model.config.d_mlp;
  if (!parts.ofMlps.hidden) parts.mlps.show(n_layers, view.offMlps);
  parts.kind.show(view.ablation);
  parts.on.show(view.on);
  const any = isAblated(view);
  parts.none.disabled = !any;
  parts.oneSequence.hidden = !(view.ablation === 'mean' && (view.on === 'text' || view.batch === 1));
  parts.ask.show(state);
  if (view.on === 'text') parts.ask.element.hidden = true;
  for (const each of parts.statuses) each.show(state);
  const [before, after] = [latest(state, unablated), any ? latest(state, ablation) : null];
  const current = Boolean(before?.current && (after?.current || !any));
  parts.results.hidden = !before || !after;
  for (const part of [parts.sentence, parts.results]) part.classList.toggle('stale', !current);
  if (!current || !before) return;
  setText(parts.sentence, sentenceOf(state, before.value, after?.value ?? null));
  const means = view.on === 'repeats' && view.batch > 1;
  setText(
    parts.means,
    means ? 'The stripes are means over the sequences, the other scores are of the first sequence.' : '',
  );
  if (after && changed(parts.ofTable, before.value, after.value, parts.asked))
    listTable(parts, before.value, after.value);
}

/** @param {Element} root @param {Emit} emit */
function build(root, emit) {
  const choices = createChoices(() => parts.latest?.view ?? DEFAULT_VIEW, emit);
  const oneSequence = el('p', { class: 'hint', 'data-testid': 'off-mean' }, ONE_SEQUENCE);
  const sentence = el('p', { class: 'sentence', role: 'status', 'data-testid': 'off-told' });
  const ask = createAskRepeats('off-ask', emit);
  const statuses = [
    createStudyStatus(repeated, 'Running the sequences', 'sequences', emit),
    createStudyStatus(unablated, 'Running without ablation', 'heads', emit),
    createStudyStatus(ablation, 'Running with ablation', 'heads', emit),
  ];
  const table = createTable(() => {
    parts.asked = parts.complete ? 0 : parts.asked + MORE;
    if (parts.latest) off(root, parts.latest, emit);
  }, emit);
  root.append(
    ...introduction('off-title', 'Ablate heads', LEAD, 'lead'),
    choices.toggles.element,
    choices.ofMlps,
    el('div', { class: 'fields' }, choices.kind.element, choices.on.element, choices.none),
    oneSequence,
    ask.element,
    ...statuses.map(({ element }) => element),
    sentence,
    table.results,
  );
  const parts = {
    ...choices,
    ...table,
    ...{ ask, oneSequence, sentence, statuses, asked: 0, complete: false, ofToggles: {}, ofTable: {} },
    latest: /** @type {State | null} */ (null),
  };
  return parts;
}

/**
 * The controls: the heads, the MLPs, the kind of ablation, and the tokens to measure on.
 * @param {() => Pick<import('../state/state.js').View, 'off' | 'offMlps'>} chosen
 * @param {Emit} emit
 */
function createChoices(chosen, emit) {
  const toggles = createHeadTable(
    { title: 'Heads to ablate', testid: 'off-heads' },
    (head) => emit({ type: 'set', change: { off: toggled(chosen().off, head) } }),
    emit,
  );
  toggles.element.classList.add('toggles');
  const mlps = createLayerToggles(
    { legend: 'MLPs to ablate', testid: 'off-mlps', nameOf: (layer) => `Ablate the MLP of layer ${layer}` },
    (layer) => emit({ type: 'set', change: { offMlps: toggledLayer(chosen().offMlps, layer) } }),
  );
  const ofMlps = el('div', { hidden: true }, el('p', { class: 'hint' }, MLP_LEAD), mlps.element);
  const kind = createSwitch(
    {
      legend: 'Kind of ablation',
      testid: 'off-kind',
      options: [
        { value: 'zero', label: 'zero ablation', title: 'Replaces z by 0 at every position' },
        {
          value: 'mean',
          label: 'mean ablation',
          title: 'Replaces z by its mean over the sequences, at every position',
        },
      ],
    },
    (ablation) => emit({ type: 'set', change: { ablation } }),
  );
  const on = createSwitch(
    {
      legend: 'Measured on',
      testid: 'off-on',
      options: [
        { value: 'repeats', label: 'repeated sequences', title: 'The sequences of the Find tab' },
        { value: 'text', label: 'your text', title: 'The text above' },
      ],
    },
    (on) => emit({ type: 'set', change: { on } }),
  );
  const none = button('Ablate none', () => emit({ type: 'set', change: { off: [], offMlps: [] } }), {
    class: 'chip',
    'data-testid': 'off-none',
  });
  return { toggles, mlps, ofMlps, kind, on, none };
}

/** The layers with one more, or with one less. @param {readonly number[]} layers @param {number} layer */
const toggledLayer = (layers, layer) =>
  layers.includes(layer)
    ? layers.filter((other) => other !== layer)
    : [...layers, layer].sort((left, right) => left - right);

/** The table of scores, empty. @param {() => void} toggleAll @param {Emit} emit */
function createTable(toggleAll, emit) {
  const means = el('p', { class: 'hint' });
  const body = el('tbody');
  const more = button('', toggleAll, { class: 'link', 'data-testid': 'off-more' });
  const nothing = el('p', { class: 'hint', hidden: true }, 'No score of any head changed.');
  previewHeads(body, emit);
  const table = el(
    'table',
    { class: 'listed', 'data-testid': 'off-table' },
    el('caption', { class: 'unseen' }, 'Every score before and after ablation, the largest change first'),
    el('thead', {}, columnHeads(['Head', 'Score', 'Before', 'After', 'Change'], [2, 3, 4])),
    body,
  );
  const results = el(
    'div',
    { class: 'results', hidden: true },
    el('h3', {}, 'Scores before and after'),
    means,
    scroller('Scores before and after', table),
    nothing,
    more,
  );
  /** @type {ReturnType<typeof createRows<Change, Row>>} */
  const rows = createRows(body, {
    keyOf: ({ head, what }) => `${head} ${what}`,
    make: ({ head, what }) => rowOf(head, what, emit),
    fill,
  });
  return { means, rows, nothing, more, results };
}

/** @typedef {{ row: HTMLTableRowElement, figures: HTMLElement[] }} Row */

/** A row without figures. @param {string} head @param {string} what @param {Emit} emit @returns {Row} */
function rowOf(head, what, emit) {
  const figures = Array.from({ length: 3 }, () => el('td', { class: 'figure' }));
  const name = el('th', { scope: 'row' }, headLink(head, emit));
  return { row: el('tr', {}, name, el('td', {}, what), ...figures), figures };
}

/** Writes the figures. @param {Row} row @param {Change} change */
function fill({ figures }, { before, after, change }) {
  const words = [figure(before, 3), figure(after, 3), signed(change, 3)];
  figures.forEach((cell, at) => setText(cell, words[at]));
  return figures.length;
}

/** @param {ReturnType<typeof build>} parts @param {number} nLayers @param {number} nHeads */
function showToggles(parts, nLayers, nHeads) {
  const { toggles } = parts;
  toggles.show(nLayers, nHeads, (name, toggle) => {
    const pressed = String(parts.latest?.view.off.includes(name) ?? false);
    if (toggle.getAttribute('aria-pressed') === pressed) return 0;
    setText(toggle, name);
    toggle.setAttribute('aria-label', `Ablate head ${name}`);
    toggle.setAttribute('aria-pressed', pressed);
    return 1;
  });
}

/** The tokens that the loss is measured on, in words. @param {State} state */
function tokensOf(state) {
  const { view, result } = state;
  if (view.on === 'text') {
    const number = (result?.seq ?? 0) - 1;
    return `${number === 1 ? 'the one prediction' : `all ${count(number)} predictions`} of your text`;
  }
  const seqLen = seqLenOf(state);
  const number = seqLen === 2 ? 'prediction' : `${count(seqLen - 1)} predictions`;
  const sequences = view.batch === 1 ? 'the repeated sequence' : `${view.batch} repeated sequences`;
  return `the last ${number} of ${sequences}`;
}

/** @param {State} state @param {Ablated} before @param {Ablated | null} after */
function sentenceOf(state, before, after) {
  const loss = `the loss on ${tokensOf(state)}`;
  const was = figure(before.loss, 3);
  if (!after) return `With no head ablated, ${loss} is ${was} nats.`;
  const parts = inWords(ablationOf(state.view));
  const change = `a change of ${signed(after.lossIncrease, 3)}`;
  return `Without ${parts}, ${loss} goes from ${was} to ${figure(after.loss, 3)} nats, ${change}.`;
}

/**
 * Starts the table anew.
 * @param {ReturnType<typeof build>} parts @param {Ablated} before @param {Ablated} after
 */
function listTable(parts, before, after) {
  const { rows, nothing, more, asked } = parts;
  const changes = changesOf(before, after);
  const moved = changes.filter(({ change }) => Math.abs(change) >= LEAST);
  const shown = asked ? changes.slice(0, asked) : moved.slice(0, FEW);
  parts.complete = shown.length === changes.length;
  rows.show(shown);
  nothing.hidden = shown.length > 0;
  const number = `${count(changes.length)} scores, ${count(moved.length)} of them changed`;
  const next = changes.length - asked <= MORE ? 'all' : `${count(MORE)} more of`;
  setText(more, parts.complete ? 'Show the largest changes' : `Show ${next} ${number}`);
  more.hidden = !asked && parts.complete;
}
