/** Whether labels hold: the labels of every head in several texts, and how often each label held. */

import { count } from '../base/format.js';
import { heldWords, labelsOver, refusal } from '../figures/stability.js';
import { EXAMPLES } from '../state/examples.js';
import { shownOn } from '../state/tabs.js';
import { thresholdsOf } from '../state/view.js';
import { stability as study } from '../studies/stability.js';
import { latest } from '../studies/study.js';
import { headLink } from '../ui/controls.js';
import { button, changed, el, once, previewHeads, scroller, setText } from '../ui/dom.js';
import { createStudyStatus } from '../ui/study_status.js';
import { createRows } from '../ui/table_rows.js';
import { introduction } from '../ui/term.js';

const HINT = [
  'A label may be an artefact of one text. Add other texts: every head is judged in each of them, with the',
  'same thresholds.',
].join(' ');

/** Characters of a text in its name. */
const NAME = 40;

/** @typedef {import('../state/state.js').State} State */
/** @typedef {import('../state/state.js').Emit} Emit */

/**
 * @param {Element} root
 * @param {State} state
 * @param {Emit} emit
 */
export function stability(root, state, emit) {
  const parts = once(root, () => build(root, state, emit));
  parts.latest = state;
  // The table has a row of every head: it is made where it is shown.
  if (!shownOn('scores', state)) return;
  const { view, result, detection } = state;
  parts.status.show(state);
  if (changed(parts.ofTexts, view.texts)) {
    parts.chips.forEach((chip, at) =>
      chip.setAttribute('aria-pressed', String(view.texts.includes(EXAMPLES[at].text))),
    );
    showTexts(parts, view.texts, emit);
  }
  const found = view.texts.length ? latest(state, study) : null;
  parts.table.hidden = !found;
  parts.table.classList.toggle('faded', Boolean(found && !found.current));
  if (!found || !result || !detection || found.value.length !== view.texts.length) return;
  if (changed(parts.ofTable, found.value, detection, view.active, view.fraction, view.mean))
    showTable(parts, state, found.value);
}

/**
 * @param {Element} root
 * @param {State} state
 * @param {Emit} emit
 */
function build(root, state, emit) {
  const choice = createChoice(() => parts.latest.view.texts, emit);
  const list = el('ul', { class: 'texts', 'data-testid': 'stability-texts' });
  const status = createStudyStatus(study, 'Running', 'texts', emit);
  const table = createTable(emit);
  root.append(
    ...introduction('stability-title', 'Do the labels hold?', HINT, 'hint'),
    ...choice.elements,
    list,
    status.element,
    table.table,
  );
  const parts = { chips: choice.chips, list, status, ...table, latest: state, ofTexts: {}, ofTable: {} };
  return parts;
}

/** The controls that add texts. @param {() => readonly string[]} chosen @param {Emit} emit */
function createChoice(chosen, emit) {
  const refused = el('p', { class: 'hint', role: 'status', 'data-testid': 'stability-told' });
  const set = (/** @type {readonly string[]} */ texts) => emit({ type: 'set', change: { texts } });
  /** Whether the text could be added. @param {string} text */
  const add = (text) => {
    const why = refusal(chosen(), text);
    setText(refused, why ?? '');
    if (!why) set([...chosen(), text]);
    return !why;
  };
  /** @param {string} text */
  const toggle = (text) => {
    if (chosen().includes(text)) set(chosen().filter((other) => other !== text));
    else add(text);
  };
  const chips = EXAMPLES.map(({ name, text, hint }) =>
    button(name, () => toggle(text), {
      class: 'chip',
      title: hint,
      'aria-pressed': 'false',
      'data-testid': 'stability-example',
    }),
  );
  const box = el('textarea', {
    rows: 2,
    'aria-label': 'Another text',
    placeholder: 'Paste another text',
    'data-testid': 'stability-box',
  });
  const addBox = () => {
    if (add(box.value)) box.value = '';
  };
  const submit = button('Add this text', addBox, { class: 'chip', 'data-testid': 'stability-add' });
  const group = { class: 'chips adding', role: 'group', 'aria-label': 'Texts to add' };
  const elements = [el('div', group, ...chips), el('div', { class: 'own-text' }, box, submit), refused];
  return { chips, elements };
}

