/**
 * The tokenizer's wasm: a module of its own, because it is larger than the engine. Helpers and runs on ids do
 * without it.
 */
import init, { Tokenizer } from '../wasm/tokenizer.js';

/** The module, once it is asked for. */
export class Tokenizers {
  #started;
  /** @type {WebAssembly.Memory | null} */ #heap = null;

  /** @param {Promise<unknown>} before what is loaded first @param {any} source of the wasm */
  constructor(before, source) {
    this.#started = before
      .then(() => init({ module_or_path: source }))
      .then(({ memory }) => {
        this.#heap = memory;
      });
    // The call that waits for it reports a failure; until then it must not count as unhandled.
    this.#started.catch(() => {});
  }

  /**
   * Reads a `tokenizer.json`. Rejects with the name `TokenizerInvalid` where it can't be used.
   * @param {Uint8Array} json
   * @param {string} [special] a `tokenizer_config.json` or `special_tokens_map.json`
   */
  async read(json, special) {
    await this.#started;
    return new Tokenizer(json, special);
  }

  /** Bytes of the module's heap; 0 until it is loaded. */
  get bytes() {
    return this.#heap?.buffer.byteLength ?? 0;
  }
}
