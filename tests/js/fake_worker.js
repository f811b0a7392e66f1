// A fake worker for tests of the engine's client without a browser. It answers at once or on command.
import { NodeWorker } from './node_worker.js';

/**
 * @typedef {{ call: number, method: string, args: any[] }} Call
 * @typedef {(call: Call, worker: FakeWorker) => void} Answer
 */

/** Every worker made since `install`. @type {FakeWorker[]} */
export let workers = [];

/** Answers that replace the usual ones, by method. @type {Map<string, Answer>} */
export let answers = new Map();

/** The model of the usual answers: one layer of one head, four ids. */
export const CONFIG = {
  n_layers: 2,
  n_heads: 1,
  d_model: 2,
  d_head: 2,
  n_ctx: 8,
  d_vocab: 4,
  normalization_type: null,
  positional_embedding_type: 'shortformer',
  eps: 1e-5,
};

/** Replaces the browser's Worker by the fake, and forgets earlier workers. */
export function install() {
  workers = [];
  answers = new Map();
  class Chosen {
    /** @param {URL} script */
    constructor(script) {
      // biome-ignore lint/correctness/noConstructorReturn: the script decides which worker it is
      return script.pathname.endsWith('/hash_worker.js') ? new NodeWorker(script) : new FakeWorker();
    }
  }
  Object.assign(globalThis, { Worker: Chosen, origin: 'null' });
}

export class FakeWorker {
  /** @type {((event: { data: any }) => void) | null} */ onmessage = null;
  /** @type {((event: { message?: string, preventDefault(): void }) => void) | null} */ onerror = null;
  terminated = false;
  /** @type {Call[]} */ calls = [];
  #lastHandle = 0;

  constructor() {
    workers.push(this);
  }

  /** @param {Call} call */
  postMessage(call) {
    this.calls.push(structuredClone(call));
    const answer = answers.get(call.method);
    if (answer) answer(call, this);
    else this.reply(call, this.usual(call));
  }

  terminate() {
    this.terminated = true;
  }

  /** @param {Call} call @param {unknown} value */
  reply(call, value) {
    this.say({ call: call.call, value });
  }

  /** @param {unknown} data */
  say(data) {
    queueMicrotask(() => !this.terminated && this.onmessage?.({ data }));
  }

  /** @param {Call} call */
  usual({ method, args }) {
    switch (method) {
      case 'open':
        return { backend: 'cpu', adapter: 'fake', software: false, reason: null, helpers: 0 };
      case 'load_model':
        return ++this.#lastHandle;
      case 'model_info':
        return {
          config: CONFIG,
          has_tokenizer: true,
          keys: 'All keys matched: 20 tensors',
          tokenizer_note: null,
        };
      case 'memory':
        return { wasm: 1 << 20, gpu: 0 };
      case 'run_text':
        return {
          run: ++this.#lastHandle,
          ids: Uint32Array.of(0, 1),
          pieces: ['<|endoftext|>', args[1]],
          fragments: [null, null],
          seq: 2,
          dropped: 0,
          timing: {},
        };
      case 'run_ids':
        return {
          run: ++this.#lastHandle,
          ids: args[1],
          pieces: [],
          fragments: [],
          seq: args[1].length,
          dropped: 0,
          timing: {},
        };
      case 'pattern':
        return Float32Array.of(1, 0, 0.5, 0.5);
      default:
        return undefined;
    }
  }

  /** The methods called so far, without freeing ones. */
  get methods() {
    return this.calls.map(({ method }) => method).filter((method) => !method.startsWith('free'));
  }
}
