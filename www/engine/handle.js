import { aborted, failure } from '../base/failure.js';

/**
 * @typedef {import('./jobs.js').Jobs} Jobs
 * @typedef {import('../base/thread.js').Thread} Thread
 *
 * What the public classes are made of.
 * @typedef
 *   {{ held: Held, id: string, name: string, sha256: string, config: import('./headscope.js').Config, hasTokenizer: boolean, keys: string, tokenizerNote: string | null }}
 *   ModelFacts
 * @typedef
 *   {{ run: number, ids: Uint32Array, pieces: string[], fragments: (Uint8Array | null)[], seq: number, dropped: number, timing: import('./headscope.js').Timing }}
 *   RunInfo
 * @typedef {{ held: Held, of: Held, info: RunInfo, config: import('./headscope.js').Config }} RunFacts
 *   `of`: its model's
 */

/**
 * A thing that lives in the worker under a handle, a model or a run, together with how to make it again: when
 * the worker
 * that had it is gone, the next use makes it in the new one.
 */
export class Held {
  #jobs;
  #make;
  #release;
  #name;
  /** @type {{ thread: Thread, handle: number } | null} */ #place;
  #freed = false;

  /**
   * @param {Jobs} jobs
   * @param {object} thing
   * @param {string} thing.name what a person calls it
   * @param {(thread: Thread) => Promise<number>} thing.make
   * @param {string} thing.release the engine's method that frees it
   * @param {{ thread: Thread, handle: number } | null} [place] where it is already
   */
  constructor(jobs, { name, make, release }, place = null) {
    this.#jobs = jobs;
    this.#name = name;
    this.#make = make;
    this.#release = release;
    this.#place = place;
  }

  /** Whose jobs use it. */
  get jobs() {
    return this.#jobs;
  }

  /**
   * Throws when it was freed. A use that was asked for before is still carried out, since the work keeps its
   * order.
   */
  check() {
    if (this.#freed) throw failure('Freed', `This ${this.#name} was freed and can't be used any more.`);
  }

  /**
   * @template T
   * @param {(thread: Thread, handle: number) => Promise<T>} work
   * @param {AbortSignal} [signal]
   * @returns {Promise<T>}
   */
  async use(work, signal) {
    this.check();
    return this.#jobs.add(async (thread) => {
      const handle = await this.handleIn(thread);
      if (signal?.aborted) throw aborted(signal);
      return work(thread, handle);
    }, signal);
  }

  /** Its handle, after making it again where it is not. Only inside a job. @param {Thread} thread */
  async handleIn(thread) {
    if (this.#place?.thread !== thread) this.#place = { thread, handle: await this.#make(thread) };
    return this.#place.handle;
  }

  free() {
    if (this.#freed) return;
    this.#freed = true;
    const release = async (/** @type {Thread} */ thread) => {
      if (this.#place?.thread === thread) await thread.call(this.#release, this.#place.handle);
    };
    this.#jobs.add(release).catch(() => {}); // if the worker is gone, so is what it held, and that is told by onLost
  }
}

/**
 * What stands for each run in the worker, and for the model that it is of.
 * @type {WeakMap<object, { held: Held, of: Held }>}
 */
const holds = new WeakMap();

/** @param {object} run @param {Held} held @param {Held} of its model's */
export function hold(run, held, of) {
  holds.set(run, { held, of });
}

/** What stands for a thing in the worker, if anything does. @param {unknown} thing */
export function heldOf(thing) {
  return typeof thing === 'object' && thing ? holds.get(thing) : undefined;
}
