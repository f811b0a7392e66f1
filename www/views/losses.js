/** The loss increase of every head ablated by itself, as a map. It is computed when it is asked for. */

import { figure } from '../base/format.js';
import { nameOf } from '../base/heads.js';
import { shownOn } from '../state/tabs.js';
import { losses } from '../studies/losses.js';
import { latest } from '../studies/study.js';
import { button, changed, el, once, setText } from '../ui/dom.js';
import { createHeadmap } from '../ui/headmap.js';
import { createStudyStatus } from '../ui/study_status.js';
import { introduction } from '../ui/term.js';

/**
 * @param {Element} root
 * @param {import('../state/state.js').State} state
 * @param {import('../state/state.js').Emit} emit
 */
export function everyHead(root, state, emit) {
  const parts = once(root, () => build(root, emit));
  const { view, result } = state;
  if (!shownOn('ablate', state) || !result) return;
  parts.status.show(state);
  parts.ask.hidden = view.ran.includes(losses.kind);
  const table = latest(state, losses);
  parts.table.hidden = !table;
  parts.table.classList.toggle('stale', !table?.current);
  if (!table?.current || !changed(parts.ofTable, table.value, view.head)) return;
  const on = view.on === 'text' ? 'your text' : 'repeated sequences';
  parts.map.show({
    values: table.value,
    differences: true,
    unit: 'increase of the loss in nats',
    subtitle: `${result.model.name}, on ${on}, ${view.ablation} ablation`,
    file: 'headscope-loss-increase',
    locked: view.head,
  });
  setText(parts.sentence, sentenceOf(table.value, on));
}

/** The head with the largest increase, in words. @param {number[][]} increases @param {string} on */
function sentenceOf(increases, on) {
  const each = increases.flatMap((row, layer) =>
    row.map((value, head) => ({ name: nameOf(layer, head), value })),
  );
  const worst = each.reduce((most, head) => (head.value > most.value ? head : most));
  const nats = `${figure(worst.value, 3)} nats`;
  return worst.value > 0
    ? `Head ${worst.name} matters most: ablating it raises the loss on ${on} by ${nats}.`
    : `No single head matters: ablating any one of them does not raise the loss on ${on}.`;
}

/** @param {Element} root @param {import('../state/state.js').Emit} emit */
function build(root, emit) {
  const map = createHeadmap({ title: 'Loss increase, in nats', testid: 'losses' }, emit);
  const ask = button('Ablate every head in turn', () => emit({ type: 'ask', study: losses.kind }), {
    class: 'primary',
    'data-testid': 'losses-ask',
  });
  const status = createStudyStatus(losses, 'Ablating heads', 'heads', emit);
  const sentence = el('p', { class: 'sentence', role: 'status', 'data-testid': 'losses-told' });
  const table = el('div', { class: 'results', hidden: true }, sentence, map.element);
  const lead = 'The increase of the loss if one head is ablated and all others stay.';
  root.append(
    ...introduction('losses-title', 'Every head in turn', lead, 'lead'),
    ask,
    status.element,
    table,
  );
  return { map, ask, status, sentence, table, ofTable: {} };
}
