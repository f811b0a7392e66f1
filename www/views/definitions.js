/**
 * The definitions of each kind of head side by side: where they disagree about a head, and every figure of
 * the pinned head.
 */

import { KINDS } from '../figures/scores/index.js';
import { shownOn } from '../state/tabs.js';
import { firstOf, headOf, headsOf, mapRow, sourcesOf, stripesWords } from '../studies/definitions_shown.js';
import { repeated } from '../studies/repeated.js';
import { headLink } from '../ui/controls.js';
import { button, changed, el, once, previewHeads, setText } from '../ui/dom.js';
import { createStudyStatus } from '../ui/study_status.js';
import { createRows } from '../ui/table_rows.js';

/**
 * @typedef {import('../state/state.js').State} State
 * @typedef {import('../state/state.js').Emit} Emit
 * @typedef {import('../studies/definitions_shown.js').Sources} Sources
 * @typedef {{ sources: Sources | null, state: State }} Now
 */

/** @param {Element} root @param {State} state @param {Emit} emit */
export function definitions(root, state, emit) {
  const parts = once(root, () => build(root, state, emit));
  // The table has a row of every head: it is made where it is shown.
  if (!shownOn('scores', state)) return;
  parts.standing.show(state);
  const sources = sourcesOf(state);
  if (!sources) return;
  const { view } = state;
  const { detection, options, repeats } = sources;
  const { active, fraction, mean } = view;
  Object.assign(parts.now, { sources, state });
  if (changed(parts.ofMap, detection, repeats, active, fraction, mean)) showFirst(parts, sources, emit);
  if (changed(parts.ofRows, detection, repeats, active, fraction, mean, view.head))
    parts.map.show(headsOf(sources));
  if (changed(parts.ofHead, detection, repeats, options, view.head, view.score, active, fraction, mean))
    showHead(parts, sources, state, emit);
}

/** @param {Element} root @param {State} state @param {Emit} emit */
function build(root, state, emit) {
  const standing = createStudyStatus(repeated, 'Running repeated tokens', 'sequences', emit);
  const stripes = el('p', { class: 'hint', 'data-testid': 'definitions-stripes' });
  const run = button('Run repeated tokens', () => emit({ type: 'ask', study: repeated.kind }), {
    class: 'link',
    'data-testid': 'definitions-repeats',
  });
  const map = mapTable(emit);
  const head = headTable();
  root.append(
    el('h2', { id: 'definitions-title' }, 'Definitions side by side'),
    explanation(),
    el('div', { class: 'stripes-told' }, stripes, run, standing.element),
    el(
      'div',
      { class: 'side-by-side' },
      scroller('Table of agreement, every head', map.table),
      scroller('Table of definitions, the pinned head', head.title, head.table),
    ),
  );
  /** @type {Now} */ const now = { sources: null, state };
  const rows = createRows(map.body, {
    keyOf: (/** @type {string} */ name) => name,
    make: (name) => rowOfMap(name, emit),
    fill: (row, name) => fillRow(row, name, now),
  });
  const shown = { map: rows, first: map.first, title: head.title, table: head.table, body: head.body };
  return { ...shown, standing, stripes, run, now, ofMap: {}, ofRows: {}, ofHead: {} };
}

/** @param {string} label @param {...HTMLElement} children */
const scroller = (label, ...children) =>
  el('div', { class: 'scroller', tabindex: 0, role: 'region', 'aria-label': label }, ...children);

/** Explains the marks of the tables. */
const explanation = () =>
  el(
    'p',
    { class: 'hint' },
    'How many of the definitions with a threshold name a head. ',
    el('b', {}, '≠'),
    ' one definition names it and another does not. ',
    el('b', {}, '≠ stripes'),
    ' one stripe is at least twice the other. ',
    el('b', {}, '≠ baseline'),
    ' detect_head’s mul, which has no threshold, is not above uniform attention, ' +
      'and another definition supports the head. A definition has no vote when uniform attention ' +
      'passes its threshold on this text. The last row has the head that each definition ranks first.',
  );

/** The table of every head. @param {Emit} emit */
function mapTable(emit) {
  const body = el('tbody');
  previewHeads(body, emit);
  const first = el('tr', { 'data-testid': 'ranked-first' });
  previewHeads(first, emit);
  const caption = 'How many definitions of each kind name each head, and where they disagree';
  const names = ['Head', ...KINDS.map(({ label }) => label)].map((label) =>
    el('th', { scope: 'col' }, label),
  );
  const table = el(
    'table',
    { class: 'agreement', 'data-testid': 'agreement' },
    el('caption', { class: 'unseen' }, caption),
    el('thead', {}, el('tr', {}, ...names)),
    body,
    el('tfoot', {}, first),
  );
  return { table, body, first };
}

