/**
 * The repeats in the visitor's own text: every run of tokens that occurs again, where an induction head
 * should look, whether the chosen head looks there, and the loss beside the loss of the first time.
 */

import { counted, figure } from '../base/format.js';
import { inFrames } from '../base/frames.js';
import { quoted, short, visible } from '../base/tokens.js';
import { didLook } from '../figures/lookups.js';
import { stepsIn, stepsOf } from '../figures/ngrams.js';
import { shownOn } from '../state/tabs.js';
import { ngramsOf, own } from '../studies/own.js';
import { latest } from '../studies/study.js';
import { button, changed, columnHeads, el, once, reveal, scroller, setText } from '../ui/dom.js';
import { createHeadmap } from '../ui/headmap.js';
import { createStudyStatus } from '../ui/study_status.js';
import { introduction } from '../ui/term.js';

/** The most rows of the table. */
const MOST_ROWS = 400;

const LEAD = [
  'In a run of tokens that occurs again, an [induction head] looks at the token after the earlier occurrence',
  'of the current token. [Token matching] measures it. The model can then predict the next token.',
].join(' ');

const NO_REPEAT =
  'No two tokens in a row occur again in this text. Paste a text that repeats itself, or choose an example.';

const TITLES = [
  'Token',
  'Should look at',
  'Weight there',
  'Looks most at',
  'Looked there',
  'Loss of the next token',
  'Loss the first time',
];

/**
 * @typedef {import('../figures/ngrams.js').Ngram} Ngram
 * @typedef {import('../studies/own.js').Own} Own
 * @typedef {import('../figures/ngrams.js').Step} Step
 * @typedef {import('../state/state.js').Result} Result
 * @typedef {import('../state/state.js').State} State
 * @typedef {import('../state/state.js').Emit} Emit
 */

/**
 * @param {Element} root
 * @param {State} state
 * @param {Emit} emit
 */
export function ownRepeats(root, state, emit) {
  const parts = once(root, () => build(root, emit));
  const { view, result, detection } = state;
  if (!shownOn('find', state) || !result || !detection) return;
  parts.status.show(state);
  const ngrams = ngramsOf(result);
  const found = latest(state, own);
  const ready = ngrams.length > 0 && Boolean(found);
  parts.table.hidden = parts.sentence.hidden = !ready;
  parts.table.classList.toggle('stale', !found?.current);
  setText(parts.none, ngrams.length ? '' : NO_REPEAT);
  if (found?.current && changed(parts.ofTable, found.value, result, view.active)) {
    showTable(parts, ngrams, found.value, result, view.active, emit);
    setText(parts.sentence, sentenceOf(ngrams, found.value, result, view.active));
  }
  if (changed(parts.ofMaps, detection, view.head)) showMaps(parts, state);
}

/** @param {Element} root @param {Emit} emit */
function build(root, emit) {
  const status = createStudyStatus(own, 'Looking at the text', 'tokens', emit);
  const sentence = el('p', { class: 'sentence', role: 'status', 'data-testid': 'own-told' });
  const none = el('p', { class: 'hint', 'data-testid': 'own-none' });
  const body = el('div');
  const table = scroller('Tokens of the text that occur again', body);
  const induction = createHeadmap({ title: 'Token matching, induction', testid: 'own-induction' }, emit);
  const duplicate = createHeadmap({ title: 'Token matching, duplicate', testid: 'own-duplicate' }, emit);
  root.append(
    ...introduction('own-repeats-title', 'Repeats in your own text', LEAD, 'lead'),
    ...[status.element, sentence, none, table],
    el('div', { class: 'maps' }, induction.element, duplicate.element),
  );
  return { status, sentence, none, table, body, induction, duplicate, ofTable: {}, ofMaps: {} };
}

/**
 * The means over all tokens inside a repeat, in words.
 * @param {Ngram[]} ngrams @param {Own} of @param {Result} result
 * @param {number} active the threshold of a weight
 */
function sentenceOf(ngrams, { head, lookups, logProbs }, { ids }, active) {
  const sum = { steps: 0, looked: 0, expected: 0, loss: 0, first: 0 };
  for (const { query, first } of stepsIn(ngrams)) {
    sum.steps++;
    sum.looked += Number(didLook(ids, lookups, query, active));
    sum.expected += lookups.expected[query];
    sum.loss -= logProbs[query];
    sum.first -= logProbs[first];
  }
  const mean = (/** @type {number} */ total) => figure(total / sum.steps);
  const tokens = `${sum.looked} of ${sum.steps} ${sum.steps === 1 ? 'token' : 'tokens'}`;
  return [
    `Head ${head} looked where an induction head should at ${tokens} inside a repeat,`,
    `with a mean weight of ${mean(sum.expected)}.`,
    `The next token had a mean loss of ${mean(sum.loss)} nats,`,
    `and of ${mean(sum.first)} nats the first time.`,
  ].join(' ');
}

