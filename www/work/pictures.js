/**
 * Asks a run for the pictures that the page shows: a head's pattern, and thumbnails.
 *
 * @typedef {import('../state/state.js').State} State
 * @typedef {import('../state/state.js').Pattern} Pattern
 * @typedef {import('../state/state.js').Thumbnails} Thumbnails
 * @typedef {import('../engine/headscope.js').Run} Run
 * @typedef {import('../engine/headscope.js').Model['config']} Config
 */

import { parseHead } from '../base/heads.js';
import { shownHead } from '../state/state.js';
import { layersInView, withLayers } from '../state/thumbnails.js';

/** @param {Float32Array} weights */
function largest(weights) {
  let most = 0;
  for (let at = 0; at < weights.length; at++) if (weights[at] > most) most = weights[at];
  return most;
}

/**
 * @param {Run} run @param {string | null} head @param {Pattern['by']} by
 * @param {string} [ablation] the key of the run's ablation
 * @returns {Promise<Pattern>}
 */
export async function fetchPattern(run, head, by, ablation = '') {
  const at = parseHead(head);
  const weights = at ? await run.pattern(at.layer, at.head, by) : await run.meanPattern();
  return { head, by, weights, max: by === 'attention' ? 1 : largest(weights), ablation };
}

/**
 * The head whose pattern comes with a run: the head shown where the model has it, else the mean.
 * @param {State} state @param {Config} config
 * @returns {{ head: string | null, by: Pattern['by'] }}
 */
export function firstPattern(state, { n_layers, n_heads }) {
  const shown = shownHead(state);
  const at = parseHead(shown);
  const head = at && at.layer < n_layers && at.head < n_heads ? shown : null;
  return { head, by: head === null ? 'attention' : state.view.weighted };
}

/**
 * The thumbnails in view.
 * @param {Run} run @param {State} state @param {Config} config
 * @returns {Promise<Thumbnails>}
 */
export function firstThumbnails(run, state, { n_layers: nLayers, n_heads: nHeads }) {
  return moreThumbnails(run, null, layersInView(state, { nLayers, nHeads }), nLayers);
}

/**
 * Thumbnails with those of some more layers.
 * @param {Run} run @param {Thumbnails | null} known @param {number[]} layers @param {number} nLayers
 * @returns {Promise<Thumbnails>}
 */
export async function moreThumbnails(run, known, layers, nLayers) {
  return withLayers(known, layers, await run.thumbnails(layers), nLayers);
}
