/**
 * Headscope's engine: runs attention-only transformers in the browser, on WebGPU or on the CPU, and shows
 * what every
 * attention head looks at.
 *
 * ```js
 * ;
 *
 * const hs = await Headscope.open();
 * const model = await hs.loadModel('default');
 * const run = await model.run('Harry Potter met Harry Potter');
 * const pattern = await run.pattern(1, 0); // pattern[query_pos * run.seq + key_pos]
 * const { dominant } = await run.detect();
 * console.log('previous token:', dominant.previous.heads);
 * ```
 *
 * All arrays are row-major and all positions, layers and heads count from 0. The work is done in a worker,
 * one job at a time
 * in the order of the calls. Every promise rejects with an `Error` whose `name` is a stable code, whose
 * `message` is a
 * sentence that says what was expected and what was found, and whose `data`, if any, has the figures. Codes
 * that any promise
 * may reject with: `AbortError` (its signal was aborted), `WorkerDied` (the worker ended: memory, a bug),
 * `GpuLost` (the GPU
 * was taken away), `GpuMemory` (it has no memory left), `GpuValidation` (it refused a call: a bug), `Freed`
 * (the run, the model or the engine was freed).
 *
 * After any of them the engine can be used again. A new worker is started by itself; models are loaded into
 * it again from
 * the files they came from, and runs are computed again from their ids, when they are next used.
 *
 * @module
 */
import { anyOriginWorker } from '../base/any_origin.js';
import { failure } from '../base/failure.js';
import { bringModel } from '../store/store.js';
import { Experiments } from './experiments.js';
import { Handle } from './handle.js';
import { Jobs } from './jobs.js';
import { list, oneOf } from './options.js';
import { Run } from './run.js';

/**
 * What computes. `auto` takes WebGPU where there is a real GPU, and the CPU where there is none or only a CPU
 * that poses
 * as one. `webgpu` takes any adapter there is.
 * @typedef {'auto' | 'webgpu' | 'cpu'} BackendChoice
 *
 * @typedef {object} OwnFiles a model of one's own
 * @property {Blob | URL | string} weights a torch checkpoint or a safetensors file of f32, f16, bf16 or f64
 *   tensors under TransformerLens' names; or its
 *   address, a string being relative to the page
 * @property {object | Blob} [config] the model's `HookedTransformerConfig`, or the config.json that has it
 * @property {Blob | URL | string} [tokenizer] a Hugging Face tokenizer.json, or its address; without it the
 *   model runs on ids
 *
 * @typedef {string | OwnFiles | Download} Source `'default'`, another id of models/catalogue.json, files of
 *   one's own, or
 *   what `Headscope.download` gave
 *
 * @typedef {object} LoadOptions
 * @property {(progress: { loaded: number, total: number }) => void} [onProgress] called as bytes arrive; both
 *   in bytes, over
 *   all files of the model. `total` grows with `loaded` where a server does not tell a file's length
 * @property {AbortSignal} [signal]
 *
 * @typedef {object} Config the fields of TransformerLens' configuration that matter here
 * @property {number} n_layers
 * @property {number} n_heads of each layer
 * @property {number} d_model
 * @property {number} d_head
 * @property {number} n_ctx most tokens in a run
 * @property {number} d_vocab
 * @property {'LN' | 'LNPre' | null} normalization_type
 * @property {'standard' | 'shortformer'} positional_embedding_type
 * @property {number} eps added to the variance where there is a normalization
 *
 * @typedef {object} Memory
 * @property {number} wasm bytes of the wasm heap
 * @property {number} gpu bytes of the buffers allocated on the GPU; 0 on the CPU
 *
 * @typedef {object} Encoding
 * @property {Uint32Array} ids
 * @property {string[]} pieces what each id alone decodes to
 *
 * What a run gives; see run.js.
 * @typedef {import('./run.js').Timing} Timing
 * @typedef {import('./run.js').Thresholds} Thresholds
 * @typedef {import('./run.js').Scores} Scores
 * @typedef {import('./run.js').Dominant} Dominant
 * @typedef {import('./run.js').Detection} Detection
 * @typedef {import('./run.js').NullLine} NullLine
 */

export { Run };

/** Losses of a GPU after which `auto` takes the CPU. */
const MOST_LOSSES = 2;

const BACKENDS = /** @type {const} */ (['auto', 'webgpu', 'cpu']);

/** The engine: a worker, and what it computes with. */
export class Headscope {
  /** @type {Jobs} */ #jobs;
  /** @type {{ backend: 'webgpu' | 'cpu', adapter: string, software: boolean, reason?: string | null }} */ #info;

  /**
   * Called when the worker died, the GPU went away or refused a call, with the error (`WorkerDied`,
   * `GpuLost`,
   * `GpuValidation`). The next call starts another one, perhaps on another backend: see
   * {@link Headscope.backend} after it.
   * @type {((error: Error) => void) | null}
   */
  onLost = null;

