/**
 * How the heads of a model are laid out: thumbnails of all of them, or a map of one score with thumbnails of
 * the heads that are looked at. Pure.
 *
 * @typedef {'auto' | 'map' | 'thumbnails'} Layout
 * @typedef {{ nLayers: number, nHeads: number }} Shape
 */

import { nameOf, parseHead } from '../base/heads.js';

/** A model of more heads opens as a map. */
const MOST_THUMBNAILS = 32;

/** The largest number of thumbnails beside a map. */
const ROW = 16;

/**
 * The layout of a model's heads.
 * @param {Shape} shape @param {Layout} chosen @returns {'map' | 'thumbnails'}
 */
export const layoutOf = ({ nLayers, nHeads }, chosen) =>
  chosen !== 'auto' ? chosen : nLayers * nHeads > MOST_THUMBNAILS ? 'map' : 'thumbnails';

/**
 * The heads whose thumbnails stand beside the map: the layer of the head that is looked at, or the part of a
 * wide layer around it. Without a head: the first layer.
 * @param {Shape} shape @param {string | null} head
 * @returns {{ layer: number, names: string[] }}
 */
export function rowAround({ nLayers, nHeads }, head) {
  const at = parseHead(head);
  const layer = at && at.layer < nLayers ? at.layer : 0;
  const width = Math.min(ROW, nHeads);
  const middle = (at?.head ?? 0) - Math.floor(width / 2);
  const first = Math.min(Math.max(0, middle), nHeads - width);
  return { layer, names: Array.from({ length: width }, (_, step) => nameOf(layer, first + step)) };
}

/**
 * Reads what a visitor typed to find a head: `5.5`, `5,5`, `L5H5` or `5 5`.
 * @param {string} typed @param {Shape} shape
 * @returns {{ head: string } | { problem: string } | null} null while it is no name of a head yet
 */
export function typedHead(typed, { nLayers, nHeads }) {
  const match = /^\s*[lL]?(\d{1,3})\s*[.,hH\s]\s*[hH]?(\d{1,3})\s*$/.exec(typed);
  if (!match) return null;
  const [layer, head] = [Number(match[1]), Number(match[2])];
  if (layer < nLayers && head < nHeads) return { head: nameOf(layer, head) };
  return { problem: `No head ${layer}.${head}: ${nLayers} layers of ${nHeads} heads, counted from 0.` };
}
