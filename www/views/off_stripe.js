/** The stripe before and after the ablation, side by side, with the same crosshair on both. */

import { figure } from '../base/format.js';
import { quoted } from '../base/tokens.js';
import { onStripe } from '../figures/scores/cells.js';
import { NO_CELL } from '../state/state.js';
import { shownOn } from '../state/tabs.js';
import { drawAfter } from '../studies/draw_after.js';
import { latest } from '../studies/study.js';
import { changed, el, once, setText } from '../ui/dom.js';
import { createExplorer } from '../ui/explorer.js';
import { pyramidInSlices } from '../ui/pyramid.js';
import { createStudyStatus } from '../ui/study_status.js';

/** @typedef {import('../studies/draw_after.js').DrawAfter} DrawAfter */
/** @typedef {import('../state/state.js').Cell} Cell */

/**
 * @param {Element} root
 * @param {import('../state/state.js').State} state
 * @param {import('../state/state.js').Emit} emit
 */
export function offStripe(root, state, emit) {
  const parts = once(root, () => build(root, emit));
  if (!shownOn('ablate', state)) return;
  parts.status.show(state);
  const found = state.view.off.length ? latest(state, drawAfter) : null;
  parts.body.hidden = !found;
  parts.body.classList.toggle('stale', !found?.current);
  if (found?.current && changed(parts.ofDraw, found.value)) void prepare(parts, found.value);
}

/** @param {ReturnType<typeof build>} parts @param {DrawAfter} of */
async function prepare(parts, of) {
  parts.coming = of;
  const n = of.ids.length;
  const wanted = () => parts.coming === of;
  const levels = [];
  for (const weights of [of.before, of.after]) {
    const made = await pyramidInSlices(weights, n, 1, wanted);
    if (!made) return;
    levels.push(made);
  }
  Object.assign(parts, { of, levels, chosen: NO_CELL, pointer: NO_CELL });
  const [before, after] = [of.before, of.after].map((weights) => figure(stripeOf(weights, n)));
  setText(parts.title, `The stripe of head ${of.head}, before and after`);
  setText(parts.captions[0], `whole model: strict induction score ${before}`);
  setText(parts.captions[1], `without ${of.ablated.join(', ')}: ${after}`);
  show(parts);
}

/** The strict induction score of a pattern. @param {Float32Array} weights @param {number} n */
function stripeOf(weights, n) {
  let [sum, cells] = [0, 0];
  onStripe({ strict: true }, n, (query, key) => {
    sum += weights[query * n + key];
    cells++;
  });
  return cells ? sum / cells : null;
}

/** Draws both patterns with the crosshair. @param {ReturnType<typeof build>} parts */
function show({ of, levels, explorers, pointer, chosen, readout }) {
  if (!of) return;
  const cell = pointer.query === null ? chosen : pointer;
  const n = of.ids.length;
  [of.before, of.after].forEach((weights, at) =>
    explorers[at].show({
      ...{ levels: levels[at], weights, n, pieces: of.pieces, cell },
      tip: cell.query === null || cell.key === null ? '' : figure(weights[cell.query * n + cell.key], 3),
    }),
  );
  setText(readout, readoutOf(of, cell));
}

/** @param {DrawAfter} of @param {Cell} cell */
function readoutOf({ before, after, ids, pieces }, { query, key }) {
  if (query === null || key === null) return 'Point at a cell for its weight before and after';
  /** @param {number} position */
  const token = (position) => `${position} ${quoted(pieces[position] ?? '')}`;
  const at = query * ids.length + key;
  const weights = `${figure(before[at], 3)} before, ${figure(after[at], 3)} after`;
  return `query ${token(query)} → key ${token(key)}   ${weights}`;
}

/** @param {Element} root @param {import('../state/state.js').Emit} emit */
function build(root, emit) {
  const status = createStudyStatus(drawAfter, 'Running the first sequence', 'sequences', emit);
  const title = el('h3', { 'data-testid': 'off-stripe-title' });
  const readout = el('p', { class: 'readout', role: 'status', 'data-testid': 'off-stripe-readout' });
  const names = /** @type {const} */ (['before', 'after']);
  const explorers = names.map((name) =>
    createExplorer(
      {
        onPoint(cell) {
          parts.pointer = cell;
          show(parts);
        },
        onChoose(query, key) {
          Object.assign(parts, { chosen: { query, key }, pointer: NO_CELL });
          show(parts);
        },
        onZoom: () => {},
      },
      { label: `Attention pattern ${name} the ablation`, testid: `off-stripe-${name}` },
    ),
  );
  const captions = names.map(() => el('figcaption', { class: 'caption' }));
  const figures = explorers.map(({ element }, at) => el('figure', {}, captions[at], element));
  const body = el('div', { hidden: true }, title, el('div', { class: 'pair' }, ...figures), readout);
  root.append(status.element, body);
  const parts = {
    ...{ status, title, readout, explorers, captions, body, ofDraw: {} },
    /** @type {DrawAfter | null} */ of: null,
    /** @type {DrawAfter | null} */ coming: null,
    /** @type {import('../ui/heatmap.js').Level[][]} */ levels: [],
    /** @type {Cell} */ chosen: NO_CELL,
    /** @type {Cell} */ pointer: NO_CELL,
  };
  return parts;
}
