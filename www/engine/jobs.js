import { codesThat } from '../base/error_codes.js';
import { aborted } from '../base/failure.js';
import { Thread } from '../base/thread.js';
import { isDeathOfHelper } from './helpers.js';

/**
 * A job that is stopped may finish by itself for this long before its worker is ended. Starting a worker
 * takes longer than most runs, so waiting for an overtaken run is cheaper than ending it.
 */
const GRACE_MS = 250;

/** Ends of a worker after which its job is done once more: the next worker may be able to do it. */
const REPEATED = codesThat(({ repeated }) => repeated);

/** @typedef {{ thread: Thread, ready: Promise<Thread> }} Engine */

/** Runs one job at a time, in the order in which they came, in a worker that starts again after its death. */
export class Jobs {
  #startWorker;
  #opened;
  #onDeath;
  /** @type {{ start: () => void, drop: (error: Error) => void }[]} */ #waiting = [];
  #busy = false;
  /** The worker that is open or opening. @type {Engine | null} */ #engine = null;
  /** @type {Error | null} */ #closed = null;

  /**
   * @param {() => Worker} startWorker
   * @param {(thread: Thread) => Promise<void>} opened makes a new worker's first calls, before any job
   * @param {(error: Error) => void} onDeath is called when an open worker dies, and not after `close`
   */
  constructor(startWorker, opened, onDeath) {
    this.#startWorker = startWorker;
    this.#opened = opened;
    this.#onDeath = onDeath;
  }

  /**
   * Adds a job. `signal` drops a job that waits. Of a job at work the promise rejects at once, and the worker
   * is ended if the job takes much longer.
   * @template T
   * @param {(thread: Thread) => Promise<T>} work
   * @param {AbortSignal} [signal]
   * @returns {Promise<T>}
   */
  add(work, signal) {
    return new Promise((resolve, reject) => {
      if (this.#closed) return reject(this.#closed);
      if (signal?.aborted) return reject(aborted(signal));
      const job = {
        start: () => {
          signal?.removeEventListener('abort', dropped);
          void this.#run(work, signal).then(resolve, reject);
        },
        drop: (/** @type {Error} */ error) => {
          signal?.removeEventListener('abort', dropped);
          this.#waiting = this.#waiting.filter((other) => other !== job);
          reject(error);
        },
      };
      const dropped = () => job.drop(aborted(/** @type {AbortSignal} */ (signal)));
      signal?.addEventListener('abort', dropped);
      this.#waiting.push(job);
      this.#next();
    });
  }

  /** Ends the worker. Every job rejects, waiting or not. @param {Error} reason */
  close(reason) {
    this.#closed = reason;
    for (const job of [...this.#waiting]) job.drop(reason);
    this.#engine?.thread.stop(reason);
    this.#engine = null;
  }

  #next() {
    if (this.#busy) return;
    const job = this.#waiting.shift();
    if (!job) return;
    this.#busy = true;
    job.start();
  }

  /**
   * Runs a job. The promise settles as soon as the caller can be told. The next job waits for the work to
   * end.
   *
   * Work that a helper's death has stopped is done again, by an engine with one helper less. Work that the
   * death of the worker or the loss of the GPU has stopped is done once more, by the next worker. If that
   * fails too, the promise rejects.
   * @template T
   * @param {(thread: Thread) => Promise<T>} work @param {AbortSignal} [signal]
   * @returns {Promise<T>}
   */
  #run(work, signal) {
    return new Promise((resolve, reject) => {
      /** @type {ReturnType<typeof setTimeout> | undefined} */ let grace;
      const stopped = () => {
        const reason = aborted(/** @type {AbortSignal} */ (signal));
        reject(reason);
        grace = setTimeout(() => this.#restart(reason), GRACE_MS);
      };
      signal?.addEventListener('abort', stopped);
      const attempt = () => this.#open().then(work);
      let repeated = false;
      /** @param {any} error @returns {Promise<T>} */
      const again = (error) => {
        if (signal?.aborted || !(isDeathOfHelper(error) || (REPEATED.has(error?.name) && !repeated)))
          throw error;
        repeated ||= !isDeathOfHelper(error);
        return attempt().catch(again);
      };
      void attempt()
        .catch(again)
        .then(resolve, reject)
        .finally(() => {
          clearTimeout(grace);
          signal?.removeEventListener('abort', stopped);
          this.#busy = false;
          this.#next();
        });
    });
  }

  /** The worker that is open, or a new one. @returns {Promise<Thread>} */
  async #open() {
    if (this.#closed) throw this.#closed;
    if (this.#engine) return this.#engine.ready;
    let open = false;
    const thread = new Thread(this.#startWorker(), (error) => {
      if (this.#engine?.thread === thread) this.#engine = null;
      // A worker that dies before it is open rejects the job that waits for it.
      if (open) this.#onDeath(error);
    });
    const ready = this.#opened(thread).then(
      () => {
        open = true;
        return thread;
      },
      (error) => {
        if (this.#engine?.thread === thread) this.#engine = null;
        thread.stop(error);
        throw error;
      },
    );
    this.#engine = { thread, ready };
    return ready;
  }

  /** Ends the worker and starts the next one at once, before a job needs it. @param {Error} reason */
  #restart(reason) {
    this.#engine?.thread.stop(reason);
    this.#engine = null;
    this.#open().catch(() => {}); // the next job tries again, and rejects with the error
  }
}
