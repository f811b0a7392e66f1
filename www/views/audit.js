/**
 * The selected score, by hand: its formula filled in for the shown head, what is marked on the pattern, and
 * the verdict.
 */

import { engineSaid } from '../figures/audit.js';
import { audited } from '../state/audited.js';
import { DEFINITIONS } from '../figures/definitions.js';
import { KINDS } from '../figures/heads.js';
import { parseHead } from '../base/heads.js';
import { nullPasses, nullWords, scoreOf, titleOf, verdictWords, wordsOf } from '../figures/scores.js';
import { thresholdsOf } from '../state/view.js';
import { columns } from '../figures/table.js';
import { button, changed, el, once, setText } from '../ui/dom.js';

/** @type {Record<import('../state/audited.js').Lack, string>} */
const LACKS = {
  'no score': 'Choose a score here or in the table of figures: its cells are then marked on the pattern.',
  unknown: 'The link names a score that this page does not have.',
  'no result': '',
  'no head': 'Choose a head: a score is one head’s, and the mean of all heads has none.',
  weighted:
    'Scores are counted on the attention weights. Set the pattern back to attention to see the cells.',
  'on its way': 'The pattern is on its way …',
  'not a repeat':
    'The stripes are measured on one token and then the same tokens twice. This text is not that; the Repeats tab makes some, and counts both stripes there.',
};

/**
 * @param {Element} root
 * @param {import('../state/state.js').State} state
 * @param {import('../state/state.js').Emit} emit
 */
export function audit(root, state, emit) {
  const parts = once(root, () => build(root, emit));
  const { view, detection } = state;
  const chosen = view.score ?? '';
  if (parts.select.value !== chosen) parts.select.value = chosen;
  parts.clear.hidden = view.score === null;
  const found = audited(state);
  if ('lacks' in found) {
    setText(parts.lack, LACKS[found.lacks]);
    parts.lack.hidden = false;
    parts.sheet.hidden = true;
    return;
  }
  parts.lack.hidden = true;
  parts.sheet.hidden = false;
  if (changed(parts.memory, found, detection, view.active, view.fraction, view.mean))
    show(parts, found, state);
}

/** @param {Element} root @param {import('../state/state.js').Emit} emit */
function build(root, emit) {
  const options = KINDS.map(({ kind, label }) => {
    const scores = DEFINITIONS[kind].map((id) => el('option', { value: id }, titleOf(scoreOf(id))));
    return el('optgroup', { label }, ...scores);
  });
  const select = el(
    'select',
    { id: 'audit-score', 'data-testid': 'audit-score' },
    el('option', { value: '' }, 'none'),
    ...options,
  );
  select.addEventListener('change', () => emit({ type: 'set', change: { score: select.value || null } }));
  const clear = button('Take the marks away', () => emit({ type: 'set', change: { score: null } }), {
    class: 'link',
    'data-testid': 'audit-clear',
  });
  const lack = el('p', { class: 'hint', 'data-testid': 'audit-lack' });
  const title = el('h3', { 'data-testid': 'audit-title' });
  const formula = el('p', { class: 'formula', 'data-testid': 'audit-formula' });
  const [numerator, denominator, nullLine, verdict, engine] = [
    'numerator',
    'denominator',
    'null',
    'verdict',
    'engine',
  ].map((name) => el('dd', { 'data-testid': `audit-${name}` }));
  const dot = el('span', { class: 'mark-dot', 'aria-hidden': 'true' });
  const box = el('span', { class: 'mark-box', 'aria-hidden': 'true' });
  const facts = el(
    'dl',
    { class: 'facts' },
    ...[el('dt', {}, dot, 'Numerator'), numerator, el('dt', {}, box, 'Denominator'), denominator],
    ...[
      el('dt', {}, 'Null line'),
      nullLine,
      el('dt', {}, 'Verdict'),
      verdict,
      el('dt', {}, 'The engine'),
      engine,
    ],
  );
  const sheet = el('div', { class: 'sheet', role: 'status' }, title, formula, facts);
  root.append(
    el('h2', { id: 'audit-title' }, 'Audit of a score'),
    el('p', { class: 'chooser' }, el('label', { for: 'audit-score' }, 'Score '), select, clear),
    lack,
    sheet,
  );
  return {
    select,
    clear,
    lack,
    sheet,
    title,
    formula,
    numerator,
    denominator,
    nullLine,
    verdict,
    engine,
    memory: {},
  };
}

/**
 * @param {ReturnType<typeof build>} parts
 * @param {import('../state/audited.js').Audited} found
 * @param {import('../state/state.js').State} state
 */
function show(parts, { score, head, audit: { value, formula }, nullLine }, { detection, view }) {
  const thresholds = thresholdsOf(view);
  const words = wordsOf(score, thresholds);
  setText(parts.title, `Head ${head}: ${titleOf(score)}`);
  setText(parts.formula, formula);
  setText(parts.numerator, words.numerator);
  setText(parts.denominator, words.denominator);
  setText(parts.nullLine, nullWords(score, nullLine, thresholds, 'this text'));
  parts.nullLine.classList.toggle('flagged', nullPasses(score, nullLine, thresholds));
  setText(parts.verdict, verdictWords(score, value, nullLine, thresholds));
  const at = parseHead(head);
  const column = columns.find(({ id }) => id === score.id);
  const own = at && detection && column ? (column.scores(detection)[at.layer]?.[at.head] ?? null) : undefined;
  setText(parts.engine, engineSaid(own, value));
}
