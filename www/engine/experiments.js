/**
 * The experiments on a model: what it does with text that repeats, without some of its heads, and what its
 * weights say.
 * The methods of headscope.js' `Model`, which adds to them loading and running.
 *
 * @module
 */
import { aborted } from '../base/failure.js';
import { Handle, handlesOf } from './handle.js';
import { invalid, list, oneOf, thresholds, wholeNumber } from './options.js';

/**
 * @typedef {import('./headscope.js').Config} Config
 * @typedef {import('./headscope.js').Run} Run
 * @typedef {import('./headscope.js').Detection} Detection
 * @typedef {import('./headscope.js').Thresholds} Thresholds
 *
 * @typedef {number[][]} PerHead one figure a head: `[layer][head]`
 *
 * @typedef {object} RepeatedOptions
 * @property {number} [seqLen] tokens that are drawn, and then repeated: 2 or more; 50
 * @property {number} [batch] draws, all run at once; 1
 * @property {number} [seed] of the draws, a whole number below 2^32: the same seed draws the same ids
 *   everywhere; 0
 * @property {Iterable<Iterable<number>>} [tokens] rows to run instead of drawing some, each a first token and
 *   twice the same
 *   others, all of one length
 * @property {AbortSignal} [signal]
 *
 * @typedef {object} Repeated what the repeated-sequence experiment finds
 * @property {number[][]} tokens the draws, each `[BOS, x, x]` of `1 + 2 * seqLen` ids
 * @property {number[][]} logProbs of each token but the first, natural logarithm, `[draw][2 * seqLen]`
 * @property {number} meanFirst the mean of those of the first copies
 * @property {number} meanSecond and of the second
 * @property {PerHead} stripe the notebook's induction score: the mean of the pattern's diagonal at
 *   `-(seqLen - 1)`, all its
 *   `seqLen + 2` entries, mean over the draws
 * @property {PerHead} strict the same over the `seqLen` entries whose query is in the second copy
 * @property {PerHead} sd the standard deviation of `strict` over the draws
 * @property {PerHead} stripeSd that of `stripe`
 *
 * @typedef {object} AblateOptions
 * @property {Iterable<string>} heads which are switched off, as `layer.head`
 * @property {'zero' | 'mean'} [kind] what their output z is replaced by, at every position: 0, or its mean
 *   over the draws,
 *   which of a single one is itself; `'zero'`
 * @property {Repeated | Run} on
 * @property {AbortSignal} [signal]
 *
 * @typedef {object} Ablated the figures with those heads off
 * @property {number} loss in nats: of a repeated sequence on its last `seqLen - 1` predictions, of a run on
 *   all
 * @property {number} lossIncrease how much more that is than with every head on
 * @property {PerHead | null} stripe the notebook's induction scores, means over the draws; null for a run
 * @property {PerHead | null} strict the strict ones
 * @property {Detection} detect the detectors' figures; of several draws, on the first
 *
 * @typedef {object} LossTable
 * @property {PerHead} lossIncrease of each head alone
 *
 * @typedef {{ done: number, total: number }} Progress
 *
 * @typedef {object} AttributionTotals what a run's attribution adds up to
 * @property {number[]} biases `[seq - 1]`: what the biases add, of all `b_O` and of `b_U`
 * @property {number[]} logits `[seq - 1]`: the logit of each next token
 *
 * @typedef {object} DeeperPair
 * @property {string} from the earlier head, as `layer.head`
 * @property {string} to the later one
 * @property {number} Q
 * @property {number} K
 * @property {number} V
 *
 * @typedef {object} Composition scores from 0 to 1
 * @property {number[][]} Q `[head of layer 0][head of layer 1]`: how much of what the one writes the other's
 *   queries read
 * @property {number[][]} K its keys
 * @property {number[][]} V its values
 * @property {DeeperPair[]} deeper the pairs of other layers, by name
 * @property {number} baseline the mean score of random heads of these shapes
 *
 * @typedef {object} Copying parts of the whole vocabulary, from 0 to 1
 * @property {number} top1 tokens that attending to them raises most of all
 * @property {number} top5 tokens that it raises among the five most
 *
 * @typedef {object} CopyingOptions
 * @property {(progress: Progress & Copying) => void} [onProgress] `done` of `total` tokens, and the parts of
 *   those
 * @property {AbortSignal} [signal]
 */

/** What can be asked of a model besides running it. */
export class Experiments {
  #handle;

  /** @internal @param {Handle} handle @param {Config} config */
  constructor(handle, config) {
    this.#handle = handle;
    /** Its sizes and kind. */
    this.config = config;
  }

