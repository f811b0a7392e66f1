/**
 * What the model expects after the token that is looked at: the target token, which does follow, with its
 * probability. Definition: docs/definitions.md#predictions.
 */

import { figure } from '../base/format.js';
import { quoted } from '../base/tokens.js';
import { shownCell } from '../state/state.js';
import { shownLogProbs } from '../studies/expected.js';
import { changed, el, once, setText } from '../ui/dom.js';
import { term } from '../ui/term.js';

/** @typedef {import('../state/state.js').State} State */

/** @param {Element} root @param {State} state */
export function expected(root, state) {
  const parts = once(root, () => build(root));
  const { result } = state;
  const logProbs = shownLogProbs(state);
  if (!result || !changed(parts.memory, result, logProbs, shownCell(state).query)) return;
  const query = shownCell(state).query ?? result.seq - 1;
  setText(parts.after, `after ${query} ${quoted(result.pieces[query] ?? '')}`);
  const target = result.pieces[query + 1];
  const logProb = logProbs?.[query];
  parts.target.hidden = target === undefined || logProb === undefined;
  setText(parts.none, target === undefined ? 'The text ends here: there is no target token.' : '');
  if (target === undefined || logProb === undefined) return;
  setText(parts.token, quoted(target));
  const probability = Math.exp(logProb);
  setText(parts.figures, `probability ${figure(probability, 3)}, log-probability ${figure(logProb)}`);
  parts.target.style.setProperty('--share', `${probability * 100}%`);
}

/** @param {Element} root */
function build(root) {
  const after = el('span', { class: 'caption' });
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
  root.append(el('h3', { id: 'expected-title' }, 'What the model expects next ', after), target, none);
  return { after, token, figures, target, none, memory: {} };
}