  /** @private @param {BackendChoice} backend */
  constructor(backend) {
    this.#info = { backend: 'cpu', adapter: '', software: false };
    let losses = 0;
    this.#jobs = new Jobs(
      startWorker,
      async (thread) => {
        // A GPU that is lost again and again, most likely by the same work, is let be where there is a
        // choice.
        const forsaken = backend === 'auto' && losses >= MOST_LOSSES;
        const info = await thread.call('open', forsaken ? 'cpu' : backend);
        this.#info = forsaken
          ? { ...info, reason: `The GPU was lost ${losses} times since this page was opened.` }
          : info;
      },
      (error) => {
        if (error.name === 'GpuLost') losses++;
        this.onLost?.(error);
      },
    );
  }

  /**
   * Starts an engine.
   *
   * Rejects with `GpuUnavailable` when `webgpu` is asked for and there is no adapter, with `OptionInvalid`
   * for a backend that
   * there is not, with `WorkerDied` when the engine's files can't be loaded.
   * @param {{ backend?: BackendChoice }} [options]
   * @returns {Promise<Headscope>}
   */
  static async open({ backend = 'auto' } = {}) {
    const hs = new Headscope(oneOf('backend', BACKENDS, backend));
    try {
      await hs.#jobs.add(async () => {});
    } catch (error) {
      hs.close();
      throw error;
    }
    return hs;
  }

  /**
   * Brings a model's files here, before there is an engine or for several of them. `loadModel` takes what it
   * gives.
   *
   * Rejects with `ModelNotFound` for an id that the catalogue does not have, with `ModelFetch` when a file
   * can't be had:
   * the server says so, an HTML page is in its place, it is cut short.
   * @param {Source} source
   * @param {LoadOptions} [options]
   * @returns {Promise<Download>}
   */
  static async download(source, options = {}) {
    return source instanceof Download ? source : Download.of(await bringModel(source, options));
  }

  /** What computes: `'webgpu'` or `'cpu'`. */
  get backend() {
    return this.#info.backend;
  }

  /** What the GPU, or the CPU backend, calls itself. */
  get adapter() {
    return this.#info.adapter;
  }

  /** Whether the WebGPU adapter is a CPU in disguise. */
  get software() {
    return this.#info.software;
  }

  /** Why `auto` took the CPU, in one sentence; null where it did not. @returns {string | null} */
  get reason() {
    return this.#info.reason ?? null;
  }

  /**
   * Loads a model. One of the hub is downloaded first, which goes on where an earlier download broke off, and
   * is then kept in
   * this browser where it lets a page keep files; what is here already is not fetched again.
   *
   * Rejects as {@link Headscope.download} does, and with `CheckpointFormat`, `UnsafePickle`, `FileRead`,
   * `KeysMismatch`, `TensorDtype`, `NonFiniteWeight`, `ConfigNeeded`, `ConfigInvalid`, `TokenizerInvalid` or
   * `GpuLimit` when
   * the files are here and can't be used.
   * @param {Source} source
   * @param {LoadOptions} [options]
   * @returns {Promise<Model>}
   */
  async loadModel(source, options = {}) {
    const { files } = await Headscope.download(source, options);
    const loading = this.#load(files, options.signal);
    const [loaded, sha256] = await Promise.allSettled([loading, files.sha256]);
    // That a file arrived damaged explains whatever the engine says of it.
    if (sha256.status === 'rejected') {
      if (loaded.status === 'fulfilled') loaded.value.handle.free();
      throw sha256.reason;
    }
    if (loaded.status === 'rejected') throw loaded.reason;
    const { id, name } = files;
    return Model.of(this.#jobs, { id, name, sha256: sha256.value, ...loaded.value });
  }

  /** @param {import('../store/store.js').ModelFiles} files @param {AbortSignal} [signal] */
  #load({ weights, config, tokenizer }, signal) {
    const make = (/** @type {import('../base/thread.js').Thread} */ thread) =>
      thread.call('load_model', weights, config, tokenizer);
    const handle = new Handle(this.#jobs, { name: 'model', make, release: 'free_model' });
    const described = handle.use(async (thread, id) => {
      /** @type {{ config: Config, has_tokenizer: boolean, keys: string, tokenizer_note: string | null }} */
      const {
        config,
        has_tokenizer: hasTokenizer,
        keys,
        tokenizer_note: tokenizerNote,
      } = await thread.call('model_info', id);
      return { handle, config, hasTokenizer, keys, tokenizerNote };
    }, signal);
    // One that was stopped may be loaded all the same.
    described.catch(() => handle.free());
    return described;
  }

  /**
   * What the engine takes of this machine's memory. A wasm heap only grows, so `wasm` is also the most it has
   * been since the
   * worker was started; a model's weights are in it on the CPU, and pass through it on their way to a GPU.
   * @returns {Promise<Memory>}
   */
  memory() {
    return this.#jobs.add((thread) => thread.call('memory'));
  }

  /** Ends the worker and frees all that it holds. What was not done rejects with `Freed`. */
  close() {
    this.#jobs.close(failure('Freed', 'The engine was closed. Open another with Headscope.open().'));
  }
}

