/** The answer: the heads of each kind, as one sentence. A click on a head leads to its pattern. */

import { figure } from '../base/format.js';
import { verdicts } from '../figures/heads.js';
import { thresholdsOf } from '../state/view.js';
import { button, changed, el, once, previewHeads, reveal } from '../ui/dom.js';

/** With fewer tokens uniform attention passes the thresholds. */
const ENOUGH_TOKENS = 10;

/** @typedef {import('../figures/heads.js').Verdict} Verdict */

/** The heads of a verdict, with commas. @param {Verdict} verdict @param {(head: string) => void} show */
const headsOf = ({ label, heads }, show) =>
  heads.flatMap(({ name, score }, at) => {
    const link = button(name, () => show(name), {
      class: 'head-link',
      title: `${label} ${figure(score)}: show its pattern`,
      'data-head': name,
      'aria-label': `Head ${name}, ${label.toLowerCase()} score ${figure(score)}`,
    });
    return [at ? ' ' : null, el('span', { class: 'together' }, link, at < heads.length - 1 ? ',' : null)];
  });

/** The reason why a verdict names no head. @param {Verdict} verdict @param {number} tokens */
function noHead({ best, uniform, uniformPasses }, tokens) {
  // If uniform attention passes, every head would be named: the names would say nothing.
  if (uniformPasses) {
    const advice = tokens < ENOUGH_TOKENS ? `: use ${ENOUGH_TOKENS} or more tokens` : '';
    return `not judged, as uniform attention already scores ${figure(uniform)}${advice}`;
  }
  return best ? `none (best ${best.name} at ${figure(best.score)})` : 'none, as no token occurs twice';
}

/** @param {Verdict} verdict @param {number} tokens @param {(head: string) => void} show */
function clause(verdict, tokens, show) {
  const { kind, label, heads, uniformPasses } = verdict;
  const words =
    heads.length && !uniformPasses
      ? headsOf(verdict, show)
      : [el('span', { class: 'nobody' }, noHead(verdict, tokens))];
  return el(
    'span',
    { class: 'clause', 'data-testid': `answer-${kind}` },
    el('span', { class: 'kind' }, `${label}: `),
    ...words,
  );
}

/**
 * @param {Element} root
 * @param {import('../state/state.js').State} state
 * @param {import('../state/state.js').Emit} emit
 */
export function answer(root, state, emit) {
  const parts = once(root, () => {
    const sentence = el('p', { class: 'sentence', 'data-testid': 'answer' });
    root.append(el('h2', { id: 'answer-title', class: 'unseen' }, 'The heads of each kind'), sentence);
    previewHeads(sentence, emit);
    return { sentence, ofDetection: {}, ofHead: {} };
  });
  if (changed(parts.ofDetection, state.detection) && state.detection) {
    const show = (/** @type {string} */ head) => {
      emit({ type: 'lock', head });
      reveal('pattern');
    };
    // Duplicate-token heads are rare: the sentence names them only if there are some.
    const named = verdicts(state.detection, thresholdsOf(state.view)).filter(
      ({ kind, heads }) => kind !== 'duplicate' || heads.length,
    );
    const tokens = state.result?.seq ?? 0;
    parts.sentence.replaceChildren(...named.map((verdict) => clause(verdict, tokens, show)));
    parts.ofHead = {};
  }
  if (changed(parts.ofHead, state.view.head)) {
    for (const link of parts.sentence.querySelectorAll('[data-head]')) {
      link.setAttribute('aria-pressed', String(link.getAttribute('data-head') === state.view.head));
    }
  }
}
