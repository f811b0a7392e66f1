/**
 * A finished run, as headscope.js gives it: what the model did with one sequence, read or computed when it is
 * asked for.
 *
 * @module
 */

import { failure } from '../base/failure.js';
import { registerRun } from './handle.js';
import { oneOf, thresholds } from './options.js';

/**
 * @typedef {object} Timing
 * @property {number} run_ms in the engine, from the text or the ids to the figures
 * @property {number} bytes_read back from the GPU; 0 on the CPU
 * @property {number} dispatches of GPU kernels; 0 on the CPU
 * @property {number} reused tokens at the start that were as in the run before, and not computed again
 *
 * @typedef {object} Thresholds
 * @property {number} [active] a row counts when the candidate's weight is its largest and above this; 0.4
 * @property {number} [fraction] a head is named when more than this part of its rows counts; 0.3
 * @property {number} [mean] the same for the mean score; 0.4
 *
 * @typedef {(number | null)[][]} Scores one figure a head, `[layer][head]`; null where it is undefined on
 *   this text
 *
 * @typedef {object} Dominant
 * @property {number[][]} fraction `[layer][head]`, counted rows / seq
 * @property {string[]} heads those named, as `layer.head`
 *
 * @typedef {object} Detection the figures of every head, by the definitions of DEFINITIONS.md
 * @property {{ current: Dominant, previous: Dominant, first: Dominant }} dominant definition 1
 * @property {{ current: Scores, previous: Scores, first: Scores }} mean definition 2; `previous` is undefined
 *   for one token
 * @property {{ induction: Scores, duplicate: Scores }} token_matching definition 4; undefined where no token
 *   occurs twice
 * @property
 *   {Record<'previous_token_head' | 'duplicate_token_head' | 'induction_head', { mul: Scores, abs: Scores }>}
 *   head_detector
 *   definition 3
 * @property {NullLine} null definition 5: what uniform causal attention scores on this very text
 *
 * @typedef {object} NullLine one figure a detector
 * @property {{ current: number, previous: number, first: number }} dominant
 * @property {{ current: number | null, previous: number | null, first: number | null }} mean
 * @property {{ induction: number | null, duplicate: number | null }} token_matching
 * @property
 *   {Record<'previous_token_head' | 'duplicate_token_head' | 'induction_head', { mul: number, abs: number }>}
 *   head_detector
 * @property {Record<'dominant' | 'mean', { current: boolean, previous: boolean, first: boolean }>} passes
 *   whether uniform
 *   attention would be named at these thresholds, so that naming a head says nothing
 */

const WEIGHTINGS = /** @type {const} */ (['attention', 'value', 'output']);
const PLACES = /** @type {const} */ (['pre', 'post']);

/**
 * A finished run: what the model did with one sequence of `seq` tokens. What is asked of it is read or
 * computed then.
 */
export class Run {
  #handle;
  #config;

  /** @private @param {import('./handle.js').RunFacts} facts */
  constructor({ handle, of, info, config }) {
    this.#handle = handle;
    registerRun(this, handle, of);
    this.#config = config;
    /** The tokens, `[seq]`. @type {Uint32Array} */
    this.ids = info.ids;
    /** What each id alone decodes to, `[seq]`. */
    this.pieces = info.pieces;
    /**
     * The bytes of each token that is no whole characters, such as the first half of an emoji's; null for
     * every other, `[seq]`.
     */
    this.fragments = info.fragments;
    /** How many tokens there are, BOS included. */
    this.seq = info.seq;
    /** How much of the text, in UTF-16 units at its end, was past `n_ctx` and is not in the run. */
    this.dropped = info.dropped;
    /** What it took. */
    this.timing = info.timing;
  }

  /** @internal @param {import('./handle.js').RunFacts} facts */
  static of(facts) {
    return new Run(facts);
  }

