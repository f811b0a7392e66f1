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
 * @param {{ ids: Uint32Array, weights: Float32Array } | null} [known] the same pattern of another text: the
 *   rows of the tokens that both begin with are taken from there
 * @returns {Promise<Pattern>}
 */
export async function fetchPattern(run, head, by, ablation = '', known = null) {
  const at = parseHead(head);
  const from = known ? Math.min(sharedBeginning(known.ids, run.ids), run.seq - 1) : 0;
  const made = at ? await run.pattern(at.layer, at.head, by, from) : await run.meanPattern(from);
  const weights = known && from > 0 ? joined(known, from, made, run.seq) : made;
  return { head, by, weights, max: by === 'attention' ? 1 : largest(weights), ablation };
}

/** Tokens that two texts begin with. @param {Uint32Array} one @param {Uint32Array} other */
function sharedBeginning(one, other) {
  const differs = one.findIndex((id, at) => id !== other[at]);
  return differs < 0 ? one.length : differs;
}

/**
 * A pattern of `seq` tokens, of which the first rows are known and the others made.
 * @param {{ ids: Uint32Array, weights: Float32Array }} known @param {number} from the first row that was made
 * @param {Float32Array} made @param {number} seq
 */
function joined({ ids, weights }, from, made, seq) {
  const whole = new Float32Array(seq * seq);
  for (let query = 0; query < from; query++) {
    const row = query * ids.length;
    whole.set(weights.subarray(row, row + query + 1), query * seq);
  }
  whole.set(made, from * seq);
  return whole;
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
