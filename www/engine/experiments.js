/**
 * The experiments on a model: repeated tokens, ablation, attribution, composition and copying. These are
 * methods of headscope.js' `Model`, which adds loading and running.
 *
 * Definitions of all figures: docs/definitions.md.
 *
 * @module
 */
import { aborted } from '../base/failure.js';
import { Handle, handlesOf } from './handle.js';
import { invalid, kindOf, layersOf, list, namesOf, thresholds, wholeNumber } from './options.js';

/**
 * @typedef {import('./headscope.js').Config} Config
 * @typedef {import('./headscope.js').Run} Run
 * @typedef {import('./headscope.js').Detection} Detection
 * @typedef {import('./headscope.js').Thresholds} Thresholds
 *
 * @typedef {number[][]} PerHead one figure a head: `[layer][head]`
 *
 * @typedef {object} RepeatedOptions
 * @property {number} [seqLen] random tokens of one copy, 2 or more; default 50
 * @property {number} [batch] sequences, all run at once; default 1
 * @property {number} [seed] whole number below 2^32; the same seed gives the same ids everywhere; default 0
 * @property {Iterable<Iterable<number>>} [tokens] rows of ids to run in place of random ones. Each row is a
 *   first token and then the same tokens twice; all rows have one length
 * @property {AbortSignal} [signal]
 *
 * @typedef {object} Repeated the figures of repeated tokens; docs/definitions.md#repeated-tokens
 * @property {number[][]} tokens the sequences, each `[BOS, x, x]` of `1 + 2 * seqLen` ids
 * @property {number[][]} logProbs of each token but the first, natural logarithm, `[sequence][2 * seqLen]`
 * @property {number} meanFirst mean log-probability of the tokens of the first copies
 * @property {number} meanSecond mean log-probability of the tokens of the second copies
 * @property {PerHead} stripe induction score of ARENA's notebook: the mean of the pattern's diagonal at
 *   `-(seqLen - 1)`, over all its `seqLen + 2` entries; mean over the sequences;
 *   docs/definitions.md#induction-stripe
 * @property {PerHead} strict strict induction score: the same mean over the `seqLen` entries whose query is
 *   in the second copy
 * @property {PerHead} sd standard deviation of `strict` over the sequences
 * @property {PerHead} stripeSd standard deviation of `stripe` over the sequences
 *
 * @typedef {object} AblateOptions
 * @property {Iterable<string>} [heads] the heads to ablate, as `layer.head`
 * @property {Iterable<number>} [mlps] the layers whose MLP to ablate
 * @property {'zero' | 'mean'} [kind] replaces a head's z, or an MLP's output, at every position by 0, or by
 *   its mean over the sequences (of a single sequence, by itself); default `'zero'`;
 *   docs/definitions.md#zero-and-mean-ablation
 * @property {Repeated | Run} on repeated tokens, or a run of this model
 * @property {AbortSignal} [signal]
 *
 * @typedef {object} Ablated the figures without those heads
 * @property {number} loss in nats: of repeated tokens over the last `seqLen - 1` predictions of each
 *   sequence, of a run over all predictions
 * @property {number} lossIncrease `loss` minus the loss of the whole model; docs/definitions.md#loss-increase
 * @property {PerHead | null} stripe as in `Repeated`; null for a run
 * @property {PerHead | null} strict as in `Repeated`; null for a run
 * @property {Detection} detect the detectors' figures; of several sequences, on the first
 *
 * @typedef {object} LossTable
 * @property {PerHead} lossIncrease of each head ablated alone, in nats
 * @property {number[] | null} mlpLossIncrease of each layer's MLP ablated alone, in nats; null without MLPs
 *
 * @typedef {{ done: number, total: number }} Progress
 *
 * @typedef {object} Attribution the parts of a logit at each position;
 *   docs/definitions.md#direct-logit-attribution
 * @property {string[]} components `embed`, then of each layer its heads, such as `0.1`, and its MLP, such as
 *   `0.mlp`; then `bias`
 * @property {Float32Array[]} values `[position][component]`: a row adds up to its logit
 * @property {Float32Array} logits `[position]`; one less than the tokens where the target is the next token
 *
 * @typedef {object} DeeperPair composition scores of two heads, from 0 to 1
 * @property {string} from the earlier head, as `layer.head`
 * @property {string} to the later head
 * @property {number} Q
 * @property {number} K
 * @property {number} V
 *
 * @typedef {object} Composition scores from 0 to 1; docs/definitions.md#composition
 * @property {number[][]} Q `[head of layer 0][head of layer 1]`: how much of the first head's output the
 *   second head's queries read
 * @property {number[][]} K the same for its keys
 * @property {number[][]} V the same for its values
 * @property {DeeperPair[]} deeper the pairs of other layers
 * @property {number} baseline mean score of random heads of these shapes
 *
 * @typedef {object} Copying fractions of the vocabulary, from 0 to 1; docs/definitions.md#copying
 * @property {number} top1 tokens whose own logit is raised most where a head attends to them
 * @property {number} top5 tokens whose own logit is among the five raised most
 *
 * @typedef {object} CopyingOptions
 * @property {(progress: Progress & Copying) => void} [onProgress] `done` of `total` tokens, and the fractions
 *   of those tokens
 * @property {AbortSignal} [signal]
 */

