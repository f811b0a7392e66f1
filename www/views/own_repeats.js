/**
 * What the visitor's own text says again: each run of tokens that occurred before, where an induction head
 * should look at
 * each of them, whether the chosen head did, and what the loss was beside the first time.
 */

import { counted, figure } from '../base/format.js';
import { didLook } from '../figures/lookups.js';
import { stepsIn, stepsOf } from '../figures/ngrams.js';
import { shownOn } from '../state/tabs.js';
import { ngramsOf, own } from '../studies/own.js';
import { latest } from '../studies/study.js';
import { quoted, short, visible } from '../base/tokens.js';
import { button, changed, el, once, reveal, setText } from '../ui/dom.js';
import { createHeadmap } from '../ui/headmap.js';
import { createStanding } from '../ui/study_status.js';

/** Rows beyond this many are told by their number. */
const MOST_ROWS = 400;

/**
 * @typedef {import('../figures/ngrams.js').Ngram} Ngram
 * @typedef {import('../studies/own.js').Own} Own
 * @typedef {import('../figures/ngrams.js').Step} Step
 */

/**
 * @param {Element} root
 * @param {import('../state/state.js').State} state
 * @param {import('../state/state.js').Emit} emit
 */
export function ownRepeats(root, state, emit) {
  const parts = once(root, () => build(root, emit));
  const { view, result, detection } = state;
  if (!shownOn('repeats', state) || !result || !detection) return;
  parts.standing.show(state);
  const said = ngramsOf(result);
  const of = latest(state, own);
  const ready = said.length > 0 && Boolean(of);
  parts.table.hidden = parts.told.hidden = !ready;
  parts.table.classList.toggle('stale', !of?.current);
  setText(
    parts.none,
    said.length
      ? ''
      : 'No two tokens in a row come again in this text. Paste one that repeats itself, or choose an example.',
  );
  if (of?.current && changed(parts.ofTable, of.value, result, view.active))
    showTable(parts, said, of.value, state, emit);
  if (changed(parts.ofMaps, detection, view.head)) showMaps(parts, state);
}

/** @param {Element} root @param {import('../state/state.js').Emit} emit */
function build(root, emit) {
  const standing = createStanding(own, 'Looking at the text', 'tokens', emit);
  const told = el('p', { class: 'sentence', role: 'status', 'data-testid': 'own-told' });
  const none = el('p', { class: 'hint', 'data-testid': 'own-none' });
  const body = el('div');
  const table = el(
    'div',
    { class: 'scroller', tabindex: 0, role: 'region', 'aria-label': 'Tokens of the text that come again' },
    body,
  );
  const induction = createHeadmap({ title: 'Token matching, induction', testid: 'own-induction' }, emit);
  const duplicate = createHeadmap({ title: 'Token matching, duplicate', testid: 'own-duplicate' }, emit);
  root.append(
    el('h2', { id: 'own-repeats-title' }, 'Repeats in your own text'),
    el(
      'p',
      { class: 'lead' },
      'Where a run of tokens comes again, an induction head at each of them looks at what followed the same token before, and the next token is no surprise.',
    ),
    standing.element,
    told,
    none,
    table,
    el('div', { class: 'maps' }, induction.element, duplicate.element),
  );
  return { standing, told, none, table, body, induction, duplicate, ofTable: {}, ofMaps: {} };
}

/**
 * @param {ReturnType<typeof build>} parts @param {Ngram[]} said @param {Own} of
 * @param {import('../state/state.js').State} state @param {import('../state/state.js').Emit} emit
 */
