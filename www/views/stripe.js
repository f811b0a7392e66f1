/**
 * One head's pattern on the first sequence of repeated tokens, with the cells of both stripes and their sums.
 *
 * @typedef {import('../studies/draw.js').Draw} Draw
 * @typedef {import('../state/state.js').Cell} Cell
 */

import { figure } from '../base/format.js';
import { pause } from '../base/time_slices.js';
import { markLevelsInSlices } from '../figures/marks.js';
import { stripesOn } from '../figures/stripes.js';
import { NO_CELL } from '../state/state.js';
import { shownOn } from '../state/tabs.js';
import { draw } from '../studies/draw.js';
import { stripeCells, stripeReadout, stripeShown } from '../studies/stripe_shown.js';
import { button, changed, el, once, setText } from '../ui/dom.js';
import { createExplorer } from '../ui/explorer.js';
import { markLegend } from '../ui/marks.js';
import { AT_ONCE, pyramidInSlices } from '../ui/pyramid.js';
import { createStripeSheet } from '../ui/stripe_sheet.js';
import { createStudyStatus } from '../ui/study_status.js';

/**
 * @param {Element} root
 * @param {import('../state/state.js').State} state
 * @param {import('../state/state.js').Emit} emit
 */
export function stripe(root, state, emit) {
  const parts = once(root, () => build(root, emit));
  if (!shownOn('find', state)) return;
  parts.standing.show(state);
  const { draw: of, stale, why, all } = stripeShown(state);
  parts.shown.hidden = !of;
  parts.shown.classList.toggle('stale', stale);
  parts.head.hidden = !of;
  if (!of) return;
  if (changed(parts.ofDraw, of)) void prepare(parts, of);
  const { mean } = state.view;
  if (changed(parts.ofSheet, of, all, mean)) parts.sheet.show(of.head, stripesOn(of, all), mean);
  setText(parts.why, why);
}

/**
 * Makes the picture and its marks, for a long sequence in time slices, and then shows them.
 * @param {ReturnType<typeof build>} parts
 * @param {Draw} of
 */
async function prepare(parts, of) {
  parts.coming = of;
  const n = of.ids.length;
  const wanted = () => parts.coming === of;
  const levels = await pyramidInSlices(of.weights, n, 1, wanted);
  if (!levels) return;
  const cells = stripeCells(n);
  if (n > AT_ONCE) await pause();
  const marks = await markLevelsInSlices(cells, n, wanted);
  if (!marks || !wanted()) return;
  Object.assign(parts, { of, levels, cells, marks, chosen: NO_CELL, pointer: NO_CELL });
  setText(parts.title, `Head ${of.head} on sequence 1`);
  show(parts);
}

/** Draws the pattern with the crosshair. @param {ReturnType<typeof build>} parts */
function show({ of, levels, marks, cells, pointer, chosen, explorer, readout }) {
  if (!of) return;
  const cell = pointer.query === null ? chosen : pointer;
  const { weights, pieces, ids } = of;
  const { query, key } = cell;
  const seen = query !== null && key !== null && key <= query;
  const tip = seen ? figure(weights[query * ids.length + key], 3) : '';
  explorer.show({ levels, weights, n: ids.length, pieces, cell, marks, tip });
  setText(readout, stripeReadout(of, cell, cells));
}

/** @param {Element} root @param {import('../state/state.js').Emit} emit */
function build(root, emit) {
  const title = el('h2', { id: 'stripe-title', 'data-testid': 'stripe-title' });
  const why = el('p', { class: 'caption' });
  const readout = el('p', { class: 'readout', role: 'status', 'data-testid': 'stripe-readout' });
  const standing = createStudyStatus(draw, 'Running the first sequence', 'sequences', emit);
  const { explorer, tools } = explorerOf({
    point(cell) {
      parts.pointer = cell;
      show(parts);
    },
    choose(cell) {
      Object.assign(parts, { chosen: cell, pointer: NO_CELL });
      show(parts);
    },
    clear() {
      if (parts.chosen === NO_CELL) return false;
      parts.chosen = NO_CELL;
      show(parts);
      return true;
    },
  });
  const legend = markLegend(
    'on the stripe, query in the second copy',
    'the two cells that only the notebook counts',
  );
  const sheet = createStripeSheet();
  const axes = el(
    'p',
    { class: 'hint' },
    'Rows are queries, columns the keys they attend to. Arrow keys move by a cell; plus and minus zoom.',
  );
  const beside = el('div', {}, readout, legend, sheet.element, axes);
  const shown = el('div', { class: 'stripe-shown', hidden: true }, explorer.element, beside);
  const head = el(
    'div',
    { class: 'section-head', hidden: true },
    el('div', { class: 'titles' }, title, why),
    tools,
  );
  root.append(head, standing.element, shown);
  const parts = {
    ...{ head, title, why, readout, standing, explorer, shown, sheet },
    /** @type {Draw | null} */ of: null,
    /** @type {Draw | null} */ coming: null,
    /** @type {import('../ui/heatmap.js').Level[]} */ levels: [],
    /** @type {import('../figures/marks.js').MarkLevel[]} */ marks: [],
    cells: new Uint8Array(),
    /** @type {Cell} */ chosen: NO_CELL,
    /** @type {Cell} */ pointer: NO_CELL,
    ofDraw: {},
    ofSheet: {},
  };
  return parts;
}

/**
 * The pattern and its zoom buttons. Its tokens are not the text's, so a chosen cell stays out of the state.
 * @param {{ point: (cell: Cell) => void, choose: (cell: Cell) => void, clear: () => boolean }} on
 *   clear: tells whether a cell was chosen
 */
function explorerOf(on) {
  /** @param {string} label @param {string} name @param {() => void} act */
  const tool = (label, name, act) =>
    button(label, act, { class: 'tool', 'aria-label': `${name}, first sequence`, title: name });
  const farther = tool('−', 'Zoom out', () => explorer.farther());
  const closer = tool('+', 'Zoom in', () => explorer.closer());
  const all = tool('All', 'Show the whole pattern', () => explorer.all());
  const explorer = createExplorer(
    {
      onPoint: on.point,
      onChoose: (query, key) => on.choose({ query, key }),
      onZoom: (span, n, closest) => {
        farther.disabled = all.disabled = span >= n;
        closer.disabled = span <= closest;
      },
    },
    { label: 'Attention pattern of the first sequence', testid: 'stripe-explorer' },
  );
  explorer.element.addEventListener('keydown', (event) => {
    if (event.key === 'Escape' && on.clear()) event.preventDefault();
  });
  return { explorer, tools: el('div', { class: 'tools' }, farther, closer, all) };
}