/** The experiments of a model. */
export class Experiments {
  #handle;

  /** @internal @param {Handle} handle @param {Config} config */
  constructor(handle, config) {
    this.#handle = handle;
    /** Sizes and kind of the model. */
    this.config = config;
  }

  /**
   * Runs `[BOS, x, x]` with `x` random tokens. Only a model that looks back can predict the second copy. The
   * ids are random ones among those that the tokenizer can decode, without the BOS. Definition:
   * docs/definitions.md#repeated-tokens.
   *
   * Rejects with `TooManyTokens` for more than `n_ctx` tokens, `TooFewTokens`, `BatchTooLarge`, `GpuLimit` or
   * `OptionInvalid`; for given rows also with `NotRepeated` or `TokenOutOfRange`.
   * @param {RepeatedOptions} [options]
   * @returns {Promise<Repeated>}
   */
  async repeated({ seqLen = 50, batch = 1, seed = 0, tokens, signal } = {}) {
    const whole = {
      seqLen: wholeNumber('seqLen', seqLen),
      batch: wholeNumber('batch', batch),
      seed: wholeNumber('seed', seed),
    };
    const rows = tokens && list('tokens', 'a list of rows', tokens).map(rowOf);
    return this.#handle.use((thread, id) => thread.call('repeated', id, { ...whole, tokens: rows }), signal);
  }

  /**
   * Ablates heads and MLPs, and measures the effect on repeated tokens or on a run. Definition:
   * docs/definitions.md#zero-and-mean-ablation.
   *
   * Rejects with `HeadOutOfRange`, with `NotDefined` for an MLP of a model without MLPs, with `TooFewTokens`
   * for a run of one token, or with `OptionInvalid`.
   * @param {AblateOptions & Thresholds} options
   * @returns {Promise<Ablated>}
   */
  async ablate({ heads = [], mlps = [], kind = 'zero', on, signal, ...given }) {
    const options = { heads: namesOf(heads), mlps: layersOf(mlps), kind: kindOf(kind) };
    return this.#onSubject('ablate', on, { ...options, ...thresholds(given) }, signal);
  }

  /**
   * Ablates every head, and every MLP, by itself. Each is a job of its own: between two of them the engine
   * does other jobs, and can be stopped. `onProgress` is told what has been found so far.
   *
   * Rejects as {@link Experiments.ablate} does.
   * @param {Omit<AblateOptions, 'heads' | 'mlps'> &
   *   { onProgress?: (progress: Progress & { soFar: LossTable }) => void }} options
   * @returns {Promise<LossTable>}
   */
  async ablateAll({ kind = 'zero', on, onProgress, signal }) {
    const { n_layers, n_heads, d_mlp } = this.config;
    /** @type {LossTable} */ const soFar = { lossIncrease: [], mlpLossIncrease: d_mlp ? [] : null };
    const total = n_layers * (n_heads + Number(Boolean(d_mlp)));
    let done = 0;
    const increase = async (
      /** @type {{ heads?: string[], mlps?: number[] }} */ { heads = [], mlps = [] },
    ) => {
      // A head takes a moment, so stopping waits for it: ending the worker would lose its models.
      if (signal?.aborted) throw aborted(signal);
      return this.#onSubject('loss_increase', on, { heads, mlps, kind: kindOf(kind) });
    };
    const tell = () => onProgress?.({ done: ++done, total, soFar });
    for (let layer = 0; layer < n_layers; layer++) {
      /** @type {number[]} */ const row = [];
      soFar.lossIncrease.push(row);
      for (let head = 0; head < n_heads; head++) {
        row.push(await increase({ heads: [`${layer}.${head}`] }));
        tell();
      }
      if (!soFar.mlpLossIncrease) continue;
      soFar.mlpLossIncrease.push(await increase({ mlps: [layer] }));
      tell();
    }
    return soFar;
  }