  /**
   * Runs `[BOS, x, x]` with `x` random tokens, which only a model that looks back can know the second time.
   * The ids are drawn
   * from those that the tokenizer can decode, but for the BOS.
   *
   * Rejects with `TooManyTokens` when that is more than `n_ctx`, with `TooFewTokens`, `BatchTooLarge` or
   * `GpuLimit`; for given
   * rows with `NotRepeated` or `TokenOutOfRange`; with `OptionInvalid`.
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
   * Switches heads off, and says what that does to a repeated sequence or to a run.
   *
   * Rejects with `HeadOutOfRange`, with `TooFewTokens` for a run of one token, with `OptionInvalid`.
   * @param {AblateOptions & Thresholds} options
   * @returns {Promise<Ablated>}
   */
  async ablate({ heads, kind = 'zero', on, signal, ...given }) {
    return this.#onSubject(
      'ablate',
      on,
      { heads: namesOf(heads), kind: kindOf(kind), ...thresholds(given) },
      signal,
    );
  }

  /**
   * Switches every head off by itself. Between two heads the engine does what else it is asked for, and can
   * be stopped.
   *
   * Rejects as {@link Experiments.ablate} does.
   * @param {Omit<AblateOptions, 'heads'> & { onProgress?: (progress: Progress) => void }} options
   * @returns {Promise<LossTable>}
   */
  async ablateAll({ kind = 'zero', on, onProgress, signal }) {
    const { n_layers, n_heads } = this.config;
    /** @type {PerHead} */ const lossIncrease = [];
    for (let layer = 0; layer < n_layers; layer++) {
      lossIncrease.push([]);
      for (let head = 0; head < n_heads; head++) {
        const options = { heads: [`${layer}.${head}`], kind: kindOf(kind) };
        // A head is a moment's work: stopping waits for it, where ending the worker would lose what it holds.
        if (signal?.aborted) throw aborted(signal);
        lossIncrease[layer].push(await this.#onSubject('loss_increase', on, options));
        onProgress?.({ done: layer * n_heads + head + 1, total: n_layers * n_heads });
      }
    }
    return { lossIncrease };
  }

  /**
   * How much each component adds to the logit of each next token of a run,
   * `[seq - 1][1 + n_layers * n_heads]`: the
   * embedding, then every head in layer order. With the biases they add up to the logit:
   * {@link Experiments.attributionTotals}.
   *
   * Rejects with `NormalizedModel` where a normalization stands between, with `TooFewTokens`, with
   * `OptionInvalid` for what is
   * no run of this model.
   * @param {Run} run
   * @param {{ signal?: AbortSignal }} [options]
   * @returns {Promise<number[][]>}
   */
  async attribution(run, { signal } = {}) {
    return (await this.#attributed(run, signal)).components;
  }

  /**
   * What the rows of {@link Experiments.attribution} add up to, once the biases are added.
   *
   * Rejects as that does.
   * @param {Run} run
   * @param {{ signal?: AbortSignal }} [options]
   * @returns {Promise<AttributionTotals>}
   */
  async attributionTotals(run, { signal } = {}) {
    const { biases, logits } = await this.#attributed(run, signal);
    return { biases, logits };
  }

  /**
   * How much of what each head writes each later head reads.
   * @param {{ seed?: number, signal?: AbortSignal }} [options] `seed`: of the random heads of the baseline; 0
   * @returns {Promise<Composition>}
   */
  async composition({ seed = 0, signal } = {}) {
    const whole = wholeNumber('seed', seed);
    return this.#handle.use((thread, id) => thread.call('composition', id, whole), signal);
  }

  /**
   * How often what a head moves, or what several move together, is what they raise most: over the whole
   * vocabulary, some
   * hundred tokens at a time. Between two steps the engine does what else it is asked for, and can be
   * stopped.
   *
   * Rejects with `HeadOutOfRange`, with `EmptyInput` for no head, with `GpuLimit`.
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
        // The first steps prepare, and have looked at no token yet.
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
   * How much each head of layer 0 looks at the previous position for positions' sake: its mean weight there,
   * over all `n_ctx`
   * positions, if its queries and keys saw nothing but the positional embedding. `[n_heads]`, from 0 to 1.
   *
   * Rejects with `TooFewTokens` for a model of one position, with `GpuLimit`.
   * @param {{ signal?: AbortSignal }} [options]
   * @returns {Promise<number[]>}
   */
  async positionScores({ signal } = {}) {
    return this.#handle.use((thread, id) => thread.call('position_scores', id), signal);
  }

  /** @param {Run} run @param {AbortSignal} [signal] @returns {Promise<Attributed>} */
  async #attributed(run, signal) {
    const handle = this.#handleOfRun(run);
    if (!handle) throw invalid('run', 'a run of this model', run);
    const made = attributed.get(run) ?? handle.use((thread, id) => thread.call('attribution', id), signal);
    attributed.set(run, made);
    made.catch(() => attributed.delete(run));
    return made;
  }

  /** What stands for a run of this model in the worker; null for what is no run. @param {unknown} run */
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
    if (!run && !rows) throw invalid('on', 'what repeated() gave, or a run', on);
    const tokens = run ? undefined : list('tokens', 'a list of rows', rows ?? []).map(rowOf);
    return this.#handle.use(async (thread, id) => {
      const subject = run ? { run: await run.idIn(thread) } : { tokens };
      return thread.call(method, id, { ...options, ...subject });
    }, signal);
  }
}

/** @typedef {AttributionTotals & { components: number[][] }} Attributed */

/**
 * What a run was asked for by one method, and is about to be by the other.
 * @type {WeakMap<Run, Promise<Attributed>>}
 */
const attributed = new WeakMap();

/** @param {Iterable<number>} row */
const rowOf = (row) =>
  list('row of tokens', 'a list of token ids', row).map((id) => wholeNumber('token id', id));

/** @param {Iterable<string>} heads */
const namesOf = (heads) => list('heads', "a list of names, such as ['1.4']", heads).map(String);

/** @param {unknown} kind */
const kindOf = (kind) => oneOf('kind', /** @type {const} */ (['zero', 'mean']), kind);
