/**
 * What a person should know beside the figures: problems with what to do about them, and plain lines about
 * this text,
 * this link and this machine.
 */

import { count, counted, figure } from '../base/format.js';
import { loneSurrogates } from '../base/tokens.js';
import { TOLERANCE } from '../link/digest.js';
import { reproduced } from '../link/reproduced.js';
import { explain } from '../state/errors.js';
import { LONG } from '../state/view.js';
import { button, changed, el, once } from '../ui/dom.js';

/**
 * @typedef {import('../state/errors.js').Deed} Deed
 * @typedef
 *   {{ id: string, words: string, tone: 'good' | 'plain' | 'differs', remedies: import('../state/errors.js').Remedy[] }}
 *   Line
 */

/**
 * Whether an opened link's figures came out the same here.
 * @param {import('../state/state.js').State} state
 * @returns {Line | null}
 */
function reproductionOf(state) {
  const held = reproduced(state);
  if (!held) return null;
  /** @param {Line['tone']} tone @param {string} words @returns {Line} */
  const line = (tone, words) => ({ id: 'link', tone, words, remedies: [] });
  if ('weights' in held) {
    const [theirs, ours] = held.weights;
    return line(
      'differs',
      `This link was made with other weights (${theirs} …) than the model loaded here (${ours} …), so its figures are not these.`,
    );
  }
  const { same, compared, worst, tokens, waiting, failed } = held;
  if (same) {
    const most = worst ? `, the largest difference is ${figure(worst.difference, 4)}` : '';
    if (failed.length) {
      const why = failed.map(
        ({ title, problem }) =>
          `${title} (${[explain(problem.code, true).title.toLowerCase(), problem.detail.replace(/\.$/, '')].filter(Boolean).join(': ')})`,
      );
      return line(
        'differs',
        `Reproduced in part: ${compared} figures of this link came out the same here. Not compared, as it could not be computed: ${why.join('; ')}.`,
      );
    }
    if (waiting)
      return line(
        'plain',
        `Reproduced so far: ${compared} figures of this link came out the same here. Its experiment is being computed.`,
      );
    return line('good', `Reproduced: all ${compared} figures of this link came out the same here${most}.`);
  }
  const lengths =
    tokens[0] === tokens[1] ? '' : ` It counted ${count(tokens[0])} tokens, this page ${count(tokens[1])}.`;
  const furthest =
    worst && worst.difference > TOLERANCE
      ? ` The furthest is ${worst.what}: ${figure(worst.theirs, 3)} in the link, ${figure(worst.ours, 3)} here.`
      : '';
  return line(
    'differs',
    `Not reproduced: figures of this link differ here by up to ${figure(worst?.difference, 3)}.${furthest}${lengths}`,
  );
}

/** @param {import('../state/state.js').State} state @returns {Line[]} */
function lines(state) {
  /** @type {Line[]} */ const found = [];
  const reproduction = reproductionOf(state);
  if (reproduction) found.push(reproduction);
  const { result, engine, link, model } = state;
  if (model?.tokenizerNote)
    found.push({ id: 'tokenizer', tone: 'plain', remedies: [], words: model.tokenizerNote });
  if (result?.dropped) {
    found.push({
      id: 'dropped',
      tone: 'plain',
      remedies: [],
      words: `This model reads ${count(result.model.config.n_ctx)} tokens at once: the first ${count(result.seq)} are analysed, ${counted(result.dropped, 'character')} after them are not.`,
    });
  }
  const lone = result ? loneSurrogates(result.text) : 0;
  if (lone)
    found.push({
      id: 'surrogates',
      tone: 'plain',
      remedies: [],
      words: `The text holds ${counted(lone, 'broken character', 'broken characters')} (half of a surrogate pair), read as “\ufffd”.`,
    });
  if (link && link.length > LONG) {
    found.push({
      id: 'long',
      tone: 'plain',
      remedies: [{ label: 'Save as a file', deed: { type: 'save file' } }],
      words: `The link to this analysis is ${count(link.length)} characters long, which many programs cut short. A file holds it whole and can be dropped back on this page.`,
    });
  }
  if (engine?.reason) {
    found.push({
      id: 'reason',
      tone: 'plain',
      words: `Running on the CPU. ${engine.reason}`,
      remedies: [{ label: 'Use WebGPU anyway', deed: { type: 'backend', backend: 'webgpu' } }],
    });
  }
  return found;
}

/**
 * @param {Element} root
 * @param {import('../state/state.js').State} state
 * @param {(deed: Deed) => void} emit
 */
export function notices(root, state, emit) {
  const parts = once(root, () => {
    const problems = el('div', { class: 'problems', role: 'alert' });
    const told = el('div', { class: 'told', role: 'status' });
    root.append(problems, told);
    return { problems, told, ofProblems: {}, ofLines: {} };
  });
  // There is no use in offering the backend or the model one has.
  const runsOn = state.engine?.backend ?? state.backend;
  const useful = (/** @type {import('../state/errors.js').Remedy} */ { deed }) =>
    !(deed.type === 'backend' && deed.backend === runsOn) &&
    !(deed.type === 'open model' && deed.model === state.view.model);
  const hasResult = state.result !== null;
  if (changed(parts.ofProblems, state.problems, runsOn, hasResult)) {
    parts.problems.replaceChildren(
      ...state.problems.map(({ code, detail }) => {
        const loading = state.model === null || state.refused?.code === code;
        const { tone, title, sentence, remedies } = explain(code, hasResult, loading);
        return el(
          'div',
          { class: `problem ${tone}`, 'data-testid': 'problem', 'data-code': code },
          el('p', { class: 'title' }, title),
          el('p', {}, sentence),
          detail ? el('p', { class: 'detail' }, detail) : null,
          el(
            'p',
            { class: 'remedies' },
            ...remedies.filter(useful).map(({ label, deed }) => button(label, () => emit(deed))),
            button('Dismiss', () => emit({ type: 'dismiss', code }), { class: 'quiet' }),
          ),
        );
      }),
    );
  }
  const shown = lines(state);
  if (changed(parts.ofLines, shown.map(({ id, words }) => id + words).join('\n'))) {
    parts.told.replaceChildren(
      ...shown.map(({ id, words, tone, remedies }) =>
        el(
          'p',
          { class: `line ${tone}`, 'data-testid': `line-${id}` },
          el('span', {}, remedies.length ? `${words} ` : words),
          ...remedies.map(({ label, deed }) => button(label, () => emit(deed), { class: 'link' })),
        ),
      ),
    );
  }
}
