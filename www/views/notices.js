/**
 * The notices beside the figures: problems with what to do about them, and lines about this text, this link
 * and this machine.
 *
 * @typedef {import('../state/errors.js').Command} Command
 * @typedef {import('../state/errors.js').Remedy} Remedy
 * @typedef {{ id: string, words: string, tone: 'good' | 'plain' | 'differs', remedies: Remedy[] }} Line
 */

import { count, counted, figure } from '../base/format.js';
import { nameOf } from '../base/heads.js';
import { loneSurrogates, quoted } from '../base/tokens.js';
import { TOLERANCE } from '../link/digest.js';
import { reproduced } from '../link/reproduced.js';
import { explain } from '../state/errors.js';
import { rowOf } from '../state/problems.js';
import { isForeign } from '../state/state.js';
import { LONG } from '../state/view.js';
import { precision, shownCost } from '../studies/precision.js';
import { standing } from '../studies/study.js';
import { button, changed, el, once } from '../ui/dom.js';
import { problemElement } from '../ui/problem.js';

/**
 * What half precision costs on the shown text.
 * @param {import('../state/state.js').State} state @returns {Line | null}
 */
function precisionOf(state) {
  const { view, result } = state;
  if (view.precision !== 'half' || !result) return null;
  const { problem } = standing(state, precision);
  const cost = shownCost(state);
  const words = cost
    ? `a log-probability here changes by up to ${small(cost.largest)}, after token ${cost.position}.`
    : problem
      ? `the effect on this text could not be measured: ${explain(problem.code).title.toLowerCase()}.`
      : 'the effect on this text is being measured, on the CPU.';
  return plain('precision', `Half precision: ${words}`, {
    label: 'Use the weights as stored',
    command: { type: 'open model', model: view.model, precision: 'stored' },
  });
}

/** @param {number} value */
const small = (value) => (value < 1e-4 ? value.toExponential(1) : figure(value, 4));

/** @param {string} id @param {string} words @param {...Remedy} remedies @returns {Line} */
const plain = (id, words, ...remedies) => ({ id, tone: 'plain', words, remedies });

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
      `This link was made with other weights (${theirs} …) than the model loaded here (${ours} …), ` +
        'so the figures differ.',
    );
  }
  const { same, compared, worst, waiting, failed } = held;
  const unfolded = unfoldedOf(held);
  if (!same) return line('differs', differenceOf(held) + unfolded);
  if (failed.length) {
    const why = failed.map(({ title, problem }) => `${title} (${wordsOf(problem)})`).join('; ');
    const part = `Reproduced in part: ${compared} figures of this link came out the same here.`;
    return line('differs', `${part} Not computed: ${why}.${unfolded}`);
  }
  if (waiting)
    return line(
      'plain',
      `Reproduced so far: ${compared} figures of this link came out the same here. ` +
        `Its experiment is being computed.${unfolded}`,
    );
  const most = worst ? `, the largest difference is ${figure(worst.difference, 4)}` : '';
  const all = unfolded ? `${compared}` : `all ${compared}`;
  const words = `Reproduced: ${all} figures of this link came out the same here${most}.${unfolded}`;
  return line(unfolded ? 'plain' : 'good', words);
}

/**
 * The figures of a link that are of another definition: they are not compared.
 * @param {Extract<ReturnType<typeof reproduced>, { same: boolean }>} held
 */
const unfoldedOf = ({ unfolded }) => {
  const part = 'Computed in the link without folded norms, so not compared';
  return unfolded.length ? ` ${part}: ${unfolded.join(', ')}.` : '';
};

/**
 * How the figures of a link differ here.
 * @param {Extract<ReturnType<typeof reproduced>, { same: boolean }>} held
 */
function differenceOf({ worst, tokens: [theirs, ours] }) {
  const most = figure(worst?.difference, 3);
  const furthest =
    worst && worst.difference > TOLERANCE
      ? ` The largest difference is in ${worst.what}: ` +
        `${figure(worst.theirs, 3)} in the link, ${figure(worst.ours, 3)} here.`
      : '';
  const lengths =
    theirs === ours ? '' : ` The link counted ${count(theirs)} tokens, this page ${count(ours)}.`;
  return `Not reproduced: figures of this link differ here by up to ${most}.${furthest}${lengths}`;
}

