/** How much of what each earlier head writes each later head reads, through its queries, keys or values. */

import { figure } from '../base/format.js';
import { nameOf } from '../base/heads.js';
import { layerPairs, matrixOf, pairsOf } from '../figures/circuits.js';
import { composition as study } from '../studies/composition.js';
import { latest } from '../studies/study.js';
import { changed, el, once, setText } from '../ui/dom.js';
import { createMatrix } from '../ui/matrix.js';
import { createStudyStatus } from '../ui/study_status.js';

/** @type {readonly { through: import('../figures/circuits.js').Through, reads: string }[]} */
const THROUGH = [
  { through: 'Q', reads: 'queries' },
  { through: 'K', reads: 'keys' },
  { through: 'V', reads: 'values' },
];

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
  parts.standing.show(state);
  const found = latest(state, study);
  for (const { matrix } of parts.matrices) matrix.element.hidden = !found;
  parts.chooser.hidden = !found || result.model.config.n_layers < 3;
  if (!found) return;
  const { n_layers, n_heads } = result.model.config;
  const layers = layerPairs(n_layers);
  if (changed(parts.ofShape, n_layers)) {
    parts.layers.replaceChildren(
      ...layers.map(({ from, to }, at) => el('option', { value: at }, `layer ${from} into layer ${to}`)),
    );
  }
  const chosen = layers[Number(parts.layers.value)] ?? layers[0];
  if (changed(parts.memory, found.value, view.head, chosen.from, chosen.to))
    show(parts, found.value, chosen, n_heads, state, emit);
}

/**
 * @param {Element} root
 * @param {import('../state/state.js').State} state
 * @param {import('../state/state.js').Emit} emit
 */
function build(root, state, emit) {
  const standing = createStudyStatus(study, 'Multiplying heads', 'pairs', emit);
  const told = el('p', { class: 'hint', 'data-testid': 'composition-told' });
  const layers = el('select', { id: 'composition-layers' });
  // The choice is the control's own: it belongs to no link.
  layers.addEventListener('change', () => composition(root, parts.latest, emit));
  const chooser = el(
    'p',
    { class: 'chooser' },
    el('label', { for: 'composition-layers' }, 'Between '),
    layers,
  );
  const matrices = THROUGH.map(({ through, reads }) => ({
    through,
    reads,
    matrix: createMatrix({
      title: `${through}-composition: what the ${reads} read`,
      testid: `composition-${through}`,
    }),
  }));
  root.append(
    el('h2', { id: 'composition-title' }, 'Composition'),
    el(
      'p',
      { class: 'hint' },
      'How much of what a head writes a later head reads, from 0 to 1, out of their weights alone. Colours show how far a score is above or below that of random heads of the same shapes.',
    ),
    told,
    chooser,
    standing.element,
    el('div', { class: 'matrices' }, ...matrices.map(({ matrix }) => matrix.element)),
  );
  const parts = { standing, told, layers, chooser, matrices, latest: state, ofShape: {}, memory: {} };
  return parts;
}

/**
 * @param {ReturnType<typeof build>} parts
 * @param {import('../engine/experiments.js').Composition} value
 * @param {import('../figures/circuits.js').LayerPair} layers
 * @param {number} nHeads
 * @param {import('../state/state.js').State} state
 * @param {import('../state/state.js').Emit} emit
 */
function show({ told, matrices }, value, { from, to }, nHeads, { view, result }, emit) {
  const pairs = pairsOf(value);
  const best = pairs.reduce((most, pair) => (pair.K > most.K ? pair : most));
  setText(
    told,
    `Random heads score ${figure(value.baseline, 4)} on average. The largest K-composition is ${figure(best.K, 4)}, of head ${best.from} into head ${best.to}.`,
  );
  /** @param {number} layer @returns {import('../ui/matrix.js').Side[]} */
  const sides = (layer) =>
    Array.from({ length: nHeads }, (_, head) => {
      const name = nameOf(layer, head);
      return {
        label: name,
        title: `Show head ${name}`,
        act: () => emit({ type: 'lock', head: name }),
        current: name === view.head,
      };
    });
  for (const { through, reads, matrix } of matrices) {
    const scores = matrixOf(pairs, { from, to }, through, nHeads);
    const over = scores.map((row) => row.map((score) => (score === null ? null : score - value.baseline)));
    const most = Math.max(...over.flat().map((difference) => Math.abs(difference ?? 0)));
    matrix.show({
      rows: sides(from),
      columns: sides(to),
      values: scores,
      colouredBy: over,
      rowsAre: `writes`,
      columnsAre: `${reads} of`,
      differences: true,
      most,
      places: 3,
      scale: `Blue above random heads (${figure(value.baseline, 3)}), red below; the strongest colours are ${figure(most, 3)} away.`,
      subtitle: `${result?.model.name}, layer ${from} into layer ${to}; random heads ${figure(value.baseline, 4)}`,
      file: `headscope-${through}-composition`,
      table: {
        columns: ['from', 'to', `${through}-composition`, 'above random heads'],
        rows: scores.flatMap((row, a) =>
          row.map((score, b) => [nameOf(from, a), nameOf(to, b), score, over[a][b]]),
        ),
      },
    });
  }
}
