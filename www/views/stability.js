/** Whether labels hold: every head's verdicts in several texts, and how often each one stood. */

import { count } from '../base/format.js';
import { heldWords, labelsOver, refusal } from '../figures/stability.js';
import { EXAMPLES } from '../state/examples.js';
import { thresholdsOf } from '../state/view.js';
import { stability as study } from '../studies/stability.js';
import { latest } from '../studies/study.js';
import { headLink } from '../ui/controls.js';
import { button, changed, el, once, previewHeads, setText } from '../ui/dom.js';
import { createStudyStatus } from '../ui/study_status.js';

/**
 * @param {Element} root
 * @param {import('../state/state.js').State} state
 * @param {import('../state/state.js').Emit} emit
 */
export function stability(root, state, emit) {
  const parts = once(root, () => build(root, state, emit));
  parts.latest = state;
  const { view, result, detection } = state;
  parts.standing.show(state);
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
    showTable(parts, state, found.value, emit);
}

/**
 * @param {Element} root
 * @param {import('../state/state.js').State} state
 * @param {import('../state/state.js').Emit} emit
 */
function build(root, state, emit) {
  const told = el('p', { class: 'hint', role: 'status', 'data-testid': 'stability-told' });
  /** @param {string} text */
  const add = (text) => {
    const { texts } = parts.latest.view;
    const why = refusal(texts, text);
    setText(told, why ?? '');
    if (!why) emit({ type: 'set', change: { texts: [...texts, text] } });
    return !why;
  };
  const chips = EXAMPLES.map(({ name, text, hint }) =>
    button(
      name,
      () => {
        const { texts } = parts.latest.view;
        if (!texts.includes(text)) return void add(text);
        emit({ type: 'set', change: { texts: texts.filter((other) => other !== text) } });
      },
      { class: 'chip', title: hint, 'aria-pressed': 'false', 'data-testid': 'stability-example' },
    ),
  );
  const box = el('textarea', {
    rows: 2,
    'aria-label': 'Another text',
    placeholder: 'Paste another text',
    'data-testid': 'stability-box',
  });
  const submit = button('Add this text', () => add(box.value) && (box.value = ''), {
    class: 'chip',
    'data-testid': 'stability-add',
  });
  const list = el('ul', { class: 'texts', 'data-testid': 'stability-texts' });
  const standing = createStudyStatus(study, 'Running', 'texts', emit);
  const head = el('tr');
  const body = el('tbody');
  previewHeads(body, emit);
  const table = el(
    'div',
    {
      class: 'scroller',
      tabindex: 0,
      role: 'region',
      'aria-label': 'Table of labels in several texts',
      hidden: true,
    },
    el(
      'table',
      { class: 'labels', 'data-testid': 'stability-table' },
      el('caption', { class: 'unseen' }, 'What each head is named for in each text'),
      el('thead', {}, head),
      body,
    ),
  );
  root.append(
    el('h2', { id: 'stability-title' }, 'Do the labels hold?'),
    el(
      'p',
      { class: 'hint' },
      'A label earned on one text may be that text’s doing. Add others: each is run once, and every head judged on each by the same thresholds.',
    ),
    el('div', { class: 'chips adding', role: 'group', 'aria-label': 'Texts to add' }, ...chips),
    el('div', { class: 'own-text' }, box, submit),
    told,
    list,
    standing.element,
    table,
  );
  const parts = { chips, list, told, standing, table, head, body, latest: state, ofTexts: {}, ofTable: {} };
  return parts;
}

/** @param {string} text */
const nameOfText = (text) =>
  EXAMPLES.find((example) => example.text === text)?.name ??
  `“${text.trim().replace(/\s+/g, ' ').slice(0, 40)}${text.trim().length > 40 ? '…' : ''}”`;

/**
 * @param {ReturnType<typeof build>} parts
 * @param {readonly string[]} texts
 * @param {import('../state/state.js').Emit} emit
 */
function showTexts({ list }, texts, emit) {
  list.hidden = texts.length === 0;
  list.replaceChildren(
    ...texts.map((text, at) => {
      const remove = button(
        'Remove',
        () => emit({ type: 'set', change: { texts: texts.filter((_, other) => other !== at) } }),
        {
          class: 'quiet',
          'aria-label': `Remove text ${at + 1}, ${nameOfText(text)}`,
        },
      );
      return el('li', {}, el('span', {}, `${at + 1}. ${nameOfText(text)} `), remove);
    }),
  );
}

/**
 * @param {ReturnType<typeof build>} parts @param {import('../state/state.js').State} state
 * @param {import('../studies/stability.js').Stability} told @param {import('../state/state.js').Emit} emit
 */
function showTable({ head, body }, { view, result, detection }, told, emit) {
  const all = [
    { name: 'The text above', detection, seq: result?.seq ?? 0, problem: null },
    ...told.map((one, at) => ({ name: nameOfText(view.texts[at]), ...one })),
  ];
  // The shown text twice would count as two.
  const shown = all.filter((_, at) => at === 0 || view.texts[at - 1] !== result?.text);
  const rows = labelsOver(
    shown.map((one) => one.detection),
    thresholdsOf(view),
  );
  head.replaceChildren(
    el('th', { scope: 'col' }, 'Head'),
    el('th', { scope: 'col', class: 'held' }, 'How often each label held'),
    ...shown.map(({ name, seq, problem }) =>
      el(
        'th',
        { scope: 'col' },
        name,
        el('span', { class: 'aside' }, problem ? problem.detail : `${count(seq)} tokens`),
      ),
    ),
  );
  body.replaceChildren(
    ...rows.map(({ name, perText, held }) => {
      const words = held.map((one) =>
        el('span', { class: one.named === one.of ? 'steady' : 'unsteady' }, heldWords(one)),
      );
      const cells = perText.map((kinds, at) =>
        el('td', {}, shown[at].detection ? kinds.join(', ') || '–' : ''),
      );
      return el(
        'tr',
        { 'data-head': name },
        el('th', { scope: 'row' }, headLink(name, emit)),
        el('td', { class: 'held' }, ...(words.length ? words : ['–'])),
        ...cells,
      );
    }),
  );
}
