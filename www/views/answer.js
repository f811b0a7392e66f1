/** The answer, first: which heads are of which kind, as one sentence whose heads lead to their evidence. */

import { verdicts } from '../figures/heads.js';
import { figure } from '../base/format.js';
import { thresholdsOf } from '../state/view.js';
import { button, changed, el, once, previewHeads, reveal } from '../ui/dom.js';

/** @param {import('../figures/heads.js').Verdict} verdict @param {(head: string) => void} show */
function clause({ kind, label, heads, best, uniform, uniformPasses }, show) {
  const named = heads.flatMap(({ name, score }, at) => [
    at ? ' ' : null,
    el(
      'span',
      { class: 'together' },
      button(name, () => show(name), {
        class: 'head-link',
        title: `${label} ${figure(score)}: show its pattern`,
        'data-head': name,
        'aria-label': `Head ${name}, ${label.toLowerCase()} score ${figure(score)}`,
      }),
      at < heads.length - 1 ? ',' : null,
    ),
  ]);
  // Uniform attention passes on a text this short or this repetitive: naming every head would tell nothing.
  const untold = uniformPasses
    ? `this text can’t tell (uniform attention scores ${figure(uniform)} too)`
    : null;
  const nobody = best
    ? `none (best ${best.name} at ${figure(best.score)})`
    : 'none, as no token occurs twice';
  return el(
    'span',
    { class: 'clause', 'data-testid': `answer-${kind}` },
    el('span', { class: 'kind' }, `${label}: `),
    ...(heads.length && !untold ? named : [el('span', { class: 'nobody' }, untold ?? nobody)]),
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
    root.append(el('h2', { id: 'answer-title', class: 'unseen' }, 'Which heads do what'), sentence);
    previewHeads(sentence, emit);
    return { sentence, ofDetection: {}, ofHead: {} };
  });
  if (changed(parts.ofDetection, state.detection) && state.detection) {
    const show = (/** @type {string} */ head) => {
      emit({ type: 'lock', head });
      reveal('pattern');
    };
    // Duplicate-token heads are rare enough to be told of only when there is one.
    const told = verdicts(state.detection, thresholdsOf(state.view)).filter(
      ({ kind, heads }) => kind !== 'duplicate' || heads.length,
    );
    parts.sentence.replaceChildren(...told.map((verdict) => clause(verdict, show)));
    parts.ofHead = {};
  }
  if (changed(parts.ofHead, state.view.head)) {
    for (const link of parts.sentence.querySelectorAll('[data-head]')) {
      link.setAttribute('aria-pressed', String(link.getAttribute('data-head') === state.view.head));
    }
  }
}
