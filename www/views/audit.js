/**
 * The audit of the selected score: its formula with the figures of the shown head, what is marked on the
 * pattern, and the verdict.
 */

import { parseHead } from '../base/heads.js';
import { engineWords } from '../figures/audit.js';
import { familyOf, KINDS, scoresFor } from '../figures/scores/index.js';
import { uniformPasses, uniformWords, verdictWords } from '../figures/verdict_words.js';
import { audited } from '../state/audited.js';
import { shownDetection } from '../state/state.js';
import { thresholdsOf } from '../state/view.js';
import { button, changed, el, once, setText } from '../ui/dom.js';

/** @type {Record<import('../state/audited.js').Lack, string>} */
const LACKS = {
  'no score': 'Choose a score here or in the table of figures: its cells are then marked on the pattern.',
  unknown: 'The link names a score that this page does not have.',
  'no result': '',
  'no head': 'Choose a head: the mean of all heads has no score.',
  weighted:
    'Scores are counted on the attention weights. Set the pattern back to attention to see the cells.',
  'on its way': 'The pattern is being computed…',
  'not a repeat':
    'The stripes are measured on repeated tokens, and this text has none. ' +
    'The Find tab makes repeated tokens and shows both stripes.',
};

/** The facts of an audit, each with its mark on the pattern. */
const FACTS = /** @type {const} */ ([
  { name: 'numerator', label: 'Numerator', mark: 'mark-dot' },
  { name: 'denominator', label: 'Denominator', mark: 'mark-box' },
  { name: 'uniform', label: 'Uniform baseline' },
  { name: 'verdict', label: 'Verdict' },
  { name: 'engine', label: 'Engine' },
]);

/**
 * @param {Element} root
 * @param {import('../state/state.js').State} state
 * @param {import('../state/state.js').Emit} emit
 */
export function audit(root, state, emit) {
  const parts = once(root, () => build(root, emit));
  const { view } = state;
  const detection = shownDetection(state);
  const chosen = view.score ?? '';
  if (parts.select.value !== chosen) parts.select.value = chosen;
  parts.clear.hidden = view.score === null;
  const found = audited(state);
  const lacks = 'lacks' in found;
  parts.lack.hidden = !lacks;
  parts.sheet.hidden = lacks;
  if ('lacks' in found) setText(parts.lack, LACKS[found.lacks]);
  else if (changed(parts.memory, found, detection, view.active, view.fraction, view.mean))
    show(parts, found, state);
}

/** @param {Element} root @param {import('../state/state.js').Emit} emit */
function build(root, emit) {
  const select = selectOf((score) => emit({ type: 'set', change: { score } }));
  const clear = button('Clear highlights', () => emit({ type: 'set', change: { score: null } }), {
    class: 'link',
    'data-testid': 'audit-clear',
  });
  const lack = el('p', { class: 'hint', 'data-testid': 'audit-lack' });
  const title = el('h3', { 'data-testid': 'audit-title' });
  const formula = el('p', { class: 'formula', 'data-testid': 'audit-formula' });
  const link = el('a', { class: 'link', 'data-testid': 'audit-definition' }, 'Definition');
  const facts = FACTS.map((fact) => {
    const { name, label } = fact;
    const mark = 'mark' in fact ? el('span', { class: fact.mark, 'aria-hidden': 'true' }) : null;
    return { name, term: el('dt', {}, mark, label), words: el('dd', { 'data-testid': `audit-${name}` }) };
  });
  const list = el('dl', { class: 'facts' }, ...facts.flatMap(({ term, words }) => [term, words]));
  const sheet = el(
    'div',
    { class: 'sheet', role: 'status' },
    title,
    formula,
    list,
    el('p', { class: 'hint' }, link),
  );
  root.append(
    el('h2', { id: 'audit-title' }, 'Audit of a score'),
    el('p', { class: 'chooser' }, el('label', { for: 'audit-score' }, 'Score '), select, clear),
    lack,
    sheet,
  );
  return { select, clear, lack, sheet, title, formula, link, facts, memory: {} };
}

/** The list of scores, kind by kind. @param {(score: string | null) => void} choose */
function selectOf(choose) {
  const groups = KINDS.map(({ kind, label }) => {
    const scores = scoresFor(kind).map(({ id, title }) => el('option', { value: id }, title));
    return el('optgroup', { label }, ...scores);
  });
  const none = el('option', { value: '' }, 'none');
  const select = el('select', { id: 'audit-score', 'data-testid': 'audit-score' }, none, ...groups);
  select.addEventListener('change', () => choose(select.value || null));
  return select;
}

/**
 * @param {ReturnType<typeof build>} parts
 * @param {import('../state/audited.js').Audited} found
 * @param {import('../state/state.js').State} state
 */
function show(parts, { score, head, audit: { value, formula }, uniform }, state) {
  const { view } = state;
  const detection = shownDetection(state);
  const thresholds = thresholdsOf(view);
  const at = parseHead(head);
  const engine =
    at && detection && score.column
      ? (score.column.scores(detection)[at.layer]?.[at.head] ?? null)
      : undefined;
  const words = {
    ...score.words(thresholds),
    uniform: uniformWords(score, uniform, thresholds, 'this text'),
    verdict: verdictWords(score, value, uniform, thresholds),
    engine: engineWords(engine, value),
  };
  setText(parts.title, `Head ${head}: ${score.title}`);
  setText(parts.formula, formula);
  parts.link.setAttribute('href', `docs/definitions.html#${familyOf(score).anchor}`);
  for (const fact of parts.facts) {
    setText(fact.words, words[fact.name]);
    const flagged = fact.name === 'uniform' && uniformPasses(score, uniform, thresholds);
    fact.words.classList.toggle('flagged', flagged);
  }
}
