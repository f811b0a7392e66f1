/**
 * Headscope's engine: runs attention-only transformers in the browser, on WebGPU or on the CPU, and shows
 * what every attention head looks at.
 *
 * ```js
 * import { Headscope } from './headscope.js';
 *
 * const hs = await Headscope.open();
 * const model = await hs.loadModel('default');
 * const run = await model.run('Harry Potter met Harry Potter');
 * const pattern = await run.pattern(1, 0); // pattern[query_pos * run.seq + key_pos]
 * const { dominant } = await run.detect();
 * console.log('previous token:', dominant.previous.heads);
 * ```
 *
 * All arrays are row-major. Positions, layers and heads count from 0. Definitions of all figures:
 * docs/definitions.md. The work is done in a worker, one job at a time, in the order of the calls.
 *
 * Failures reject with an `Error` whose `name` is a stable code. Its `message` is a sentence that says what
 * was expected and what was found; its `data`, if any, has the figures of that sentence. Any promise may
 * reject with these codes: `AbortError` (its signal was aborted), `WorkerDied` (the worker ended: memory, or
 * a bug), `GpuLost` (the GPU was taken away), `GpuMemory` (the GPU has no memory left), `GpuValidation` (the
 * GPU refused a call: a bug), `Freed` (the run, the model or the engine was freed).
 *
 * After any of them the engine can be used again. A new worker starts by itself. When a model or a run is
 * used next, the model is loaded again from its files, and the run is computed again from its ids. The call
 * that `WorkerDied` or `GpuLost` stopped is repeated once by itself, and rejects only if that fails too.
 *
 * @module
 */
import { anyOriginWorker } from '../base/any_origin.js';
import { failure } from '../base/failure.js';
import { bringModel } from '../store/store.js';
import { checkedChoices } from './choices.js';
import { Download } from './download.js';
import { Experiments } from './experiments.js';
import { factsOf, Handle } from './handle.js';
import { after, isDeathOfHelper } from './helpers.js';
import { Jobs } from './jobs.js';
import { idsOf } from './options.js';
import { Run } from './run.js';
import { tuned, tuningOf, wantedTuning } from './tuning.js';

/**
 * @typedef {import('./choices.js').BackendChoice} BackendChoice
 * @typedef {import('./choices.js').Products} Products
 * @typedef {import('./tuning.js').Tuning} Tuning
 * @typedef {import('./choices.js').OpenOptions} OpenOptions
 *
 * @typedef {Blob | URL | string} File a file or its address; a string is an address relative to the page
 *
 * @typedef {object} OwnFiles a model of one's own
 * @property {File | File[]} weights a torch checkpoint or a safetensors file with f32, f16, bf16 or f64
 *   tensors under TransformerLens' names or the hub's; or all files of a checkpoint in several
 * @property {object | Blob} [index] the hub's index of several files, such as model.safetensors.index.json
 * @property {object | Blob} [config] the model's `HookedTransformerConfig` or its config.json of the hub
 * @property {File} [tokenizer] a Hugging Face tokenizer.json, or its address; without it the
 *   model runs on ids only
 * @property {Blob | URL | string} [specialTokens] the tokenizer_config.json or special_tokens_map.json beside
 *   it, or its address: it names the BOS
 *
 * @typedef {string | OwnFiles | Download} Source `'default'` or another id of models/catalogue.json, a
 *   repository of the hub, such as `'openai-community/gpt2'`, files of one's own, or a result of
 *   `Headscope.download`
 *
 * @typedef {object} LoadOptions
 * @property {(progress: { loaded: number, total: number }) => void} [onProgress] called as bytes arrive; both
 *   in bytes, over all files of the model. `total` grows with `loaded` where a server does not tell a file's
 *   length
 * @property {boolean} [half] keeps matrices in f32 as f16: half the memory, and other figures; default false
 * @property {AbortSignal} [signal]
 *
 * @typedef {import('./config.js').Config} Config
 * @typedef {import('./config.js').Origin} Origin
 *
 * @typedef {object} Memory
 * @property {number} wasm bytes of the wasm heaps, those of helpers among them
 * @property {number[]} helpers of it, the heap of each helper that has started
 * @property {number} gpu bytes of the buffers allocated on the GPU; 0 on the CPU
 *
 * @typedef {object} Encoding
 * @property {Uint32Array} ids
 * @property {string[]} pieces the text that each id alone decodes to
 *
 * The results of a run; see run.js.
 * @typedef {import('./run.js').Timing} Timing
 * @typedef {import('./run.js').Thresholds} Thresholds
 * @typedef {import('./run.js').Scores} Scores
 * @typedef {import('./run.js').Predictions} Predictions
 * @typedef {import('../figures/scores/dominant.js').Dominant} Dominant
 * @typedef {import('./run.js').Detection} Detection
 * @typedef {import('../figures/scores/index.js').UniformBaseline} UniformBaseline
 */