/** A model, loaded. */
export class Model extends Experiments {
  #jobs;
  #handle;

  /** @private @param {Jobs} jobs @param {import('./handle.js').ModelFacts} facts */
  constructor(jobs, { handle, id, name, sha256, config, hasTokenizer, keys, tokenizerNote }) {
    super(handle, config);
    this.#jobs = jobs;
    this.#handle = handle;
    /** Its id in models/catalogue.json; `''` for files of one's own. */
    this.id = id;
    /** What a person calls it: the catalogue's name, or the name of the weights file. */
    this.name = name;
    /** Of the weights file, 64 hex digits. */
    this.sha256 = sha256;
    /** Whether it can be run on text. */
    this.hasTokenizer = hasTokenizer;
    /**
     * What there is to say of the weights file's tensors: that all keys matched, how many there are, how many
     * buffers were passed over.
     */
    this.keys = keys;
    /** A sentence where the tokenizer's vocabulary hardly fits the model's; else null. */
    this.tokenizerNote = tokenizerNote;
  }

  /** @internal @param {Jobs} jobs @param {import('./handle.js').ModelFacts} facts */
  static of(jobs, facts) {
    return new Model(jobs, facts);
  }

  /**
   * The tokens of a text, of any length, without the BOS that `run` prepends.
   *
   * Rejects with `NoTokenizer`.
   * @param {string} text
   * @returns {Promise<Encoding>}
   */
  encode(text) {
    return this.#handle.use((thread, id) => thread.call('encode', id, text));
  }

  /**
   * Runs the model. A text of more than `n_ctx` tokens is run up to there: see {@link Run.dropped}.
   *
   * Rejects with `EmptyInput`, `NoTokenizer`, `TokenOutOfRange`, `GpuLimit`, with `TooManyTokens` for too
   * many ids, with `OptionInvalid` for what
   * is neither text nor ids.
   * @param {string | Iterable<number>} textOrIds ids are taken as they are: no BOS is prepended
   * @param {object} [options]
   * @param {boolean} [options.prependBos] whether a text gets the model's BOS token before it
   * @param {AbortSignal} [options.signal]
   * @returns {Promise<Run>}
   */
  async run(textOrIds, { prependBos = true, signal } = {}) {
    const [method, ...input] =
      typeof textOrIds === 'string' ? ['run_text', textOrIds, prependBos] : ['run_ids', idsOf(textOrIds)];
    return this.#handle.use(async (thread, id) => {
      /** @type {import('./handle.js').RunInfo} */ const info = await thread.call(
        /** @type {string} */ (method),
        id,
        ...input,
      );
      if (signal?.aborted) await thread.call('free_run', info.run);
      const make = async (/** @type {import('../base/thread.js').Thread} */ other) =>
        (await other.call('run_ids', await this.#handle.idIn(other), info.ids)).run;
      const handle = new Handle(
        this.#jobs,
        { name: 'run', make, release: 'free_run' },
        { thread, id: info.run },
      );
      return Run.of({ handle, of: this.#handle, info, config: this.config });
    }, signal);
  }

  /**
   * Gives back what it holds. Its runs stay readable until the worker is started again, so free them first.
   */
  free() {
    this.#handle.free();
  }
}

/** A model's files, all here: what `Headscope.download` gives and `loadModel` takes. */
export class Download {
  #files;

  /** @private @param {import('../store/store.js').ModelFiles} files */
  constructor(files) {
    this.#files = files;
  }

  /** @internal @param {import('../store/store.js').ModelFiles} files */
  static of(files) {
    return new Download(files);
  }

  /** @internal */
  get files() {
    return this.#files;
  }
}

/** A new worker; it loads the wasm beside it at once. */
function startWorker() {
  const Worker = anyOriginWorker();
  return new Worker(new URL('./worker.js', import.meta.url), { type: 'module' });
}

/** @param {Iterable<number>} ids */
function idsOf(ids) {
  const given = list('input', 'a text or a list of token ids', ids);
  const position = given.findIndex((id) => !Number.isInteger(id) || id < 0 || id > 0xffffffff);
  if (position >= 0) {
    throw failure(
      'TokenOutOfRange',
      `Token ids should be whole numbers from 0, and the one at position ${position} is ${given[position]}.`,
      {
        data: { position, found: given[position] },
      },
    );
  }
  return Uint32Array.from(given);
}
