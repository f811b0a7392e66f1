/**
 * What the model predicts after the token that is looked at: the most probable next tokens, and the target
 * token, which does follow. Definition: docs/definitions.md#predictions.
 *
 * @typedef {import('../state/state.js').State} State
 * @typedef {import('../engine/run.js').Predictions} Predictions
 */

import { count, figure } from '../base/format.js';
import { quoted, visible } from '../base/tokens.js';
import { isAfter, shownAblation } from '../state/state.js';
import { shownAccuracy } from '../studies/accuracy.js';
import { shownLogProbs, wholeLogProbs } from '../studies/expected.js';
import { predictedAt, predictions, shownPredictions, TOP } from '../studies/predictions.js';
import { latest } from '../studies/study.js';
import { changed, el, once, setText } from '../ui/dom.js';
import { term } from '../ui/term.js';

/** @param {Element} root @param {State} state */
export function expected(root, state) {
  const parts = once(root, () => build(root));
  const { result } = state;
  if (!result) return;
  const query = predictedAt(state);
  const found = shownPredictions(state);
  const side = isAfter(state) ? ', after the ablation' : '';
  setText(parts.after, `after ${query} ${quoted(result.pieces[query] ?? '')}${side}`);
  // The rows of another token stay, faded, until those of this token are there.
  parts.table.classList.toggle('stale', !found);
  parts.table.hidden = !latest(state, predictions);
  if (found && changed(parts.ofTable, found)) showTokens(parts.rows, found);
  const rate = shownAccuracy(state);
  parts.accuracy.hidden = !rate || isAfter(state);
  if (rate)
    setText(
      parts.accuracy,
      `Over the text the target token is the most probable one at ${count(rate.first)} of ` +
        `${count(rate.of)} positions (${figure(rate.first / rate.of)}).`,
    );
  const logProbs = shownLogProbs(state);
  if (changed(parts.ofTarget, result, logProbs, wholeLogProbs(state), query, found, shownAblation(state)))
    showTarget(parts, state, query, found?.target ?? null);
}

/**
 * The number of rows never changes: what is below stays in place while the pointer moves.
 * @param {ReturnType<typeof build>['rows']} rows @param {Predictions} predictions
 */
function showTokens(rows, { tokens, target }) {
  rows.forEach(({ row, name, probability }, at) => {
    const token = tokens[at];
    setText(name, token ? visible(token.piece) : '');
    setText(probability, token ? figure(token.probability, 3) : '');
    row.style.setProperty('--share', token ? `${token.probability * 100}%` : '0%');
    row.classList.toggle('is-target', token !== undefined && token.id === target?.id);
    row.title = token && token.id === target?.id ? 'The target token, which follows in the text' : '';
  });
}

/**
 * @param {ReturnType<typeof build>} parts @param {State} state @param {number} query
 * @param {Predictions['target']} target with its rank; null until it is there
 */
function showTarget(parts, state, query, target) {
  const piece = state.result?.pieces[query + 1];
  const logProb = shownLogProbs(state)?.[query];
  parts.target.hidden = piece === undefined || logProb === undefined;
  setText(parts.none, piece === undefined ? 'The text ends here: there is no target token.' : '');
  if (piece === undefined || logProb === undefined) return;
  setText(parts.token, quoted(piece));
  const was = shownAblation(state) ? wholeLogProbs(state)?.[query] : undefined;
  const words = [
    target ? `rank ${count(target.rank)}` : '',
    `probability ${figure(Math.exp(logProb), 3)}`,
    `log-probability ${figure(logProb)}${was === undefined ? '' : ` (before ${figure(was)})`}`,
  ];
  setText(parts.figures, words.filter(Boolean).join(', '));
}

/** @param {Element} root */
function build(root) {
  const after = el('span', { class: 'caption' });
  const rows = Array.from({ length: TOP }, () => {
    const name = el('td', { class: 'token-cell' });
    const probability = el('td', { class: 'figure' });
    return { name, probability, row: el('tr', {}, name, probability) };
  });
  const titles = [
    el('th', { scope: 'col' }, 'Next token'),
    el('th', { scope: 'col', class: 'figure' }, 'Probability'),
  ];
  const table = el(
    'table',
    { class: 'top-keys predictions', hidden: true, 'data-testid': 'predictions' },
    el('caption', { class: 'unseen' }, `The ${TOP} most probable next tokens`),
    el('thead', {}, el('tr', {}, ...titles)),
    el('tbody', {}, ...rows.map(({ row }) => row)),
  );
  const token = el('span', { class: 'token-cell' });
  const figures = el('span', { class: 'figure' });
  const target = el(
    'p',
    { class: 'target', hidden: true, 'data-testid': 'target' },
    el('span', {}, term('target token')),
    token,
    figures,
  );
  const none = el('p', { class: 'hint' });
  const rate = el('p', { class: 'hint', hidden: true, 'data-testid': 'accuracy' });
  const title = el('h3', { id: 'expected-title' }, 'Predictions ', after);
  root.append(title, table, target, none, rate);
  return { after, rows, table, token, figures, target, none, accuracy: rate, ofTable: {}, ofTarget: {} };
}