  /**
   * One head's attention pattern, `[query_pos, key_pos]` of `seq * seq`: rows sum to 1, and are 0 after the
   * diagonal. Weighted
   * by `'value'` each weight is multiplied by the norm of its key's value, by `'output'` by the norm of what
   * that value writes
   * into the residual stream; rows no longer sum to 1 then.
   *
   * Rejects with `HeadOutOfRange`, with `GpuLimit`, with `OptionInvalid`.
   * @param {number} layer
   * @param {number} head
   * @param {'attention' | 'value' | 'output'} [weightedBy]
   * @returns {Promise<Float32Array>}
   */
  async pattern(layer, head, weightedBy = 'attention') {
    this.#checkHead(layer, head);
    const by = oneOf('weighting', WEIGHTINGS, weightedBy);
    if (by !== 'attention')
      return this.#handle.use((thread, id) => thread.call('weighted_pattern', id, layer, head, by));
    return this.#handle.use((thread, id) => thread.call('pattern', id, layer, head));
  }

  /**
   * The mean of all heads' patterns, `[query_pos, key_pos]`.
   * @returns {Promise<Float32Array>}
   */
  meanPattern() {
    return this.#handle.use((thread, id) => thread.call('mean_pattern', id));
  }

  /**
   * All heads' patterns made small: `cells` is `[layer, head, query_cell, key_cell]` of `side * side` a head,
   * `side` the
   * smaller of `seq` and 64; cell `c` covers the positions from `floor(c * seq / side)` up to the next
   * cell's, and is the
   * largest weight in it times 255, so that thin diagonals stay visible.
   * @returns {Promise<{ side: number, cells: Uint8Array }>}
   */
  thumbnails() {
    return this.#handle.use((thread, id) => thread.call('thumbnails', id));
  }

  /**
   * The log-probability of each next token, natural logarithm, `[seq - 1]`: entry `t` is that of token
   * `t + 1` after the
   * tokens up to `t`. Empty for a run of one token.
   * @returns {Promise<Float32Array>}
   */
  logProbs() {
    return this.#handle.use((thread, id) => thread.call('log_probs', id));
  }

  /**
   * The logits at one position, `[d_vocab]`.
   *
   * Rejects with `PositionOutOfRange`.
   * @param {number} pos
   * @returns {Promise<Float32Array>}
   */
  async logits(pos) {
    if (!isBelow(pos, this.seq)) {
      throw failure(
        'PositionOutOfRange',
        `There is no position ${pos}: the run has ${this.seq} tokens, counted from 0.`,
        { data: { found: pos, expected: this.seq } },
      );
    }
    return this.#handle.use((thread, id) => thread.call('logits', id, pos));
  }

  /**
   * The residual stream before or after a layer, `[seq, d_model]`: TransformerLens' `hook_resid_pre` and
   * `hook_resid_post`.
   *
   * Rejects with `HeadOutOfRange` for a layer that the model does not have, with `OptionInvalid`.
   * @param {number} layer
   * @param {'pre' | 'post'} place
   * @returns {Promise<Float32Array>}
   */
  async residual(layer, place) {
    const { n_layers } = this.#config;
    if (!isBelow(layer, n_layers)) {
      throw failure(
        'HeadOutOfRange',
        `There is no layer ${layer}: the model has ${n_layers}, counted from 0.`,
        { data: { layer, n_layers } },
      );
    }
    const index = layer + Number(oneOf('place', PLACES, place) === 'post');
    return this.#handle.use((thread, id) => thread.call('residual', id, index));
  }

  /**
   * What the detectors say of every head. Other thresholds on the same run cost nothing to speak of.
   *
   * Rejects with `OptionInvalid` for a threshold that is no number.
   * @param {Thresholds} [options]
   * @returns {Promise<Detection>}
   */
  async detect(options = {}) {
    const { active, fraction, mean } = thresholds(options);
    return this.#handle.use((thread, id) => thread.call('detect', id, active, fraction, mean));
  }

  /** Gives back what it holds. */
  free() {
    this.#handle.free();
  }

  /** @param {number} layer @param {number} head */
  #checkHead(layer, head) {
    const { n_layers, n_heads } = this.#config;
    if (isBelow(layer, n_layers) && isBelow(head, n_heads)) return;
    throw failure(
      'HeadOutOfRange',
      `There is no head ${layer}.${head}: the model has ${n_layers} layers of ${n_heads} heads, counted from 0.`,
      {
        data: { layer, head, n_layers, n_heads },
      },
    );
  }
}

/** @param {number} index @param {number} count */
const isBelow = (index, count) => Number.isInteger(index) && index >= 0 && index < count;
