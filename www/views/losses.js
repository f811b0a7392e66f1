/**
 * The loss increase of every head, and of every MLP, ablated by itself. It is computed when it is asked for.
 * A stopped map keeps what it has.
 */

import { count, figure } from '../base/format.js';
import { nameOf } from '../base/heads.js';
import { mlpName } from '../state/ablation.js';
import { shownOn } from '../state/tabs.js';
import { losses } from '../studies/losses.js';
import { latest, leftOf } from '../studies/study.js';
import { button, changed, el, once, setText } from '../ui/dom.js';
import { createHeadmap } from '../ui/headmap.js';
import { createMlpRow } from '../ui/layer_row.js';
import { createStudyStatus } from '../ui/study_status.js';
import { introduction } from '../ui/term.js';

/** @typedef {import('../studies/losses.js').LossTable} LossTable */

/**
 * @param {Element} root
 * @param {import('../state/state.js').State} state
 * @param {import('../state/state.js').Emit} emit
 */
export function everyHead(root, state, emit) {
  const parts = once(root, () => build(root, emit));
  const { view, result } = state;
  if (!shownOn('ablate', state) || !result) return;
  const { n_layers: nLayers, n_heads: nHeads, d_mlp: dMlp } = result.model.config;
  const table = latest(state, losses);
  const asked = view.ran.includes(losses.kind);
  const left = asked ? null : leftOf(state, losses);
  parts.status.show(state);
  parts.ask.hidden = asked;
  const what = dMlp ? 'every head and every MLP' : 'every head';
  setText(parts.ask, left ? 'Continue' : `Ablate ${what} in turn`);
  parts.table.hidden = !table;
  const shown = Boolean(table?.current || left);
  parts.table.classList.toggle('stale', !shown);
  if (!table || !shown || !changed(parts.ofTable, table.value, left, view.head)) return;
  const on = view.on === 'text' ? 'your text' : 'repeated sequences';
  const about = { subtitle: `${result.model.name}, on ${on}, ${view.ablation} ablation`, locked: view.head };
  const values = filled(table.value.lossIncrease, nLayers, nHeads);
  parts.map.show({
    ...about,
    values,
    differences: true,
    unit: 'increase of the loss in nats',
    file: `headscope-loss-increase${left ? '-partial' : ''}`,
  });
  const { mlpLossIncrease } = table.value;
  parts.mlps.element.hidden = mlpLossIncrease === null;
  if (mlpLossIncrease)
    parts.mlps.show({
      values: Array.from({ length: nLayers }, (_, layer) => mlpLossIncrease[layer] ?? null),
      subtitle: about.subtitle,
      file: `headscope-mlp-loss-increase${left ? '-partial' : ''}`,
    });
  const each = eachOf(table.value);
  const all = count(nLayers * (nHeads + Number(Boolean(dMlp))));
  const partial = left ? `Partial map: stopped after ${count(each.length)} of ${all}. ` : '';
  setText(parts.sentence, partial + sentenceOf(each, on, left !== null));
}

/**
 * The rows of every layer, with null for heads that are not measured.
 * @param {number[][]} rows @param {number} nLayers @param {number} nHeads
 */
const filled = (rows, nLayers, nHeads) =>
  Array.from({ length: nLayers }, (_, layer) =>
    Array.from({ length: nHeads }, (_, head) => rows[layer]?.[head] ?? null),
  );

/** Everything that is measured, with its name. @param {LossTable} table */
const eachOf = ({ lossIncrease, mlpLossIncrease }) => [
  ...lossIncrease.flatMap((row, layer) =>
    row.map((value, head) => ({ name: `Head ${nameOf(layer, head)}`, value })),
  ),
  ...(mlpLossIncrease ?? []).map((value, layer) => ({ name: mlpName(layer), value })),
];

/**
 * The part with the largest increase, in words.
 * @param {ReturnType<typeof eachOf>} each @param {string} on @param {boolean} partial
 */
function sentenceOf(each, on, partial) {
  if (!each.length) return '';
  const worst = each.reduce((most, part) => (part.value > most.value ? part : most));
  const nats = `${figure(worst.value, 3)} nats`;
  const soFar = partial ? ' so far' : '';
  if (worst.value > 0)
    return `${worst.name} matters most${soFar}: ablating it raises the loss on ${on} by ${nats}.`;
  const nothing = partial ? 'Nothing matters so far' : 'No single head matters';
  return `${nothing}: ablating any one of them does not raise the loss on ${on}.`;
}

/** @param {Element} root @param {import('../state/state.js').Emit} emit */
function build(root, emit) {
  const map = createHeadmap({ title: 'Loss increase, in nats', testid: 'losses' }, emit);
  const mlps = createMlpRow({ title: 'Loss increase of each MLP, in nats', testid: 'losses-mlps' });
  const ask = button('', () => emit({ type: 'ask', study: losses.kind }), {
    class: 'primary',
    'data-testid': 'losses-ask',
  });
  const status = createStudyStatus(losses, 'Ablating in turn', 'ablations', emit);
  const sentence = el('p', { class: 'sentence', role: 'status', 'data-testid': 'losses-told' });
  const table = el('div', { class: 'results', hidden: true }, sentence, map.element, mlps.element);
  const lead = 'The increase of the loss if one head, or one MLP, is ablated and all others stay.';
  root.append(
    ...introduction('losses-title', 'Every head in turn', lead, 'lead'),
    ask,
    status.element,
    table,
  );
  return { map, mlps, ask, status, sentence, table, ofTable: {} };
}
