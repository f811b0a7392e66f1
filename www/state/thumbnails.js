/**
 * Thumbnails of the layers in view. A run makes those alone: the others are made when they are looked at.
 *
 * @typedef {import('./types.js').State} State
 * @typedef {import('./types.js').Thumbnails} Thumbnails
 * @typedef {import('../figures/head_map.js').Shape} Shape
 */

import { parseHead } from '../base/heads.js';
import { layoutOf, rowAround } from '../figures/head_map.js';
import { shownHead, shownThumbnails } from './shown.js';

/**
 * The head around which thumbnails stand. Beside a map, the row follows the pinned head, else the previewed
 * head.
 * @param {State} state @param {'map' | 'thumbnails'} layout
 */
export const headLookedAt = (state, layout) =>
  state.view.head ?? (layout === 'map' ? shownHead(state) : null);

/**
 * The layers whose thumbnails are in view: all of them, or that beside the map.
 * @param {State} state @param {Shape} shape of the model
 */
export function layersInView(state, shape) {
  const layout = layoutOf(shape, state.view.grid);
  if (layout === 'map') return [rowAround(shape, headLookedAt(state, layout)).layer];
  return Array.from({ length: shape.nLayers }, (_, layer) => layer);
}

/** The layers in view whose thumbnails are not made. @param {State} state */
export function missingLayers(state) {
  const thumbnails = shownThumbnails(state);
  if (!state.result || !thumbnails) return [];
  const { n_layers: nLayers, n_heads: nHeads } = state.result.model.config;
  return layersInView(state, { nLayers, nHeads }).filter((layer) => !hasLayer(thumbnails, layer));
}

/** Whether a layer's thumbnails are made. @param {Thumbnails} thumbnails @param {number} layer */
export const hasLayer = ({ layers }, layer) => !layers || layers.has(layer);

/**
 * Whether a head's thumbnail is made; without a head, all of them.
 * @param {Thumbnails} thumbnails @param {string | null} head
 */
export function hasThumbnail(thumbnails, head) {
  const at = parseHead(head);
  return at ? hasLayer(thumbnails, at.layer) : !thumbnails.layers;
}

/**
 * Thumbnails with those of some more layers.
 * @param {Thumbnails | null} known null: none yet
 * @param {readonly number[]} layers
 * @param {{ side: number, cells: Uint8Array }} made `[layer, head, side, side]`, of these layers
 * @param {number} nLayers
 * @returns {Thumbnails}
 */
export function withLayers(known, layers, { side, cells }, nLayers) {
  const has = new Set([...(known?.layers ?? []), ...layers]);
  if (has.size === nLayers && layers.length === nLayers) return { side, cells };
  const size = cells.length / layers.length;
  const all = known ? known.cells.slice() : new Uint8Array(nLayers * size);
  layers.forEach((layer, at) => {
    all.set(cells.subarray(at * size, (at + 1) * size), layer * size);
  });
  return has.size === nLayers ? { side, cells: all } : { side, cells: all, layers: has };
}