export { Download, Run };

/** After this many losses of the GPU, `auto` takes the CPU. */
const MOST_LOSSES = 2;

/** The engine: a worker with a backend, which loads and runs models. */
export class Headscope {
  /** @type {Jobs} */ #jobs;
  /** @type {import('./choices.js').EngineInfo} */ #info;

  /**
   * Called with the error when the worker died, the GPU went away or the GPU refused a call (`WorkerDied`,
   * `GpuLost`, `GpuValidation`). The next call starts another worker, perhaps on another backend: see
   * {@link Headscope.backend} after it.
   * @type {((error: Error) => void) | null}
   */
  onLost = null;

  /** @private @param {ReturnType<typeof checkedChoices>} choices */
  constructor({ backend, helpers, tuning }) {
    this.#info = { backend: 'cpu', adapter: '', software: false, helpers: 0 };
    let losses = 0;
    /** @type {number | undefined} */ let most;
    this.#jobs = new Jobs(
      startWorker,
      async (thread) => {
        // After `MOST_LOSSES` losses, most likely by the same work, `auto` stops trying the GPU.
        const givenUp = backend === 'auto' && losses >= MOST_LOSSES;
        const wanted = givenUp ? 'cpu' : backend;
        const [word, rate] = await wantedTuning({ backend: wanted, tuning });
        const info = await thread.call('open', wanted, helpers, word, rate, most);
        this.#info = givenUp
          ? { ...info, reason: `The GPU was lost ${losses} times since this page was opened.` }
          : info;
      },
      (error) => {
        if (error.name === 'GpuLost') losses++;
        most = after(error, most);
        // Without a helper the engine goes on by itself, and is slower.
        if (!isDeathOfHelper(error)) this.onLost?.(error);
      },
    );
  }

  /**
   * Starts an engine.
   *
   * Rejects with `GpuUnavailable` when `webgpu` is asked for and there is no adapter, with `OptionInvalid`
   * for an unknown backend, or with `WorkerDied` when the engine's files can't be loaded.
   * @param {OpenOptions} [options]
   * @returns {Promise<Headscope>}
   */
  static async open(options = {}) {
    const hs = new Headscope(checkedChoices(options));
    try {
      await hs.#jobs.add(async () => {});
    } catch (error) {
      hs.close();
      throw error;
    }
    return hs;
  }

  /**
   * Downloads a model's files, before there is an engine or for several engines. `loadModel` takes the
   * result.
   *
   * Rejects with `ModelNotFound` for an id that the catalogue does not have, and for a repository without
   * weights. Rejects with `ModelGated` where the hub wants to know who asks. Rejects with `ModelFetch` when a
   * download fails: no connection, an error of the server, an HTML page in place of the file, a file that is
   * cut short.
   * @param {Source} source
   * @param {LoadOptions} [options]
   * @returns {Promise<Download>}
   */
  static async download(source, options = {}) {
    return source instanceof Download ? source : Download.of(await bringModel(source, options));
  }

  /** The backend that computes: `'webgpu'` or `'cpu'`. */
  get backend() {
    return this.#info.backend;
  }

  /** The name of the GPU or of the CPU backend. */
  get adapter() {
    return this.#info.adapter;
  }

  /**
   * How many helpers the CPU backend has: workers on other cores that share the large products of a model.
   * Figures depend on them by rounding alone. One that dies is done without.
   */
  get helpers() {
    return this.#info.helpers;
  }

  /** How a GPU multiplies by weights; null on the CPU. @returns {Products | null} */
  get products() {
    return this.#info.tuning?.products ?? null;
  }

  /** How a GPU multiplies, who chose it, and the times of the candidates; null on the CPU. */
  get tuning() {
    return tuningOf(this.#info);
  }

  /** Whether WebGPU is emulated in software here. */
  get software() {
    return this.#info.software;
  }

  /** Whether `auto` took the CPU although the browser offers a WebGPU adapter. */
  get offersGpu() {
    return this.#info.offersGpu === true;
  }

  /** One sentence on why `auto` took the CPU; null where it did not. @returns {string | null} */
  get reason() {
    return this.#info.reason ?? null;
  }

  /**
   * Loads a model. A model of the hub is downloaded first; the download resumes where an earlier one broke
   * off. Its files are kept in this browser, where it allows that, and are not downloaded again.
   *
   * Rejects as {@link Headscope.download} does. Rejects with `CheckpointFormat`, `UnsafePickle`, `FileRead`,
   * `PartsMissing`, `KeysMismatch`, `TensorDtype`, `NonFiniteWeight`, `ConfigNeeded`, `ConfigFileNeeded`,
   * `ConfigInvalid`, `ModelUnsupported` or `GpuLimit` when the files can't be used, and with `DigestFailed`
   * when the SHA-256 of the weights can't be computed. A tokenizer that can't be used does not stop the
   * model: see {@link Model.tokenizerFault}.
   * @param {Source} source
   * @param {LoadOptions} [options]
   * @returns {Promise<Model>}
   */
  async loadModel(source, options = {}) {
    const { files } = await Headscope.download(source, options);
    const loading = this.#load(files, options);
    const [loaded, sha256] = await Promise.allSettled([loading, files.sha256]);
    // A damaged file explains any error of the engine, so its error goes first.
    if (sha256.status === 'rejected') {
      if (loaded.status === 'fulfilled') loaded.value.handle.free();
      throw sha256.reason;
    }
    if (loaded.status === 'rejected') throw loaded.reason;
    const { id, name } = files;
    return Model.of(this.#jobs, { id, name, files, sha256: sha256.value, ...loaded.value });
  }

  /** @param {import('../store/store.js').ModelFiles} files @param {LoadOptions} options */
  #load({ weights, index, config, tokenizer, specialTokens }, { half = false, signal }) {
    const [blobs, names] = [weights.map(({ blob }) => blob), weights.map(({ name }) => name)];
    const make = async (/** @type {import('../base/thread.js').Thread} */ thread) => {
      const id = await thread.call('load_model', blobs, names, index, config, tokenizer, specialTokens, half);
      if (this.backend === 'webgpu') this.#info = { ...this.#info, tuning: await tuned(thread) };
      return id;
    };
    const handle = new Handle(this.#jobs, { name: 'model', make, release: 'free_model' });
    const described = handle.use(async (thread, id) => {
      return factsOf(handle, await thread.call('model_info', id));
    }, signal);
    // A stopped load may finish all the same.
    described.catch(() => handle.free());
    return described;
  }

  /**
   * The memory that the engine uses. A wasm heap only grows, so `wasm` is also its maximum since the worker
   * started. A model's weights are in the heap on the CPU, and pass through it on their way to a GPU.
   * @returns {Promise<Memory>}
   */
  memory() {
    return this.#jobs.add((thread) => thread.call('memory'));
  }

  /** Ends the worker and frees all that it holds. Jobs that are not done reject with `Freed`. */
  close() {
    this.#jobs.close(failure('Freed', 'The engine was closed. Open another with Headscope.open().'));
  }
}

/** A loaded model. */
export class Model extends Experiments {
  #files;
  #jobs;
  #handle;

  /** @private @param {Jobs} jobs @param {import('./handle.js').ModelFacts} facts */
  constructor(jobs, facts) {
    const { handle, id, name, files, sha256, config, hasTokenizer, keys, family } = facts;
    super(handle, config);
    this.#files = files;
    this.#jobs = jobs;
    this.#handle = handle;
    /** Its id in models/catalogue.json; `''` for files of one's own. */
    this.id = id;
    /** Its name for a person: the catalogue's, or the name of the weights file. */
    this.name = name;
    /** SHA-256 of the weights file, 64 hex digits; of several files: of their sorted digests, one a line. */
    this.sha256 = sha256;
    /** Whether the model runs on text, not only on ids. */
    this.hasTokenizer = hasTokenizer;
    /** Where the weights come from. @type {Origin} */
    this.origin = Object.freeze({ family, files: files.weights.map((file) => file.name), repo: files.repo });
    /**
     * How the tensors of the weights file match the configuration, in a sentence: the number of tensors, and
     * of buffers that were ignored.
     */
    this.keys = keys;
    /** A sentence where the tokenizer's vocabulary does not quite fit the model's; else null. */
    this.tokenizerNote = facts.tokenizerNote;
    /** A sentence on why the tokenizer can't be used: the model then runs on ids. Else null. */
    this.tokenizerFault = facts.tokenizerFault;
    /** The BOS token as the vocabulary spells it; null for a model without one. */
    this.bos = facts.bos;
    /**
     * Whether `run` prepends the BOS where it is not told otherwise: the configuration's
     * `default_prepend_bos`, or else what TransformerLens does for the model's family.
     */
    this.prependsBos = facts.prependsBos;
  }

  /** @internal @param {Jobs} jobs @param {import('./handle.js').ModelFacts} facts */
  static of(jobs, facts) {
    return new Model(jobs, facts);
  }

  /**
   * The tokens of a text of any length, without the BOS that `run` prepends.
   *
   * Rejects with `NoTokenizer`, `TokenizerInvalid` or `NoTokenFor`.
   * @param {string} text
   * @returns {Promise<Encoding>}
   */
  encode(text) {
    return this.#handle.use((thread, id) => thread.call('encode', id, text));
  }

  /**
   * Runs the model. Of a text with more than `n_ctx` tokens only the beginning is run: see
   * {@link Run.dropped}.
   *
   * Rejects with `EmptyInput`, `NoTokenizer`, `TokenizerInvalid`, `NoTokenFor`, `TokenOutOfRange`,
   * `GpuLimit`, with `TooManyTokens` for too many ids, or with `OptionInvalid` for anything that is neither
   * text nor ids.
   * @param {string | Iterable<number>} textOrIds ids are taken as they are: no BOS is prepended
   * @param {object} [options]
   * @param {boolean} [options.prependBos] whether the model's BOS token is prepended to a text; default
   *   {@link Model.prependsBos}
   * @param {AbortSignal} [options.signal]
   * @returns {Promise<Run>}
   */
  async run(textOrIds, { prependBos, signal } = {}) {
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
   * The log-probabilities of ids, as {@link Run.logProbs}, with the weights as they are stored: what a model
   * at half precision is compared with. Another engine computes them on the CPU, and is closed again.
   *
   * Rejects as {@link Headscope.loadModel} and `run` do.
   * @param {Iterable<number>} ids
   * @param {{ signal?: AbortSignal }} [options]
   * @returns {Promise<Float32Array>}
   */
  async logProbsAsStored(ids, { signal } = {}) {
    const hs = await Headscope.open({ backend: 'cpu' });
    try {
      const model = await hs.loadModel(Download.of(this.#files), { signal });
      return await (await model.run(ids, { signal })).logProbs();
    } finally {
      hs.close();
    }
  }

  /** Frees the model. Its runs stay readable until the worker starts again, so free them first. */
  free() {
    this.#handle.free();
  }
}

/** A new worker; it loads the wasm beside it at once. */
function startWorker() {
  const Worker = anyOriginWorker();
  return new Worker(new URL('./worker.js', import.meta.url), { type: 'module' });
}
