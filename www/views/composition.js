/** Composition: how much each later head reads of each earlier head, through its queries, keys or values. */

import { figure } from '../base/format.js';
import { nameOf } from '../base/heads.js';
import { layerPairs, matrixOf, pairsOf } from '../figures/circuits.js';
import { composition as study } from '../studies/composition.js';
import { latest } from '../studies/study.js';
import { changed, el, once, setText } from '../ui/dom.js';
import { createMatrix } from '../ui/matrix.js';
import { createStudyStatus } from '../ui/study_status.js';
import { introduction } from '../ui/term.js';

/** @typedef {import('../figures/circuits.js').Through} Through */
/** @typedef {import('../figures/circuits.js').LayerPair} LayerPair */

/** @type {readonly { through: Through, reads: string }[]} */
const THROUGH = [
  { through: 'Q', reads: 'queries' },
  { through: 'K', reads: 'keys' },
  { through: 'V', reads: 'values' },
];

const HINT = [
  'How much of the output of one head a later head reads, from 0 to 1, computed from their weights alone.',
  'An induction head shows in [K-composition].',
  'Colours show how far a score is above the score of random heads of the same shapes.',
].join(' ');

/**
 * @param {Element} root
 * @param {import('../state/state.js').State} state
 * @param {import('../state/state.js').Emit} emit
 */
export function composition(root, state, emit) {
  const parts = once(root, () => build(root, state, emit));
  parts.latest = state;
  const { view, result } = state;
  const single = (result?.model.config.n_layers ?? 0) < 2;
  root.toggleAttribute('hidden', single);
  if (!result || single) return;
  parts.status.show(state);
  const found = latest(state, study);
  for (const { matrix } of parts.matrices) matrix.element.hidden = !found;
  const { n_layers } = result.model.config;
  parts.chooser.hidden = !found || n_layers < 3;
  if (!found) return;
  const layers = layerPairs(n_layers);
  if (changed(parts.ofShape, n_layers)) {
    parts.layers.replaceChildren(
      ...layers.map(({ from, to }, at) => el('option', { value: at }, `layer ${from} into layer ${to}`)),
    );
  }
  const chosen = layers[Number(parts.layers.value)] ?? layers[0];
  if (changed(parts.memory, found.value, view.head, chosen.from, chosen.to))
    show(parts, found.value, chosen, state, emit);
}

/**
 * @param {Element} root
 * @param {import('../state/state.js').State} state
 * @param {import('../state/state.js').Emit} emit
 */
function build(root, state, emit) {
  const status = createStudyStatus(study, 'Multiplying heads', 'pairs', emit);
  const sentence = el('p', { class: 'hint', 'data-testid': 'composition-told' });
  const layers = el('select', { id: 'composition-layers' });
  // The choice of layers is in no link: only the control knows it.
  layers.addEventListener('change', () => composition(root, parts.latest, emit));
  const label = el('label', { for: 'composition-layers' }, 'Between ');
  const chooser = el('p', { class: 'chooser' }, label, layers);
  const matrices = THROUGH.map(({ through, reads }) => {
    const title = `${through}-composition, through the ${reads}`;
    return { through, reads, matrix: createMatrix({ title, testid: `composition-${through}` }) };
  });
  root.append(
    ...introduction('composition-title', 'Composition', HINT, 'hint'),
    sentence,
    chooser,
    status.element,
    el('div', { class: 'matrices' }, ...matrices.map(({ matrix }) => matrix.element)),
  );
  const parts = { status, sentence, layers, chooser, matrices, latest: state, ofShape: {}, memory: {} };
  return parts;
}

/**
 * @param {ReturnType<typeof build>} parts
 * @param {import('../engine/experiments.js').Composition} value
 * @param {LayerPair} layers
 * @param {import('../state/state.js').State} state
 * @param {import('../state/state.js').Emit} emit
 */
function show({ sentence, matrices }, value, { from, to }, { view, result }, emit) {
  if (!result) return;
  const nHeads = result.model.config.n_heads;
  const pairs = pairsOf(value);
  const best = pairs.reduce((most, pair) => (pair.K > most.K ? pair : most));
  const most = pairs.reduce((top, { Q, K, V }) => Math.max(top, Q, K, V), value.baseline);
  const random = figure(value.baseline, 4);
  const strongest = `is ${figure(best.K, 4)}, of head ${best.from} into head ${best.to}`;
  setText(sentence, `Random heads score ${random} on average. The largest K-composition ${strongest}.`);
  /** @param {number} layer @returns {import('../ui/matrix.js').Side[]} */
  const sides = (layer) =>
    Array.from({ length: nHeads }, (_, head) => {
      const name = nameOf(layer, head);
      const act = () => emit({ type: 'lock', head: name });
      return { label: name, title: `Show head ${name}`, act, current: name === view.head };
    });
  for (const { through, reads, matrix } of matrices) {
    const values = matrixOf(pairs, { from, to }, through, nHeads);
    matrix.show({
      rows: sides(from),
      columns: sides(to),
      values,
      rowsAre: `writes`,
      columnsAre: `${reads} of`,
      places: 3,
      ...colouring(values, value.baseline, most),
      subtitle: `${result.model.name}, layer ${from} into layer ${to}; random heads ${random}`,
      file: `headscope-${through}-composition`,
      table: tableOf(values, { from, to }, through, value.baseline),
    });
  }
}

/**
 * Colours from the score of random heads up to the largest score of all pairs: one range for queries, keys
 * and values of every two layers.
 * @param {(number | null)[][]} values @param {number} baseline the score of random heads
 * @param {number} most the largest score
 */
function colouring(values, baseline, most) {
  const over = values.map((row) =>
    row.map((score) => (score === null ? null : Math.max(0, score - baseline))),
  );
  const [low, high] = [figure(baseline, 3), figure(most, 3)];
  const scale = `Colours from random heads (${low}) to the largest score of all (${high}).`;
  return { colouredBy: over, most: most - baseline, scale };
}

/**
 * @param {(number | null)[][]} values @param {LayerPair} layers @param {Through} through
 * @param {number} baseline
 */
const tableOf = (values, { from, to }, through, baseline) => ({
  columns: ['from', 'to', `${through}-composition`, 'above random heads'],
  rows: values.flatMap((row, writer) =>
    row.map((score, reader) => [
      nameOf(from, writer),
      nameOf(to, reader),
      score,
      score === null ? null : score - baseline,
    ]),
  ),
});
