import { codesThat } from '../base/error_codes.js';
import { failure } from '../base/failure.js';

/**
 * What the worker says. `call` answers the call of that number; the other two come unasked.
 * @typedef
 *   {{ call: number, value: unknown } | { call: number, error: Told } | { broken: Told } | { lock: string }}
 *   Message
 * @typedef {{ name: string, message: string, data?: Record<string, unknown>, stack?: string }} Told
 */

/** Codes after which nothing in the worker can be used. */
const FATAL = codesThat(({ fatal }) => fatal);

/**
 * One worker's life: calls go to it by message until it dies or is stopped, and after that everything
 * rejects.
 * Models and runs live in one thread and are gone with it, so a handle is only good together with the thread
 * it came from.
 */
export class Thread {
  /** @type {Worker} */ #worker;
  /** @type {Map<number, { resolve: (value: any) => void, reject: (error: Error) => void }>} */ #calls =
    new Map();
  /** @type {Error | null} */ #end = null;
  #onDeath;
  #lastCall = 0;
  #watch = new AbortController();

  /**
   * @param {Worker} worker
   * @param {(error: Error) => void} onDeath called once, unless `stop` comes first
   */
  constructor(worker, onDeath) {
    this.#worker = worker;
    this.#onDeath = onDeath;
    worker.onmessage = ({ data }) => this.#hear(data);
    // A script that can't be loaded gives an event without a message.
    worker.onerror = (event) => {
      event.preventDefault();
      this.#die(
        failure('WorkerDied', `The engine stopped: ${event.message || 'its script could not be loaded'}.`),
      );
    };
    worker.onmessageerror = () =>
      this.#die(failure('WorkerDied', 'The engine stopped: its answer could not be read.'));
  }

  /**
   * @param {string} method of the engine, in the worker
   * @param {...unknown} args
   * @returns {Promise<any>}
   */
  call(method, ...args) {
    if (this.#end) return Promise.reject(this.#end);
    return new Promise((resolve, reject) => {
      const call = ++this.#lastCall;
      this.#calls.set(call, { resolve, reject });
      this.#worker.postMessage({ call, method, args });
    });
  }

  /** Ends the worker at once, whatever it is doing. @param {Error} reason what its calls reject with */
  stop(reason) {
    if (this.#end) return;
    this.#end = reason;
    this.#watch.abort();
    this.#worker.terminate();
    for (const { reject } of this.#calls.values()) reject(reason);
    this.#calls.clear();
  }

  /** @param {Error} error */
  #die(error) {
    if (this.#end) return;
    this.stop(error);
    this.#onDeath(error);
  }

  /** @param {Message} message */
  #hear(message) {
    if ('lock' in message) return this.#watchOver(message.lock);
    if ('broken' in message) return this.#die(retold(message.broken));
    const waiting = this.#calls.get(message.call);
    this.#calls.delete(message.call);
    if ('value' in message) return waiting?.resolve(message.value);
    const error = retold(message.error);
    waiting?.reject(error);
    if (FATAL.has(error.name)) this.#die(error);
  }

  /**
   * A worker that the browser ends (out of memory, a crash) says nothing, and one that computes for a minute
   * answers no
   * question either. But the browser frees its locks: the worker holds this one as long as it lives, so
   * getting it
   * means that the worker is no more.
   * @param {string} lock
   */
  #watchOver(lock) {
    navigator.locks
      .request(lock, { signal: this.#watch.signal }, () =>
        this.#die(
          failure(
            'WorkerDied',
            'The engine stopped: the browser ended its worker, most likely for want of memory.',
          ),
        ),
      )
      .catch(() => {}); // `stop` no longer waits for it
  }
}

/**
 * The worker's error as one of this side: an error loses its name and its fields on its way between threads.
 * @param {Told} told
 */
function retold({ name, message, data, stack }) {
  const error = failure(name, message, { data });
  if (stack) error.stack = stack;
  return error;
}
