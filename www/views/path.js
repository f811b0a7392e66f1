/**
 * The path to induction: which earlier heads feed the keys of the heads with the strongest stripes, drawn.
 */

import { counted, figure } from '../base/format.js';
import { lackOf, path as study } from '../studies/path.js';
import { latest } from '../studies/study.js';
import { button, changed, el, once, setText } from '../ui/dom.js';
import { createPathDiagram } from '../ui/path_diagram.js';
import { createStudyStatus } from '../ui/study_status.js';

/**
 * @param {Element} root
 * @param {import('../state/state.js').State} state
 * @param {import('../state/state.js').Emit} emit
 */
export function circuits(root, state, emit) {
  const parts = once(root, () => build(root, emit));
  const { view, result, studying } = state;
  if (!result) return;
  const lack = lackOf(state);
  parts.standing.show(state);
  const found = lack ? null : latest(state, study);
  parts.ask.hidden = lack !== null || Boolean(found?.current) || Boolean(studying[study.kind]);
  setText(
    parts.told,
    lack ??
      `On ${counted(view.batch, 'draw')} of ${view.seqLen} random tokens said twice, seed ${view.seed}: the settings of the Repeats tab.`,
  );
  parts.diagram.element.hidden = !found;
  parts.diagram.element.classList.toggle('faded', Boolean(found && !found.current));
  parts.words.hidden = !found;
  if (!found || !changed(parts.memory, found.value, view.head)) return;
  parts.diagram.show(found.value, { model: result.model.name, locked: view.head });
  setText(parts.words, inWords(found.value));
}

/** @param {Element} root @param {import('../state/state.js').Emit} emit */
function build(root, emit) {
  const told = el('p', { class: 'hint' });
  const ask = button('Trace the path', () => emit({ type: 'ask', study: study.kind }), {
    class: 'chip',
    'data-testid': 'path-ask',
  });
  const standing = createStudyStatus(study, 'Switching feeding heads off', 'heads', emit);
  const diagram = createPathDiagram({ title: 'From one head to the next', testid: 'path' }, emit);
  const words = el('p', { class: 'told', 'data-testid': 'path-words' });
  root.append(
    el('h2', { id: 'circuits-title' }, 'The path to induction'),
    el(
      'p',
      { class: 'hint' },
      'An induction head finds what followed a token before because an earlier head wrote, at each position, which token came before it. ' +
        'So the earlier head’s output should be what the induction head’s keys read (K-composition), and without it the stripe should go.',
    ),
    told,
    ask,
    standing.element,
    diagram.element,
    words,
  );
  return { told, ask, standing, diagram, words, memory: {} };
}

/** What the strongest edge says, computed and not written. @param {import('../studies/path.js').Path} path */
function inWords({ induction, feeding, edges, baseline }) {
  const edge = [...edges].sort((left, right) => right.K - left.K)[0];
  const from = feeding.find(({ name }) => name === edge?.from);
  const to = induction.find(({ name }) => name === edge?.to);
  if (!edge || !from || !to) return '';
  const [layer, head] = edge.to.split('.').map(Number);
  const left = from.strict[layer]?.[head];
  return (
    `Head ${edge.to} has a strict stripe of ${figure(to.strict)}. Of the heads before it ${edge.from} feeds its keys the most, ` +
    `${figure(edge.K, 3)} against ${figure(baseline, 3)} for random heads. With ${edge.from} off the stripe is ${figure(left)} ` +
    `and the loss on the second copy ${from.lossIncrease >= 0 ? 'rises' : 'falls'} by ${figure(Math.abs(from.lossIncrease))} nats.`
  );
}
