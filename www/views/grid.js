/**
 * Every head as a thumbnail, layers as rows. Hover or focus previews, a click or Enter locks, arrows move.
 */

import { figure } from '../base/format.js';
import { nameOf, neighbour } from '../base/heads.js';
import { bestKind } from '../figures/heads.js';
import { thresholdsOf } from '../state/view.js';
import { bluesTable } from '../ui/colours.js';
import { button, changed, el, isDark, once, onSchemeChange, previewHeads, setText } from '../ui/dom.js';
import { imageOf } from '../ui/pyramid.js';

/**
 * @typedef
 *   {{ name: string, button: HTMLButtonElement, canvas: HTMLCanvasElement, score: HTMLElement, layer: number, head: number }}
 *   Cell
 */

/** @param {Cell} cell @param {import('../state/state.js').State} state */
function drawScore(cell, { detection, view }) {
  const best = detection && bestKind(detection, thresholdsOf(view), cell.layer, cell.head);
  const words = best ? `${best.kind} ${figure(best.score)}` : '';
  setText(cell.score, words);
  const named = best?.named.length ? `, named for ${best.named.join(' and ')}` : '';
  cell.button.setAttribute('aria-label', `Head ${cell.name}${best ? `, best score ${words}` : ''}${named}`);
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
  const parts = once(root, () => {
    const mean = button('Mean of all heads', () => emit({ type: 'lock', head: null }), {
      class: 'chip',
      'data-testid': 'mean-head',
    });
    const layers = el('div', {
      class: 'layers',
      role: 'group',
      'aria-label': 'Heads; arrow keys move, Enter locks',
    });
    root.append(
      el('div', { class: 'section-head' }, el('h2', { id: 'grid-title' }, 'Every head'), mean),
      layers,
    );
    previewHeads(layers, emit);
    /** @type {Cell[]} */ const cells = [];
    const built = { mean, layers, cells, shape: '', latest: state, ofImage: {}, ofScore: {}, ofHead: {} };
    onSchemeChange(() => built.latest.result && drawThumbnails(built.cells, built.latest.result.thumbnails));
    return built;
  });
  parts.latest = state;
  if (!state.result) return;
  const { n_layers, n_heads } = state.result.model.config;
  if (parts.shape !== `${n_layers} x ${n_heads}`) {
    parts.shape = `${n_layers} x ${n_heads}`;
    build(parts.layers, (parts.cells = []), n_layers, n_heads, emit);
    parts.ofImage = {};
    parts.ofScore = {};
    parts.ofHead = {};
  }
  if (changed(parts.ofImage, state.result)) drawThumbnails(parts.cells, state.result.thumbnails);
  if (changed(parts.ofScore, state.detection)) parts.cells.forEach((cell) => drawScore(cell, state));
  if (changed(parts.ofHead, state.view.head)) {
    parts.cells.forEach(({ name, button: cell }, at) => {
      const locked = name === state.view.head;
      cell.setAttribute('aria-pressed', String(locked));
      cell.tabIndex = locked || (!state.view.head && at === 0) ? 0 : -1;
    });
    parts.mean.setAttribute('aria-pressed', String(state.view.head === null));
  }
}

/**
 * @param {HTMLElement} layers
 * @param {Cell[]} cells filled here
 * @param {number} nLayers
 * @param {number} nHeads
 * @param {import('../state/state.js').Emit} emit
 */
function build(layers, cells, nLayers, nHeads, emit) {
  const rows = Array.from({ length: nLayers }, (_, layer) => {
    const heads = Array.from({ length: nHeads }, (_, head) => {
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
      cells.push({ name, button: cell, canvas, score, layer, head });
      return cell;
    });
    return el(
      'div',
      { class: 'layer', role: 'group', 'aria-label': `Layer ${layer}` },
      el('span', { class: 'layer-name', 'aria-hidden': 'true' }, `Layer ${layer}`),
      el('div', { class: 'heads' }, ...heads),
    );
  });
  layers.replaceChildren(...rows);
  /** @type {Record<string, number>} */
  const steps = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -nHeads, ArrowDown: nHeads };
  layers.onkeydown = (event) => {
    const from = event.target instanceof HTMLElement ? event.target.dataset.head : undefined;
    const step = steps[event.key];
    if (!from || step === undefined) return;
    event.preventDefault();
    const to = neighbour(from, step, nLayers, nHeads);
    const cell = cells.find(({ name }) => name === to)?.button;
    cells.forEach(({ button: other }) => (other.tabIndex = other === cell ? 0 : -1));
    cell?.focus();
  };
}
