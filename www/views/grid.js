/** Every head as a thumbnail, layers as rows. Hover or focus previews a head, a click or Enter pins it. */

import { figure } from '../base/format.js';
import { nameOf } from '../base/heads.js';
import { bestKind } from '../figures/heads.js';
import { isAfter, shownDetection, shownThumbnails } from '../state/state.js';
import { thresholdsOf } from '../state/view.js';
import { createAblatedBadge } from '../ui/ablated_badge.js';
import { bluesTable } from '../ui/colours.js';
import { button, changed, el, isDark, once, onSchemeChange, previewHeads, setText } from '../ui/dom.js';
import { listenForArrows } from '../ui/head_keys.js';
import { imageOf } from '../ui/pyramid.js';

/**
 * @typedef {object} Cell
 * @property {string} name
 * @property {number} layer
 * @property {number} head
 * @property {HTMLButtonElement} button
 * @property {HTMLCanvasElement} canvas
 * @property {HTMLElement} score
 */

/** @param {Cell} cell @param {import('../state/state.js').State} state */
function drawScore(cell, state) {
  const { view } = state;
  const detection = shownDetection(state);
  const best = detection && bestKind(detection, thresholdsOf(view), cell.layer, cell.head);
  const words = best ? `${best.kind} ${figure(best.score)}` : '';
  setText(cell.score, words);
  const ablated = isAfter(state) && view.off.includes(cell.name);
  const named = best?.named.length ? `, named for ${best.named.join(' and ')}` : '';
  cell.button.setAttribute(
    'aria-label',
    `Head ${cell.name}${best ? `, best score ${words}` : ''}${named}${ablated ? ', ablated' : ''}`,
  );
  cell.button.classList.toggle('ablated', ablated);
  cell.button.classList.toggle('named', Boolean(best?.named.length));
}

/** @param {Cell[]} cells @param {import('../state/state.js').Thumbnails} thumbnails */
function drawThumbnails(cells, { side, cells: weights }) {
  const table = bluesTable(isDark());
  cells.forEach(({ canvas }, at) => {
    const image = imageOf(weights.subarray(at * side * side, (at + 1) * side * side), side, table);
    Object.assign(canvas, { width: side, height: side });
    canvas.getContext('2d')?.drawImage(image, 0, 0);
  });
}

/**
 * @param {Element} root
 * @param {import('../state/state.js').State} state
 * @param {import('../state/state.js').Emit} emit
 */
export function grid(root, state, emit) {
  const parts = once(root, () => build(root, state, emit));
  parts.latest = state;
  if (!state.result) return;
  const { n_layers: nLayers, n_heads: nHeads } = state.result.model.config;
  if (changed(parts.ofShape, nLayers, nHeads)) {
    parts.shape = { nLayers, nHeads };
    makeCells(parts, emit);
    Object.assign(parts, { ofImage: {}, ofScore: {}, ofHead: {} });
  }
  const { cells, mean } = parts;
  const thumbnails = shownThumbnails(state);
  if (thumbnails && changed(parts.ofImage, thumbnails)) drawThumbnails(cells, thumbnails);
  parts.badge.show(state);
  if (changed(parts.ofScore, shownDetection(state), isAfter(state), state.view.off))
    for (const cell of cells) drawScore(cell, state);
  if (changed(parts.ofHead, state.view.head)) {
    const { head } = state.view;
    for (const cell of cells) cell.button.setAttribute('aria-pressed', String(cell.name === head));
    mean.setAttribute('aria-pressed', String(head === null));
    parts.tabTo(head ?? nameOf(0, 0));
  }
}

/**
 * @param {Element} root
 * @param {import('../state/state.js').State} state
 * @param {import('../state/state.js').Emit} emit
 */
function build(root, state, emit) {
  const mean = button('Mean of all heads', () => emit({ type: 'lock', head: null }), {
    class: 'chip',
    'data-testid': 'mean-head',
  });
  const name = { 'aria-label': 'Heads: arrow keys move, Enter pins' };
  const layers = el('div', { class: 'layers', role: 'group', ...name });
  const badge = createAblatedBadge('grid-ablated', emit);
  root.append(
    el('div', { class: 'section-head' }, el('h2', { id: 'grid-title' }, 'Every head'), mean),
    badge.element,
    layers,
  );
  previewHeads(layers, emit);
  /** @type {Map<string, HTMLButtonElement>} */ const buttons = new Map();
  const tabTo = listenForArrows(layers, buttons, () => parts.shape);
  const parts = {
    ...{ badge, mean, layers, buttons, tabTo, latest: state },
    cells: /** @type {Cell[]} */ ([]),
    shape: { nLayers: 0, nHeads: 0 },
    ...{ ofShape: {}, ofImage: {}, ofScore: {}, ofHead: {} },
  };
  onSchemeChange(() => {
    const thumbnails = shownThumbnails(parts.latest);
    if (thumbnails) drawThumbnails(parts.cells, thumbnails);
  });
  return parts;
}

/**
 * @param {number} layer @param {number} head
 * @param {import('../state/state.js').Emit} emit
 * @returns {Cell}
 */
function cellOf(layer, head, emit) {
  const name = nameOf(layer, head);
  const canvas = el('canvas', { 'aria-hidden': 'true', width: 1, height: 1 });
  const score = el('span', { class: 'score' });
  const cell = el(
    'button',
    { type: 'button', class: 'head', 'data-testid': 'head', 'data-head': name, tabindex: -1 },
    canvas,
    el('span', { class: 'name' }, name),
    score,
  );
  cell.addEventListener('click', () => emit({ type: 'lock', head: name }));
  return { name, button: cell, canvas, score, layer, head };
}

/**
 * Makes the cells for a model of another shape.
 * @param {ReturnType<typeof build>} parts @param {import('../state/state.js').Emit} emit
 */
function makeCells(parts, emit) {
  const { nLayers, nHeads } = parts.shape;
  const rows = Array.from({ length: nLayers }, (_, layer) =>
    Array.from({ length: nHeads }, (_, head) => cellOf(layer, head, emit)),
  );
  parts.cells = rows.flat();
  parts.buttons.clear();
  for (const { name, button } of parts.cells) parts.buttons.set(name, button);
  const layers = rows.map((cells, layer) =>
    el(
      'div',
      { class: 'layer', role: 'group', 'aria-label': `Layer ${layer}` },
      el('span', { class: 'layer-name', 'aria-hidden': 'true' }, `Layer ${layer}`),
      el('div', { class: 'heads' }, ...cells.map(({ button }) => button)),
    ),
  );
  parts.layers.replaceChildren(...layers);
}
