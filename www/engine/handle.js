import { aborted, failure } from '../base/failure.js';

/**
 * @typedef {import('./jobs.js').Jobs} Jobs
 * @typedef {import('../base/thread.js').Thread} Thread
 * @typedef {import('./headscope.js').Config} Config
 *
 * @typedef {object} ModelFacts what a public `Model` is made of
 * @property {Handle} handle
 * @property {string} id
 * @property {string} name
 * @property {import('../store/store.js').ModelFiles} files
 * @property {string} sha256
 * @property {Config} config
 * @property {boolean} hasTokenizer
 * @property {string} keys
 * @property {string} family
 * @property {string | null} tokenizerNote
 * @property {string | null} tokenizerFault
 * @property {string | null} bos
 * @property {boolean} prependsBos
 *
 * @typedef {object} ModelInfo the worker's answer on a model
 * @property {Config} config
 * @property {boolean} has_tokenizer
 * @property {string} keys
 * @property {string} family
 * @property {string | null} tokenizer_note
 * @property {string | null} tokenizer_fault
 * @property {string | null} bos
 * @property {boolean} prepends_bos
 *
 * @typedef {object} RunInfo the worker's answer to a run
 * @property {number} run its number in the worker
 * @property {Uint32Array} ids
 * @property {string[]} pieces
 * @property {(Uint8Array | null)[]} fragments
 * @property {number} seq
 * @property {number} dropped
 * @property {string[]} uncovered
 * @property {import('./headscope.js').Timing} timing
 *
 * @typedef {{ handle: Handle, of: Handle, info: RunInfo, config: Config }} RunFacts what a public `Run` is
 *   made of; `of` is its model's handle
 *
 * @typedef {{ thread: Thread, id: number }} Place a worker, and the number of a thing in it
 */

/**
 * A model, a run or an experiment that lives in the worker, together with how to make it again: when its
 * worker has ended, the next use makes it in the new worker.
 */
export class Handle {
  #jobs;
  #make;
  #release;
  #name;
  /** @type {Place | null} */ #place;
  #freed = false;

  /**
   * @param {Jobs} jobs
   * @param {object} thing
   * @param {string} thing.name the word for it in a message
   * @param {(thread: Thread) => Promise<number>} thing.make makes it in a worker, and returns its number
   *   there
   * @param {string} thing.release the engine's method that frees it
   * @param {Place | null} [place] where it is already
   */
  constructor(jobs, { name, make, release }, place = null) {
    this.#jobs = jobs;
    this.#name = name;
    this.#make = make;
    this.#release = release;
    this.#place = place;
  }

  /** The jobs that use it. */
  get jobs() {
    return this.#jobs;
  }

  /**
   * Throws `Freed` after `free`. A use that was asked for before `free` is still done: jobs keep their order.
   */
  check() {
    if (this.#freed) throw failure('Freed', `This ${this.#name} was freed and can't be used any more.`);
  }

  /**
   * Does work with the thing, as one job.
   * @template T
   * @param {(thread: Thread, id: number) => Promise<T>} work
   * @param {AbortSignal} [signal]
   * @returns {Promise<T>}
   */
  async use(work, signal) {
    this.check();
    return this.#jobs.add(async (thread) => {
      const id = await this.idIn(thread);
      if (signal?.aborted) throw aborted(signal);
      return work(thread, id);
    }, signal);
  }

  /** Its number in a worker; makes it there first if need be. Only inside a job. @param {Thread} thread */
  async idIn(thread) {
    if (this.#place?.thread !== thread) this.#place = { thread, id: await this.#make(thread) };
    return this.#place.id;
  }

  free() {
    if (this.#freed) return;
    this.#freed = true;
    const release = async (/** @type {Thread} */ thread) => {
      if (this.#place?.thread === thread) await thread.call(this.#release, this.#place.id);
    };
    // A worker that is gone holds nothing; `onLost` tells of it.
    this.#jobs.add(release).catch(() => {});
  }
}

/**
 * The handles of each public run and of its model.
 * @type {WeakMap<object, { handle: Handle, of: Handle }>}
 */
const ofRuns = new WeakMap();

/** @param {object} run @param {Handle} handle @param {Handle} of its model's */
export function registerRun(run, handle, of) {
  ofRuns.set(run, { handle, of });
}

/** The handles of a run and of its model; undefined for anything that is no run. @param {unknown} thing */
export function handlesOf(thing) {
  return typeof thing === 'object' && thing ? ofRuns.get(thing) : undefined;
}

/**
 * What the worker says of a model, for a public `Model`.
 * @param {Handle} handle @param {ModelInfo} info
 */
export const factsOf = (handle, info) => ({
  handle,
  config: info.config,
  hasTokenizer: info.has_tokenizer,
  keys: info.keys,
  family: info.family,
  tokenizerNote: info.tokenizer_note,
  tokenizerFault: info.tokenizer_fault,
  bos: info.bos,
  prependsBos: info.prepends_bos,
});
