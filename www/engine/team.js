/**
 * The helpers of the CPU backend: workers that each hold some columns of the large matrices. They need no
 * shared memory, so any static host will do.
 *
 * They start with the first matrix that is divided: small models gain nothing from them. The browser ends
 * them together with the worker that started them, so whatever ends the engine ends its helpers.
 */
import { anyOriginWorker } from '../base/any_origin.js';
import { failure } from '../base/failure.js';
import { Thread } from '../base/thread.js';
import { forThisMachine } from './helpers.js';

const NAMED = { code: 'WorkerDied', subject: 'A helper of the engine' };

/** The engine's helpers, as src/web/team.rs calls them. */
export class Team {
  #module;
  #onDeath;
  /** @type {Thread[]} */ #threads = [];

  /**
   * @param {{ chosen?: number, most?: number }} number the caller's choice, and the most after deaths
   * @param {WebAssembly.Module} module the compiled wasm
   * @param {(error: Error) => void} onDeath is called when a helper dies. Its columns are lost, so the
   *   engine can't go on; `data.helpers` is the number that the next engine should have
   */
  constructor({ chosen, most = Number.POSITIVE_INFINITY }, module, onDeath) {
    /** How many helpers there are, or will be. */
    this.count = Math.min(chosen ?? forThisMachine(), most);
    /** Whether the caller chose their number: they then share small models too. */
    this.chosen = chosen !== undefined;
    this.#module = module;
    this.#onDeath = onDeath;
  }

  /**
   * Calls a method of a helper, without an answer.
   * @param {number} helper @param {string} method @param {unknown[]} args
   */
  tell(helper, method, args) {
    void this.ask(helper, method, args);
  }

  /**
   * Calls a method of a helper. The promise never rejects: a helper that fails ends the engine.
   * @param {number} helper @param {string} method @param {unknown[]} args
   * @returns {Promise<any>}
   */
  ask(helper, method, args) {
    const arrays = args.filter((value) => ArrayBuffer.isView(value));
    const transfer = arrays.map((array) => /** @type {ArrayBuffer} */ (array.buffer));
    const answer = this.#started()[helper].hand(method, args, transfer);
    return answer.catch((error) => {
      this.#died(error);
      return new Promise(() => {});
    });
  }

  /** Bytes of the wasm heap of each helper that has started. @returns {Promise<number[]>} */
  memory() {
    return Promise.all(this.#threads.map((_, helper) => this.ask(helper, 'memory', [])));
  }

  #started() {
    if (this.#threads.length === 0)
      for (let helper = 0; helper < this.count; helper++) this.#threads.push(this.#start());
    return this.#threads;
  }

  #start() {
    const Worker = anyOriginWorker();
    const worker = new Worker(new URL('./helper.js', import.meta.url), { type: 'module' });
    const thread = new Thread(worker, (error) => this.#died(error), NAMED);
    thread.call('open', this.#module).catch((error) => this.#died(error));
    return thread;
  }

  /** @param {Error} error */
  #died(error) {
    // The next engine does with one less: the likeliest reason is memory.
    const data = { helpers: Math.max(0, this.count - 1) };
    this.#onDeath(failure('WorkerDied', error.message, { data, cause: error }));
  }
}