/**
 * @param {ReturnType<typeof build>} parts @param {Ngram[]} ngrams @param {Own} of @param {Result} result
 * @param {number} active the threshold of a weight @param {Emit} emit
 */
function showTable(parts, ngrams, of, result, active, emit) {
  const { runs, omitted } = listed(ngrams);
  const table = el(
    'table',
    { class: 'listed', 'data-testid': 'own-table' },
    el('caption', { class: 'unseen' }, `Where head ${of.head} looks at tokens that occur again`),
    el('thead', {}, columnHeads(TITLES, [2, 5, 6])),
  );
  function* drawing() {
    for (const { ngram, start } of runs) {
      const name = runName(ngram, start, result.pieces);
      const heading = el(
        'th',
        { colspan: TITLES.length, scope: 'rowgroup', class: 'run' },
        el('span', {}, name),
      );
      const group = el('tbody', {}, el('tr', {}, heading));
      table.append(group);
      for (const step of stepsOf(ngram, start)) {
        group.append(rowOf(step, of, result, active, emit));
        yield 2 + TITLES.length;
      }
    }
  }
  void inFrames(drawing(), () => table.isConnected);
  const unlisted = `${counted(omitted, 'shorter occurrence')} not listed.`;
  const note = `${unlisted} The sentence above counts their tokens too.`;
  parts.body.replaceChildren(table, ...(omitted ? [el('p', { class: 'hint' }, note)] : []));
}

/** The occurrences that fit into the table, the longest first. @param {Ngram[]} ngrams */
function listed(ngrams) {
  /** @type {{ ngram: Ngram, start: number }[]} */ const runs = [];
  let left = MOST_ROWS;
  let omitted = 0;
  for (const ngram of ngrams) {
    for (const start of ngram.again) {
      const { length } = stepsOf(ngram, start);
      if (left < length) {
        omitted++;
        continue;
      }
      left -= length;
      runs.push({ ngram, start });
    }
  }
  return { runs, omitted };
}

/** A run and its places, in words. @param {Ngram} ngram @param {number} start @param {string[]} pieces */
function runName({ first, length }, start, pieces) {
  const words = quoted(pieces.slice(start, start + length).join(''));
  return `${words} at ${start}–${start + length - 1}, first at ${first}–${first + length - 1}`;
}

/**
 * @param {Step} step
 * @param {Own} of
 * @param {Result} result
 * @param {number} active
 * @param {Emit} emit
 */
function rowOf({ query, first }, { head, lookups, logProbs }, { ids, pieces }, active, emit) {
  const token = (/** @type {number} */ position) => `${position} ${short(pieces[position] ?? '', 14)}`;
  // The token may have several earlier occurrences: the key is of this run, the weight of all keys.
  const key = first + 1;
  const more = lookups.places[query] - 1;
  const looked = didLook(ids, lookups, query, active);
  const act = () => {
    emit({ type: 'lock', head });
    emit({ type: 'choose', query, key });
    reveal('pattern');
  };
  const where = `query ${query} ${visible(pieces[query] ?? '')} and key ${key}`;
  const choose = button(token(query), act, {
    class: 'head-link',
    'aria-label': `Show ${where} in the pattern of head ${head}`,
  });
  const cells = [
    el('td', {}, `${token(key)}${more ? ` (or ${more} more)` : ''}`),
    el('td', { class: 'figure' }, figure(lookups.expected[query], 3)),
    el('td', {}, `${token(lookups.top[query])} ${figure(lookups.weight[query], 3)}`),
    el('td', { class: looked && 'named' }, looked ? '● yes' : 'no'),
    el('td', { class: 'figure' }, figure(-logProbs[query], 2)),
    el('td', { class: 'figure' }, figure(-logProbs[first], 2)),
  ];
  return el('tr', { 'data-query': query }, el('th', { scope: 'row' }, choose), ...cells);
}

/** @param {ReturnType<typeof build>} parts @param {State} state */
function showMaps({ induction, duplicate }, { result, detection, view }) {
  if (!result || !detection) return;
  const figuresOf = (/** @type {'induction' | 'duplicate'} */ kind) => ({
    values: detection.token_matching[kind],
    unit: `token-matching ${kind} score`,
    uniform: detection.null.token_matching[kind],
    subtitle: `${result.model.name}, ${result.seq} tokens`,
    file: `headscope-token-matching-${kind}`,
    locked: view.head,
  });
  induction.show(figuresOf('induction'));
  duplicate.show(figuresOf('duplicate'));
}