function showTable({ told, body }, said, of, { result, view }, emit) {
  if (!result) return;
  const { ids, pieces } = result;
  const { head, lookups, logProbs } = of;
  /** @param {number} from @param {number} to */
  const words = (from, to) => quoted(pieces.slice(from, to).join(''));
  const loss = (/** @type {number} */ query) => -logProbs[query];
  const sum = { steps: 0, did: 0, expected: 0, loss: 0, first: 0 };
  for (const { query, first } of stepsIn(said)) {
    sum.steps++;
    sum.did += Number(didLook(ids, lookups, query, view.active));
    sum.expected += lookups.expected[query];
    sum.loss += loss(query);
    sum.first += loss(first);
  }
  /** @type {HTMLElement[]} */ const groups = [];
  let left = MOST_ROWS;
  let untold = 0;
  for (const ngram of said) {
    for (const start of ngram.again) {
      const steps = stepsOf(ngram, start);
      if (left < steps.length) {
        untold++;
        continue;
      }
      left -= steps.length;
      const end = start + ngram.length;
      const name = `${words(start, end)} at ${start}–${end - 1}, first at ${ngram.first}–${ngram.first + ngram.length - 1}`;
      const rows = steps.map((step) => rowOf(step, of, result, view.active, emit));
      groups.push(
        el(
          'tbody',
          {},
          el('tr', {}, el('th', { colspan: 7, scope: 'rowgroup', class: 'run' }, name)),
          ...rows,
        ),
      );
    }
  }
  const titles = [
    'Token',
    'Should look at',
    'Weight there',
    'Looks most at',
    'Did it',
    'Loss of the next',
    'The first time',
  ];
  const headings = titles.map((title, at) =>
    el('th', { scope: 'col', class: [2, 5, 6].includes(at) && 'figure' }, title),
  );
  body.replaceChildren(
    el(
      'table',
      { class: 'listed', 'data-testid': 'own-table' },
      el('caption', { class: 'unseen' }, `Where head ${head} looks at tokens that come again`),
      el('thead', {}, el('tr', {}, ...headings)),
      ...groups,
    ),
    ...(untold
      ? [
          el(
            'p',
            { class: 'hint' },
            `And ${counted(untold, 'shorter occurrence')}, whose tokens count in the sentence above too.`,
          ),
        ]
      : []),
  );
  const mean = (/** @type {number} */ total) => figure(total / sum.steps);
  setText(
    told,
    `Head ${head} looked where an induction head should at ${sum.did} of ${sum.steps} ${sum.steps === 1 ? 'token' : 'tokens'} inside a repeat, with a weight of ${mean(sum.expected)} on average. ` +
      `The token after had a loss of ${mean(sum.loss)} nats, and ${mean(sum.first)} the first time.`,
  );
}

/**
 * @param {Step} step
 * @param {Own} of
 * @param {import('../state/state.js').Result} result
 * @param {number} active
 * @param {import('../state/state.js').Emit} emit
 */
function rowOf({ query, first }, { head, lookups, logProbs }, { ids, pieces }, active, emit) {
  const token = (/** @type {number} */ position) => `${position} ${short(pieces[position] ?? '', 14)}`;
  // Of several places the one that goes with this run; the weight is that of all of them.
  const key = first + 1;
  const more = lookups.places[query] - 1;
  const did = didLook(ids, lookups, query, active);
  const choose = button(
    token(query),
    () => {
      emit({ type: 'lock', head });
      emit({ type: 'choose', query, key });
      reveal('pattern');
    },
    {
      class: 'head-link',
      'aria-label': `Show query ${query} ${visible(pieces[query] ?? '')} and key ${key} in the pattern of head ${head}`,
    },
  );
  const cells = [
    el('td', {}, `${token(key)}${more ? ` (or ${more} more)` : ''}`),
    el('td', { class: 'figure' }, figure(lookups.expected[query], 3)),
    el('td', {}, `${token(lookups.top[query])} ${figure(lookups.weight[query], 3)}`),
    el('td', { class: did && 'named' }, did ? '● yes' : 'no'),
    el('td', { class: 'figure' }, figure(-logProbs[query], 2)),
    el('td', { class: 'figure' }, figure(-logProbs[first], 2)),
  ];
  return el('tr', { 'data-query': query }, el('th', { scope: 'row' }, choose), ...cells);
}

/** @param {ReturnType<typeof build>} parts @param {import('../state/state.js').State} state */
function showMaps({ induction, duplicate }, state) {
  const { result, detection } = state;
  if (!result || !detection) return;
  const { token_matching, null: nullLine } = detection;
  const told = (/** @type {'induction' | 'duplicate'} */ kind) => ({
    values: token_matching[kind],
    unit: `token-matching ${kind} score`,
    nullLine: nullLine.token_matching[kind],
    subtitle: `${result.model.name}, ${result.seq} tokens`,
    file: `headscope-token-matching-${kind}`,
    locked: state.view.head,
  });
  induction.show(told('induction'));
  duplicate.show(told('duplicate'));
}