  /**
   * How much each component of the residual stream adds to a logit, at every position of a run. In a model
   * with norms each component goes through the final one, with its scale held at that of the whole stream.
   * Definition: docs/definitions.md#direct-logit-attribution.
   *
   * Rejects with `TooFewTokens`, with `TokenOutOfRange`, or with `OptionInvalid` for anything that is no run
   * of this model.
   * @param {Run} run
   * @param {{ target?: 'next' | number | [number, number], signal?: AbortSignal }} [options] `target`: the
   *   logit of the token that follows, which is usual; that of a token id; or that of one id minus another's
   * @returns {Promise<Attribution>}
   */
  async attribution(run, { target = 'next', signal } = {}) {
    const handle = this.#handleOfRun(run);
    if (!handle) throw invalid('run', 'a run of this model', run);
    const ids = target === 'next' ? [] : [target].flat().map((id) => wholeNumber('target', id));
    if (ids.length > 2) throw invalid('target', "'next', a token id, or two", target);
    /** @type {{ components: string[], values: Float32Array, logits: Float32Array }} */
    const { components, values, logits } = await this.#handle.use(
      async (thread, id) => thread.call('attribution', id, await handle.idIn(thread), Uint32Array.from(ids)),
      signal,
    );
    const width = components.length;
    const rows = Array.from(logits, (_, row) => values.subarray(row * width, (row + 1) * width));
    return { components, values: rows, logits };
  }

  /**
   * How much of each head's output each later head reads. Definition: docs/definitions.md#composition.
   *
   * Rejects with `OptionInvalid`.
   * @param {{ seed?: number, signal?: AbortSignal }} [options] `seed`: of the baseline's random heads;
   *   default 0
   * @returns {Promise<Composition>}
   */
  async composition({ seed = 0, signal } = {}) {
    const whole = wholeNumber('seed', seed);
    return this.#handle.use((thread, id) => thread.call('composition', id, whole), signal);
  }

  /**
   * How often attending to a token raises that token's own logit most, for one head or for the sum of
   * several, over the whole vocabulary. Some hundred tokens are one job: between two jobs the engine does
   * other ones, and can be stopped. Definition: docs/definitions.md#copying.
   *
   * Rejects with `HeadOutOfRange`, with `EmptyInput` for no head, or with `GpuLimit`.
   * @param {Iterable<string>} heads as `layer.head`
   * @param {CopyingOptions} [options]
   * @returns {Promise<Copying>}
   */
  async copying(heads, { onProgress, signal } = {}) {
    const names = namesOf(heads);
    const make = async (/** @type {import('../base/thread.js').Thread} */ thread) =>
      thread.call('start_copying', await this.#handle.idIn(thread), names);
    const experiment = new Handle(this.#handle.jobs, { name: 'experiment', make, release: 'free_copying' });
    try {
      for (;;) {
        this.#handle.check();
        if (signal?.aborted) throw aborted(signal);
        /** @type {{ rows: number, top1: number, top5: number, total: number }} */
        const { rows, total, ...counts } = await experiment.use((thread, id) =>
          thread.call('step_copying', id),
        );
        // The first steps prepare, and look at no token.
        const part = (/** @type {number} */ count) => (rows ? count / rows : 0);
        const parts = { top1: part(counts.top1), top5: part(counts.top5) };
        onProgress?.({ done: rows, total, ...parts });
        if (rows === total) return parts;
      }
    } finally {
      experiment.free();
    }
  }

  /**
   * How much each head of layer 0 looks at the previous position if its queries and keys see the positional
   * embedding alone: its mean weight there, over all `n_ctx` positions. `[n_heads]`, from 0 to 1. Definition:
   * docs/definitions.md#position-scores.
   *
   * Rejects with `NotDefined` for a model without `W_pos`, with `TooFewTokens` for a model of one position,
   * or with `GpuLimit`.
   * @param {{ signal?: AbortSignal }} [options]
   * @returns {Promise<number[]>}
   */
  async positionScores({ signal } = {}) {
    return this.#handle.use((thread, id) => thread.call('position_scores', id), signal);
  }

  /** The handle of a run of this model; null for anything that is no run. @param {unknown} run */
  #handleOfRun(run) {
    const handles = handlesOf(run);
    if (!handles) return null;
    if (handles.of !== this.#handle) throw invalid('run', 'a run of this model', 'one of another model');
    handles.handle.check();
    return handles.handle;
  }

  /**
   * @param {string} method
   * @param {Repeated | Run} on
   * @param {object} options
   * @param {AbortSignal} [signal]
   */
  async #onSubject(method, on, options, signal) {
    const run = this.#handleOfRun(on);
    const rows = /** @type {Repeated | undefined} */ (on)?.tokens;
    if (!run && !rows) throw invalid('on', 'a result of repeated(), or a run', on);
    const tokens = run ? undefined : list('tokens', 'a list of rows', rows ?? []).map(rowOf);
    return this.#handle.use(async (thread, id) => {
      const subject = run ? { run: await run.idIn(thread) } : { tokens };
      return thread.call(method, id, { ...options, ...subject });
    }, signal);
  }
}

/** @param {Iterable<number>} row */
const rowOf = (row) =>
  list('row of tokens', 'a list of token ids', row).map((id) => wholeNumber('token id', id));
