/**
 * A finished run, as headscope.js gives it: what the model did with one sequence. Figures are read or
 * computed when they are asked for.
 *
 * Definitions of all figures: docs/definitions.md.
 *
 * @module
 */
import { failure } from '../base/failure.js';
import { Handle, registerRun } from './handle.js';
import { kindOf, layersOf, namesOf, oneOf, thresholds, wholeNumber } from './options.js';

/**
 * @typedef {object} Timing
 * @property {number} run_ms milliseconds in the engine, from the text or the ids to the figures
 * @property {number} bytes_read bytes read back from the GPU; 0 on the CPU
 * @property {number} dispatches GPU kernels started; 0 on the CPU
 * @property {number} reused tokens at the start that are the same as in the run before, and were not computed
 *   again
 *
 * @typedef {object} Thresholds
 * @property {number} [active] a row counts where the candidate's weight is the largest of its row and above
 *   this; from 0 to 1, default 0.4
 * @property {number} [fraction] a head is named where more than this fraction of its rows counts; from 0 to
 *   1, default 0.3
 * @property {number} [mean] a head is named where its mean score is above this; from 0 to 1, default 0.4
 *
 * @typedef {(number | null)[][]} Scores one figure a head, `[layer][head]`; null where the figure is
 *   undefined on this text
 *
 * @typedef {object} Predictions
 * @property {{ id: number, piece: string, probability: number }[]} tokens the most probable next tokens, the
 *   likeliest first; `piece` is the text that the id alone decodes to
 * @property {{ id: number, piece: string, logProb: number, rank: number } | null} target the token that does
 *   follow; rank 1 is the most probable token; null after the last token
 *
 * The figures of each detector are typed beside its record in www/figures/scores/.
 *
 * @typedef {import('../figures/scores/index.js').Detection} Detection
 */

const WEIGHTINGS = /** @type {const} */ (['attention', 'value', 'output']);
const PLACES = /** @type {const} */ (['pre', 'post']);

/**
 * A finished run of a model on one sequence of `seq` tokens. Figures are read or computed when they are asked
 * for.
 */
export class Run {
  #handle;
  #of;
  #config;

  /** @private @param {import('./handle.js').RunFacts} facts */
  constructor({ handle, of, info, config }) {
    this.#handle = handle;
    this.#of = of;
    registerRun(this, handle, of);
    this.#config = config;
    /** The tokens, `[seq]`. @type {Uint32Array} */
    this.ids = info.ids;
    /** The text that each id alone decodes to, `[seq]`. */
    this.pieces = info.pieces;
    /**
     * The bytes of each token that is no whole characters, such as half of an emoji; null for every other
     * token. `[seq]`.
     */
    this.fragments = info.fragments;
    /** Number of tokens, BOS included. */
    this.seq = info.seq;
    /** UTF-16 units at the end of the text that are not in the run: they are past `n_ctx` tokens. */
    this.dropped = info.dropped;
    /** The distinct characters of the text that no token of the model stands for, at most 16. */
    this.uncovered = info.uncovered;
    /** Timings of the run. */
    this.timing = info.timing;
  }

  /** @internal @param {import('./handle.js').RunFacts} facts */
  static of(facts) {
    return new Run(facts);
  }

  /**
   * The attention pattern of one head, `[query_pos, key_pos]`, `seq * seq` numbers. Rows sum to 1 and are 0
   * after the diagonal. Definition: docs/definitions.md#attention-pattern.
   *
   * `weightedBy` multiplies each weight: `'value'` by the norm of the key's value vector, `'output'` by the
   * norm of what that value writes into the residual stream. Such rows do not sum to 1. Definition:
   * docs/definitions.md#value-weighted-pattern.
   *
   * `from` leaves out the rows of the queries before it, for whoever has them of a text with the same
   * beginning.
   *
   * Rejects with `HeadOutOfRange`, `PositionOutOfRange`, `GpuLimit` or `OptionInvalid`.
   * @param {number} layer
   * @param {number} head
   * @param {'attention' | 'value' | 'output'} [weightedBy]
   * @param {number} [from] a query position; default 0
   * @returns {Promise<Float32Array>}
   */
  async pattern(layer, head, weightedBy = 'attention', from = 0) {
    this.#checkHead(layer, head);
    this.#checkPosition(from);
    const by = oneOf('weighting', WEIGHTINGS, weightedBy);
    if (by !== 'attention')
      return this.#handle.use((thread, id) => thread.call('weighted_pattern', id, layer, head, by, from));
    return this.#handle.use((thread, id) => thread.call('pattern', id, layer, head, from));
  }

  /**
   * The mean of all heads' patterns, `[query_pos, key_pos]`; `from` as in {@link Run.pattern}.
   *
   * Rejects with `PositionOutOfRange` or `GpuLimit`.
   * @param {number} [from]
   * @returns {Promise<Float32Array>}
   */
  async meanPattern(from = 0) {
    this.#checkPosition(from);
    return this.#handle.use((thread, id) => thread.call('mean_pattern', id, from));
  }