/** The table of the pinned head. */
function headTable() {
  const title = el('h3');
  const body = el('tbody');
  const names = ['Definition', 'Score', 'Uniform baseline', 'Threshold', 'Verdict'];
  const table = el(
    'table',
    { class: 'definitions-of', 'data-testid': 'definitions-of' },
    el('caption', { class: 'unseen' }, 'Every definition on the pinned head'),
    el('thead', {}, el('tr', {}, ...names.map((name) => el('th', { scope: 'col' }, name)))),
    body,
  );
  return { title, body, table };
}

/**
 * @param {ReturnType<typeof build>} parts
 * @param {Sources} sources
 * @param {Emit} emit
 */
function showFirst({ first, stripes, run }, sources, emit) {
  setText(stripes, stripesWords(sources));
  run.hidden = Boolean(sources.repeats);
  first.replaceChildren(
    el('th', { scope: 'row' }, 'First'),
    ...firstOf(sources).map(({ kind, apart, heads }) => {
      const ranked = heads.map(({ head, by }) =>
        el('span', { class: 'ranked' }, headLink(head, emit), ` ${by}`),
      );
      return el('td', { 'data-kind': kind }, ...(heads.length ? ranked : ['–']), apart ? differs('≠') : null);
    }),
  );
}

/** @typedef {{ row: HTMLTableRowElement, cells: HTMLElement[], shown: string[] }} RowOfMap */

/** An empty row. @param {string} name @param {Emit} emit @returns {RowOfMap} */
function rowOfMap(name, emit) {
  const cells = KINDS.map(({ kind }) => el('td', { 'data-kind': kind }));
  const row = el('tr', { 'data-head': name }, el('th', { scope: 'row' }, headLink(name, emit)), ...cells);
  return { row, cells, shown: [] };
}

/**
 * Draws the cells that differ.
 * @param {RowOfMap} of @param {string} name
 * @param {Now} now
 */
function fillRow({ row, cells, shown }, name, { sources, state }) {
  row.classList.toggle('locked', name === state.view.head);
  if (!sources) return 0;
  const differ = mapRow(sources, state, name).filter(({ words, named, why, mark }, at) => {
    const key = [words, named, why, mark?.short, mark?.why].join('\n');
    if (shown[at] === key) return false;
    shown[at] = key;
    const cell = cells[at];
    cell.replaceChildren(words, ...(mark ? [differs(mark.short, mark.why)] : []));
    cell.classList.toggle('some', named);
    cell.title = why;
    return true;
  });
  return 2 * differ.length;
}

/** The mark of a disagreement. @param {string} short @param {string} [why] */
const differs = (short, why) =>
  el('span', { class: 'differs', title: why }, short, el('span', { class: 'unseen' }, ' they disagree'));

/**
 * @param {ReturnType<typeof build>} parts
 * @param {Sources} sources
 * @param {State} state
 * @param {Emit} emit
 */
function showHead({ title, table, body }, sources, state, emit) {
  const { head, score } = state.view;
  const kinds = headOf(sources, state);
  table.hidden = !kinds;
  setText(title, kinds ? `Head ${head}` : 'Choose a head to see each of its figures');
  if (!kinds) return;
  const { activeElement } = document;
  const focused =
    activeElement instanceof HTMLElement && body.contains(activeElement)
      ? activeElement.dataset.score
      : undefined;
  body.replaceChildren(
    ...kinds.flatMap(({ kind, label, differs: how, rows }) => [
      el(
        'tr',
        { class: 'kind-row', 'data-kind': kind },
        el('th', { scope: 'colgroup', colspan: 5 }, label, el('span', { class: 'differs' }, how)),
      ),
      ...rows.map((row) => rowOf(row, score, emit)),
    ]),
  );
  const again = focused ? body.querySelector(`button[data-score="${focused}"]`) : null;
  if (again instanceof HTMLElement) again.focus();
}

/**
 * @param {import('../studies/definitions_shown.js').HeadRow} row
 * @param {string | null} marked the score whose cells are marked
 * @param {Emit} emit
 */
function rowOf({ score: { id, shortTitle }, value, sd, uniform, threshold, named, verdict }, marked, emit) {
  const toggle = () => emit({ type: 'set', change: { score: marked === id ? null : id } });
  const choose = button(shortTitle, toggle, {
    class: 'head-link',
    'aria-pressed': String(marked === id),
    'data-score': id,
    title: 'Mark its cells on the pattern',
    'data-testid': `definition-${id}`,
  });
  return el(
    'tr',
    { 'data-score': id },
    el('th', { scope: 'row' }, choose),
    el('td', {}, value, sd ? el('span', { class: 'sd' }, ` ± ${sd}`) : null),
    el('td', {}, uniform),
    el('td', {}, threshold),
    el('td', { class: named ? 'named' : false }, verdict),
  );
}
