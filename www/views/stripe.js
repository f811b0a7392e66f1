/**
 * One head's pattern on the first draw, its stripe marked and counted: the cells of both measures, and the
 * notebook's two more.
 */

import { onStripe } from '../figures/audit.js';
import { DENOMINATOR, markLevelsInTurns, NUMERATOR } from '../figures/marks.js';
import { figure } from '../base/format.js';
import { NO_CELL } from '../state/state.js';
import { stripesOn } from '../figures/stripes.js';
import { draw } from '../studies/draw.js';
import { repeated } from '../studies/repeated.js';
import { latest } from '../studies/study.js';
import { quoted } from '../base/tokens.js';
import { button, changed, el, once, setText } from '../ui/dom.js';
import { createExplorer } from '../ui/explorer.js';
import { AT_ONCE, pyramidInSlices } from '../ui/pyramid.js';
import { createStripeSheet } from '../ui/stripe_sheet.js';
import { markLegend } from '../ui/marks.js';
import { createStudyStatus } from '../ui/study_status.js';
import { pause } from '../base/time_slices.js';

/** The cells of the stripe: in both measures, or in the notebook's alone. @param {number} n */
function cellsOf(n) {
  const cells = new Uint8Array(n * n);
  onStripe({ strict: false }, n, (query, key) => (cells[query * n + key] = DENOMINATOR));
  onStripe({ strict: true }, n, (query, key) => (cells[query * n + key] = NUMERATOR));
  return cells;
}

/**
 * @param {Element} root
 * @param {import('../state/state.js').State} state
 * @param {import('../state/state.js').Emit} emit
 */
export function stripe(root, state, emit) {
  const parts = once(root, () => build(root, emit));
  const { view } = state;
  if (view.tab !== 'repeats') return;
  parts.standing.show(state);
  const of = latest(state, draw);
  parts.shown.hidden = !of;
  parts.shown.classList.toggle('stale', !of?.current);
  parts.head.hidden = !of;
  if (!of) return;
  if (changed(parts.ofDraw, of.value)) void prepare(parts, of.value);
  const all = latest(state, repeated);
  // The draws are those that the first one is of, or are about to be.
  const repeats = all?.current && of.current ? all.value : null;
  if (changed(parts.ofSheet, of.value, repeats, view.mean))
    parts.sheet.show(of.value.head, stripesOn(of.value, repeats), view.mean);
  setText(
    parts.why,
    view.head === of.value.head
      ? 'The head that is kept, on the first draw.'
      : 'The head with the strongest stripe, on the first draw. Choose another in the maps above.',
  );
}

/**
 * Makes the picture of a draw and its marks, a long one's in turns, and then shows it.
 * @param {ReturnType<typeof build>} parts
 * @param {import('../studies/draw.js').Draw} of
 */
async function prepare(parts, of) {
  parts.coming = of;
  const n = of.ids.length;
  const wanted = () => parts.coming === of;
  const levels = await pyramidInSlices(of.weights, n, 1, wanted);
  if (!levels) return;
  const cells = cellsOf(n);
  if (n > AT_ONCE) await pause();
  const marks = await markLevelsInTurns(cells, n, wanted);
  if (!marks || !wanted()) return;
  Object.assign(parts, { of, levels, cells, marks, chosen: NO_CELL, pointer: NO_CELL });
  setText(parts.title, `Head ${of.head} on draw 1`);
  parts.show();
}

/** @param {Element} root @param {import('../state/state.js').Emit} emit */
function build(root, emit) {
  const title = el('h2', { id: 'stripe-title', 'data-testid': 'stripe-title' });
  const why = el('p', { class: 'caption' });
  const readout = el('p', { class: 'readout', role: 'status', 'data-testid': 'stripe-readout' });
  const standing = createStudyStatus(draw, 'Running the first draw', 'draws', emit);
  /** @param {string} label @param {string} name @param {() => void} act */
  const tool = (label, name, act) =>
    button(label, act, { class: 'tool', 'aria-label': `${name}, first draw`, title: name });
  const farther = tool('−', 'Zoom out', () => explorer.farther());
  const closer = tool('+', 'Zoom in', () => explorer.closer());
  const all = tool('All', 'Show the whole pattern', () => explorer.all());
  const explorer = createExplorer(
    {
      onPoint: (cell) => {
        parts.pointer = cell;
        parts.show();
      },
      // Its tokens are not the text's: what is chosen here stays here.
      onChoose: (query, key) => {
        parts.chosen = { query, key };
        parts.pointer = NO_CELL;
        parts.show();
      },
      onZoom: (span, n, closest) => {
        farther.disabled = all.disabled = span >= n;
        closer.disabled = span <= closest;
      },
    },
    { label: 'Attention pattern of the first draw', testid: 'stripe-explorer' },
  );
  explorer.element.addEventListener('keydown', (event) => {
    if (event.key !== 'Escape' || parts.chosen === NO_CELL) return;
    event.preventDefault();
    parts.chosen = NO_CELL;
    parts.show();
  });
  const legend = markLegend(
    'on the stripe, query in the second copy',
    'the two cells more that the notebook counts',
  );
  const sheet = createStripeSheet();
  const axes = el(
    'p',
    { class: 'hint' },
    'Rows are queries, columns the keys they look at. The pattern can be walked through with the arrow keys, and zoomed with plus and minus.',
  );
  const shown = el(
    'div',
    { class: 'stripe-shown', hidden: true },
    explorer.element,
    el('div', {}, readout, legend, sheet.element, axes),
  );
  const tools = el('div', { class: 'tools' }, farther, closer, all);
  const head = el(
    'div',
    { class: 'section-head', hidden: true },
    el('div', { class: 'titles' }, title, why),
    tools,
  );
  root.append(head, standing.element, shown);
  const parts = {
    ...{ head, title, why, standing, shown, sheet },
    /** @type {import('../studies/draw.js').Draw | null} */ of: null,
    /** @type {import('../studies/draw.js').Draw | null} */ coming: null,
    /** @type {import('../ui/heatmap.js').Level[]} */ levels: [],
    /** @type {import('../figures/marks.js').MarkLevel[]} */ marks: [],
    cells: new Uint8Array(),
    /** @type {import('../state/state.js').Cell} */ chosen: NO_CELL,
    /** @type {import('../state/state.js').Cell} */ pointer: NO_CELL,
    ofDraw: {},
    ofSheet: {},
    show() {
      const { of, levels, marks } = parts;
      if (!of) return;
      const n = of.ids.length;
      const cell = parts.pointer.query === null ? parts.chosen : parts.pointer;
      explorer.show({ levels, weights: of.weights, n, pieces: of.pieces, cell, marks });
      setText(readout, told(of, cell, parts.cells));
    },
  };
  return parts;
}

/**
 * @param {import('../studies/draw.js').Draw} of
 * @param {import('../state/state.js').Cell} cell
 * @param {Uint8Array} cells
 */
function told({ pieces, weights, ids }, { query, key }, cells) {
  if (query === null || key === null) return 'Point at a cell for its weight';
  /** @param {number} position */
  const token = (position) => `${position} ${quoted(pieces[position] ?? '')}`;
  if (key > query) return `query ${token(query)} comes before key ${token(key)}: it cannot look ahead`;
  const at = query * ids.length + key;
  const where =
    cells[at] === NUMERATOR ? ', on the stripe' : cells[at] ? ', one of the notebook’s two cells more' : '';
  return `query ${token(query)} → key ${token(key)}   ${figure(weights[at], 3)}${where}`;
}