/** The table of labels, empty. @param {Emit} emit */
function createTable(emit) {
  const head = el('tr');
  const body = el('tbody');
  previewHeads(body, emit);
  const labels = el(
    'table',
    { class: 'labels', 'data-testid': 'stability-table' },
    el('caption', { class: 'unseen' }, 'The labels of each head in each text'),
    el('thead', {}, head),
    body,
  );
  const table = scroller('Table of labels in several texts', labels);
  table.hidden = true;
  /** @type {ReturnType<typeof createRows<Labels, Row>>} */
  const rows = createRows(body, {
    keyOf: ({ name }) => name,
    make: ({ name }) => rowOf(name, emit),
    fill,
  });
  return { table, head, rows };
}

/** The name of an example, or the beginning of another text. @param {string} text */
function nameOfText(text) {
  const example = EXAMPLES.find((one) => one.text === text);
  if (example) return example.name;
  const line = text.trim().replace(/\s+/g, ' ').slice(0, NAME);
  return `“${line}${text.trim().length > NAME ? '…' : ''}”`;
}

/**
 * @param {ReturnType<typeof build>} parts
 * @param {readonly string[]} texts
 * @param {Emit} emit
 */
function showTexts({ list }, texts, emit) {
  list.hidden = texts.length === 0;
  const items = texts.map((text, at) => {
    const name = nameOfText(text);
    const others = texts.filter((_, other) => other !== at);
    const remove = button('Remove', () => emit({ type: 'set', change: { texts: others } }), {
      class: 'quiet',
      'aria-label': `Remove text ${at + 1}, ${name}`,
    });
    return el('li', {}, el('span', {}, `${at + 1}. ${name} `), remove);
  });
  list.replaceChildren(...items);
}

/**
 * @param {ReturnType<typeof build>} parts @param {State} state
 * @param {import('../studies/stability.js').Stability} found
 */
function showTable({ head, rows }, { view, result, detection }, found) {
  const all = [
    { name: 'The text above', detection, seq: result?.seq ?? 0, problem: null },
    ...found.map((one, at) => ({ name: nameOfText(view.texts[at]), ...one })),
  ];
  // The text above does not count twice.
  const shown = all.filter((_, at) => at === 0 || view.texts[at - 1] !== result?.text);
  const headings = shown.map(({ name, seq, problem }) => {
    const aside = el('span', { class: 'aside' }, problem ? problem.detail : `${count(seq)} tokens`);
    return el('th', { scope: 'col' }, name, aside);
  });
  head.replaceChildren(
    el('th', { scope: 'col' }, 'Head'),
    el('th', { scope: 'col', class: 'held' }, 'How often each label held'),
    ...headings,
  );
  const labels = labelsOver(
    shown.map((one) => one.detection),
    thresholdsOf(view),
  );
  rows.show(
    labels.map((row) => ({
      ...row,
      perText: row.perText.map((kinds, at) => (shown[at].detection ? kinds.join(', ') || '–' : '')),
    })),
  );
}

/**
 * @typedef {Omit<ReturnType<typeof labelsOver>[number], 'perText'> & { perText: string[] }} Labels   of one
 *   head: how often each of its labels held, and its labels in each text
 * @typedef {{ row: HTMLTableRowElement, name: HTMLElement, shown: string }} Row   shown: a key of its words
 */

/** An empty row. @param {string} name @param {Emit} emit @returns {Row} */
function rowOf(name, emit) {
  const heading = el('th', { scope: 'row' }, headLink(name, emit));
  return { row: el('tr', { 'data-head': name }, heading), name: heading, shown: '' };
}

/** Draws a row if its labels differ. @param {Row} row @param {Labels} labels */
function fill(row, { held, perText }) {
  const key = JSON.stringify([held, perText]);
  if (row.shown === key) return 0;
  row.shown = key;
  const words = held.map((one) =>
    el('span', { class: one.named === one.of ? 'steady' : 'unsteady' }, heldWords(one)),
  );
  row.row.replaceChildren(
    row.name,
    el('td', { class: 'held' }, ...(words.length ? words : ['–'])),
    ...perText.map((kinds) => el('td', {}, kinds)),
  );
  return 2 + words.length + perText.length;
}