/** @param {import('../state/state.js').Problem} problem */
const wordsOf = ({ code, detail }) =>
  [explain(code, true).title.toLowerCase(), detail.replace(/\.$/, '')].filter(Boolean).join(': ');

/**
 * Where the figures of a model overflow.
 * @param {import('../state/state.js').Result} result @param {{ layer: number, heads: number[] }} first
 */
function overflowOf({ model }, { layer, heads }) {
  const why = 'though all of its weights are: what it computes grows past what 32 bits hold';
  if (layer === model.config.n_layers) return `The model’s predictions are not finite, ${why}.`;
  const which = counted(heads.length, 'head');
  const names = heads.map((head) => nameOf(layer, head)).join(', ');
  return `The model’s figures are not finite from layer ${layer} on (${which} there: ${names}), ${why}.`;
}

/** @type {Remedy} */
const WEBGPU_ANYWAY = { label: 'Use WebGPU anyway', command: { type: 'backend', backend: 'webgpu' } };

/** The lines to show. @param {import('../state/state.js').State} state @returns {Line[]} */
function lines(state) {
  const { result, engine, link, model } = state;
  const other = isForeign(state);
  /** @type {(Line | null)[]} */ const found = [reproductionOf(state)];
  if (other)
    found.push(plain('foreign', `The figures below are of ${result?.model.name}, not of ${model?.name}.`));
  if (model?.tokenizerNote) found.push(plain('tokenizer', model.tokenizerNote));
  found.push(precisionOf(state));
  if (result?.dropped) {
    const reads = `This model reads ${count(result.model.config.n_ctx)} tokens at once`;
    const cut = counted(result.dropped, 'character');
    found.push(
      plain('dropped', `${reads}: the first ${count(result.seq)} are analysed, ${cut} after them are not.`),
    );
  }
  if (result?.uncovered.length) {
    const which = result.uncovered.map(quoted).join(', ');
    found.push(plain('uncovered', `No token of this model stands for ${which}: left out of the analysis.`));
  }
  if (result?.notFinite) found.push(plain('not-finite', overflowOf(result, result.notFinite)));
  if (result?.text.includes('\r'))
    found.push(plain('returns', 'The text holds carriage returns, which the box shows as line ends only.'));
  const lone = result ? loneSurrogates(result.text) : 0;
  if (lone) {
    const broken = counted(lone, 'broken character', 'broken characters');
    found.push(plain('surrogates', `The text holds ${broken} (half of a surrogate pair), read as “\ufffd”.`));
  }
  if (link && link.length > LONG)
    found.push(
      plain(
        'long',
        `The link to this analysis is ${count(link.length)} characters long. Many programs cut such links ` +
          'short. A file holds the whole analysis: drop the file on this page to open it.',
        { label: 'Save as a file', command: { type: 'save file' } },
      ),
    );
  if (engine?.reason)
    found.push(
      plain('reason', `Running on the CPU. ${engine.reason}`, ...(engine.offersGpu ? [WEBGPU_ANYWAY] : [])),
    );
  return found.filter((line) => line !== null);
}

/**
 * @param {Element} root
 * @param {import('../state/state.js').State} state
 * @param {(command: Command) => void} emit
 */
export function notices(root, state, emit) {
  const parts = once(root, () => {
    const problems = el('div', { class: 'problems', role: 'alert' });
    const told = el('div', { class: 'told', role: 'status' });
    root.append(problems, told);
    return { problems, told, ofProblems: {}, ofLines: {} };
  });
  const { problems, library, view, engine, backend, refused, result, model } = state;
  const depends = [
    problems,
    library.open,
    library.listed,
    view.model,
    engine,
    backend,
    refused,
    result === null,
    model,
  ];
  if (changed(parts.ofProblems, ...depends)) {
    // The open model panel shows the problems of its rows.
    const here = problems.filter((problem) => rowOf(state, problem) === null);
    parts.problems.replaceChildren(...here.map((problem) => problemElement(problem, state, emit)));
  }
  const shown = lines(state);
  if (changed(parts.ofLines, shown.map(({ id, words }) => id + words).join('\n'))) {
    parts.told.replaceChildren(
      ...shown.map(({ id, words, tone, remedies }) =>
        el(
          'p',
          { class: `line ${tone}`, 'data-testid': `line-${id}` },
          el('span', {}, remedies.length ? `${words} ` : words),
          ...remedies.map(({ label, command }) => button(label, () => emit(command), { class: 'link' })),
        ),
      ),
    );
  }
}
