import { BUILD } from './build.js';
import { codesThat } from './error_codes.js';
import { failure } from './failure.js';

/**
 * A message of a worker. `call` answers the call of that number; the others come unasked.
 * @typedef
 *   {{ call: number, value: unknown } | { call: number, error: Told } | { broken: Told } | { lock: string }
 *   | { build: string }}
 *   Message
 * @typedef {{ name: string, message: string, data?: Record<string, unknown>, stack?: string }} Told
 *
 * @typedef {object} Named how a worker's death is told
 * @property {string} code of the error
 * @property {string} subject of its sentence
 */

/** Codes after which nothing in the worker can be used. */
const FATAL = codesThat(({ fatal }) => fatal);

/** @type {Named} */
const ENGINE = { code: 'WorkerDied', subject: 'The engine' };

/**
 * The life of one worker: calls go to it by message until it dies or is stopped. After that every call
 * rejects. The worker's side is base/answering.js. A handle that a worker gave is valid in that worker only.
 */
export class Thread {
  /** @type {Worker} */ #worker;
  /** @type {Map<number, { resolve: (value: any) => void, reject: (error: Error) => void }>} */ #calls =
    new Map();
  /** @type {Error | null} */ #end = null;
  #onDeath;
  #named;
  #lastCall = 0;
  #watch = new AbortController();

  /**
   * @param {Worker} worker
   * @param {(error: Error) => void} onDeath called once, unless `stop` comes first
   * @param {Named} [named]
   */
  constructor(worker, onDeath, named = ENGINE) {
    this.#worker = worker;
    this.#onDeath = onDeath;
    this.#named = named;
    worker.onmessage = ({ data }) => this.#hear(data);
    // A script that can't be loaded gives an event without a message.
    worker.onerror = (event) => {
      event.preventDefault();
      this.#die(this.#stopped(event.message || 'its script could not be loaded'));
    };
    worker.onmessageerror = () => this.#die(this.#stopped('its answer could not be read'));
  }

  /**
   * Calls a method in the worker.
   * @param {string} method
   * @param {...unknown} args
   * @returns {Promise<any>}
   */
  call(method, ...args) {
    return this.hand(method, args, []);
  }

  /**
   * Calls a method, and hands memory over to the worker.
   * @param {string} method
   * @param {unknown[]} args
   * @param {Transferable[]} transfer
   * @returns {Promise<any>}
   */
  hand(method, args, transfer) {
    if (this.#end) return Promise.reject(this.#end);
    return new Promise((resolve, reject) => {
      const call = ++this.#lastCall;
      this.#calls.set(call, { resolve, reject });
      this.#worker.postMessage({ call, method, args }, transfer);
    });
  }

  /** Ends the worker at once, whatever it is doing. @param {Error} reason its calls reject with this */
  stop(reason) {
    if (this.#end) return;
    this.#end = reason;
    this.#watch.abort();
    this.#worker.terminate();
    for (const { reject } of this.#calls.values()) reject(reason);
    this.#calls.clear();
  }

  /** @param {string} why */
  #stopped(why) {
    return failure(this.#named.code, `${this.#named.subject} stopped: ${why}.`);
  }

  /** @param {Error} error */
  #die(error) {
    if (this.#end) return;
    this.stop(error);
    this.#onDeath(error);
  }

  /** @param {Message} message */
  #hear(message) {
    if ('build' in message) return this.#check(message.build);
    if ('lock' in message) return this.#watchOver(message.lock);
    if ('broken' in message) return this.#die(retold(message.broken));
    const waiting = this.#calls.get(message.call);
    this.#calls.delete(message.call);
    if ('value' in message) return waiting?.resolve(message.value);
    const error = retold(message.error);
    waiting?.reject(error);
    if (FATAL.has(error.name)) this.#die(error);
  }

  /** Ends a worker of another build: a new one came while the page was open. @param {string} build */
  #check(build) {
    if (build === BUILD) return;
    const words = `The page is of build ${BUILD}, and its worker of build ${build}.`;
    this.#die(failure('BuildMixed', words, { data: { expected: BUILD, found: build } }));
  }

  /**
   * Notices a worker that the browser ended (out of memory, a crash): such a worker says nothing. The worker
   * holds this lock as long as it lives, and the browser frees the locks of a dead worker. Asking the worker
   * would not do: a busy worker does not answer for a minute.
   * @param {string} lock
   */
  #watchOver(lock) {
    navigator.locks
      .request(lock, { signal: this.#watch.signal }, () =>
        this.#die(this.#stopped('the browser ended its worker, most likely for want of memory')),
      )
      .catch(() => {}); // `stop` no longer waits for the lock
  }
}

/**
 * The worker's error as an error of this side: an error loses its name and its fields between threads.
 * @param {Told} told
 */
function retold({ name, message, data, stack }) {
  const error = failure(name, message, { data });
  if (stack) error.stack = stack;
  return error;
}
