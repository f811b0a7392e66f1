/** The path to induction: the earlier heads that feed the keys of the induction heads, as a drawing. */

import { counted, figure } from '../base/format.js';
import { inPairs } from '../studies/composition.js';
import { lackOf, path as study } from '../studies/path.js';
import { seqLenOf } from '../studies/repeated.js';
import { isAsked, latest } from '../studies/study.js';
import { button, changed, el, once, setText } from '../ui/dom.js';
import { createPathDiagram } from '../ui/path_diagram.js';
import { scoreOf } from '../ui/path_drawing.js';
import { createStudyStatus } from '../ui/study_status.js';
import { introduction } from '../ui/term.js';

const HINT = [
  'An [induction head] finds the token after an earlier occurrence, because an earlier head wrote at each',
  'position which token stands before it. So the keys of the induction head should read the output of this',
  'earlier head ([K-composition]), and ablating the earlier head should remove the stripe.',
].join(' ');

/**
 * @param {Element} root
 * @param {import('../state/state.js').State} state
 * @param {import('../state/state.js').Emit} emit
 */
export function path(root, state, emit) {
  const parts = once(root, () => build(root, emit));
  const { view, result, studying } = state;
  if (!result) return;
  const lack = lackOf(state);
  parts.status.show(state);
  const found = lack ? null : latest(state, study);
  const started = isAsked(state, study) || Boolean(studying[study.kind]);
  parts.ask.hidden = lack !== null || Boolean(found?.current) || started;
  const pinned = inPairs(result.model.config) ? view.head : null;
  const from = pinned ? `Into the pinned head ${pinned}. ` : '';
  setText(parts.settings, lack ?? from + wordsOf(state));
  parts.diagram.element.hidden = !found;
  parts.diagram.element.classList.toggle('faded', Boolean(found && !found.current));
  parts.words.hidden = !found;
  if (!found || !changed(parts.memory, found.value, view.head)) return;
  parts.diagram.show(found.value, { model: result.model.name, locked: view.head });
  setText(parts.words, inWords(found.value));
}

/** @param {Element} root @param {import('../state/state.js').Emit} emit */
function build(root, emit) {
  const settings = el('p', { class: 'hint' });
  const ask = button('Trace the path', () => emit({ type: 'ask', study: study.kind }), {
    class: 'chip',
    'data-testid': 'path-ask',
  });
  const status = createStudyStatus(study, 'Tracing the path', 'steps', emit);
  const diagram = createPathDiagram({ title: 'From one head to the next', testid: 'path' }, emit);
  const words = el('p', { class: 'told', 'data-testid': 'path-words' });
  root.append(
    ...introduction('circuits-title', 'The path to induction', HINT, 'hint'),
    settings,
    ask,
    status.element,
    diagram.element,
    words,
  );
  return { settings, ask, status, diagram, words, memory: {} };
}

/** The settings in words. @param {import('../state/state.js').State} state */
const wordsOf = (state) =>
  [
    `On ${counted(state.view.batch, 'sequence')} of ${seqLenOf(state)} random tokens, repeated once, ` +
      `seed ${state.view.seed}:`,
    'the settings of the Find tab.',
  ].join(' ');

/** The strongest edge in words, made from its figures. @param {import('../studies/path.js').Path} path */
function inWords({ induction, feeding, edges, baseline }) {
  const edge = [...edges].sort((left, right) => right.K - left.K)[0];
  const from = feeding.find(({ name }) => name === edge?.from);
  const to = induction.find(({ name }) => name === edge?.to);
  if (!edge || !from || !to) return '';
  const change = from.lossIncrease >= 0 ? 'raises' : 'lowers';
  const nats = `${figure(Math.abs(from.lossIncrease))} nats`;
  return [
    `Head ${edge.to} has a strict induction score of ${figure(to.strict)}.`,
    `Its keys read head ${edge.from} most: ${figure(edge.K, 3)}, random heads ${figure(baseline, 3)}.`,
    `Ablating ${edge.from} leaves a score of ${figure(scoreOf(from.strict, edge.to))}`,
    `and ${change} the loss on the second copy by ${nats}.`,
  ].join(' ');
}
