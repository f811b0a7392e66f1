/** Every head switched off by itself, when asked for: what the loss rises by, layer by head. */

import { nameOf } from '../base/heads.js';
import { figure } from '../base/format.js';
import { shownOn } from '../state/tabs.js';
import { losses } from '../studies/losses.js';
import { latest } from '../studies/study.js';
import { button, changed, el, once, setText } from '../ui/dom.js';
import { createHeadmap } from '../ui/headmap.js';
import { createStanding } from '../ui/study_status.js';

/**
 * @param {Element} root
 * @param {import('../state/state.js').State} state
 * @param {import('../state/state.js').Emit} emit
 */
export function everyHead(root, state, emit) {
  const parts = once(root, () => build(root, emit));
  const { view, result } = state;
  if (!shownOn('off', state) || !result) return;
  parts.standing.show(state);
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
  const each = table.value.flatMap((row, layer) =>
    row.map((value, head) => ({ name: nameOf(layer, head), value })),
  );
  const worst = each.reduce((most, one) => (one.value > most.value ? one : most));
  setText(
    parts.told,
    worst.value > 0
      ? `Head ${worst.name} is missed most: without it the loss on ${on} rises by ${figure(worst.value, 3)} nats.`
      : `No head is missed: without any one of them the loss on ${on} does not rise.`,
  );
}

/** @param {Element} root @param {import('../state/state.js').Emit} emit */
function build(root, emit) {
  const map = createHeadmap({ title: 'Increase of the loss, in nats', testid: 'losses' }, emit);
  const ask = button('Switch off every head in turn', () => emit({ type: 'ask', study: losses.kind }), {
    class: 'primary',
    'data-testid': 'losses-ask',
  });
  const standing = createStanding(losses, 'Switching heads off', 'heads', emit);
  const told = el('p', { class: 'sentence', role: 'status', 'data-testid': 'losses-told' });
  const table = el('div', { class: 'results', hidden: true }, told, map.element);
  root.append(
    el('h2', { id: 'losses-title' }, 'Every head in turn'),
    el('p', { class: 'lead' }, 'What the loss rises by when one head is off and all others are on.'),
    ask,
    standing.element,
    table,
  );
  return { map, ask, standing, told, table, ofTable: {} };
}