  /**
   * Small pictures of the patterns of all heads, or of those of some layers: `cells` is
   * `[layer, head, query_cell, key_cell]`, one byte each, with `side * side` cells a head; its layers are
   * those asked for, in their order. Each is made when it is first asked for. `side` is the smaller of `seq`
   * and 64. Cell `c` covers the positions from `floor(c * seq / side)` up to the next cell's. Its value is
   * the largest weight in it, times 255: thin diagonals stay visible. Definition:
   * docs/definitions.md#thumbnails.
   *
   * Rejects with `HeadOutOfRange` for a layer that the model does not have, with `GpuLimit` or
   * `OptionInvalid`.
   * @param {Iterable<number>} [layers] all of them, if absent
   * @returns {Promise<{ side: number, cells: Uint8Array }>}
   */
  async thumbnails(layers) {
    const all = Array.from({ length: this.#config.n_layers }, (_, layer) => layer);
    const wanted = Uint32Array.from(layers ? layersOf(layers, 'layers') : all);
    return this.#handle.use((thread, id) => thread.call('thumbnails', id, wanted));
  }

  /**
   * The log-probability of each next token, natural logarithm, `[seq - 1]`: entry `t` is that of token
   * `t + 1`
   * after the tokens up to `t`. Empty for a run of one token. Definition:
   * docs/definitions.md#log-probability.
   * @returns {Promise<Float32Array>}
   */
  logProbs() {
    return this.#handle.use((thread, id) => thread.call('log_probs', id));
  }

  /**
   * The log-probability of the most probable token at each position but the last, `[seq - 1]`. It is equal to
   * that of {@link Run.logProbs} where the token that follows is the most probable one: the share of such
   * positions is the accuracy. Definition: docs/definitions.md#predictions.
   * @returns {Promise<Float32Array>}
   */
  topLogProbs() {
    return this.#handle.use((thread, id) => thread.call('top_log_probs', id));
  }

  /**
   * The first figures that are infinite or not a number, although all weights are finite: the first layer
   * with such a head, and its heads. `layer` is `n_layers` where only the predictions are concerned. Null
   * where all figures are finite. Definition: docs/definitions.md#figures-that-are-not-finite.
   * @returns {Promise<{ layer: number, heads: number[] } | null>}
   */
  notFinite() {
    return this.#handle.use((thread, id) => thread.call('not_finite', id));
  }

  /**
   * The logits at one position, `[d_vocab]`.
   *
   * Rejects with `PositionOutOfRange`.
   * @param {number} pos
   * @returns {Promise<Float32Array>}
   */
  async logits(pos) {
    this.#checkPosition(pos);
    return this.#handle.use((thread, id) => thread.call('logits', id, pos));
  }

  /**
   * The `k` most probable tokens after a position, and the token that does follow. Definition:
   * docs/definitions.md#predictions.
   *
   * Rejects with `PositionOutOfRange` or `OptionInvalid`.
   * @param {number} pos
   * @param {number} [k]
   * @returns {Promise<Predictions>}
   */
  async predictions(pos, k = 5) {
    this.#checkPosition(pos);
    const count = wholeNumber('number of predictions', k);
    return this.#handle.use((thread, id) => thread.call('predictions', id, pos, count));
  }

  /**
   * The residual stream before or after a layer, `[seq, d_model]`: TransformerLens' `hook_resid_pre` and
   * `hook_resid_post`.
   *
   * Rejects with `HeadOutOfRange` for a layer that the model does not have, or with `OptionInvalid`.
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
   * The detectors' figures of every head. Other thresholds on the same run take almost no time.
   *
   * Rejects with `OptionInvalid` for a threshold that is no number.
   * @param {Thresholds} [options]
   * @returns {Promise<Detection>}
   */
  async detect(options = {}) {
    const { active, fraction, mean } = thresholds(options);
    return this.#handle.use((thread, id) => thread.call('detect', id, active, fraction, mean));
  }

  /**
   * A run of the same tokens with heads and MLPs ablated: all its figures are those of the ablated model.
   * Free it too. Definition: docs/definitions.md#zero-and-mean-ablation.
   *
   * Rejects with `HeadOutOfRange` or with `OptionInvalid`.
   * @param {{ heads?: Iterable<string>, mlps?: Iterable<number>, kind?: 'zero' | 'mean' }} options heads as
   *   `layer.head`, MLPs by their layers; of a single sequence the mean is the output itself
   * @returns {Promise<Run>}
   */
  async ablated({ heads = [], mlps = [], kind = 'zero' }) {
    const options = { heads: namesOf(heads), mlps: layersOf(mlps), kind: kindOf(kind) };
    return this.#handle.use(async (thread, id) => {
      /** @param {import('../base/thread.js').Thread} other */
      const make = async (other) => other.call('ablated_run', await this.#handle.idIn(other), options);
      const place = { thread, id: await thread.call('ablated_run', id, options) };
      const handle = new Handle(this.#handle.jobs, { name: 'run', make, release: 'free_run' }, place);
      const { ids, pieces, fragments, seq, dropped, uncovered, timing } = this;
      const info = { run: place.id, ids, pieces, fragments, seq, dropped, uncovered, timing };
      return Run.of({ handle, of: this.#of, info, config: this.#config });
    });
  }

  /** Frees the memory of the run. After it every method rejects with `Freed`. */
  free() {
    this.#handle.free();
  }

  /** @param {number} pos */
  #checkPosition(pos) {
    if (isBelow(pos, this.seq)) return;
    throw failure(
      'PositionOutOfRange',
      `There is no position ${pos}: the run has ${this.seq} tokens, counted from 0.`,
      { data: { found: pos, expected: this.seq } },
    );
  }

  /** @param {number} layer @param {number} head */
  #checkHead(layer, head) {
    const { n_layers, n_heads } = this.#config;
    if (isBelow(layer, n_layers) && isBelow(head, n_heads)) return;
    throw failure(
      'HeadOutOfRange',
      `There is no head ${layer}.${head}: ` +
        `the model has ${n_layers} layers of ${n_heads} heads, counted from 0.`,
      {
        data: { layer, head, n_layers, n_heads },
      },
    );
  }
}

/** @param {number} index @param {number} count */
const isBelow = (index, count) => Number.isInteger(index) && index >= 0 && index < count;
