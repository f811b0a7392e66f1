/**
 * Bytes here and bytes in all, over a model's files.
 *
 * @typedef {import('./catalogue.js').Wanted} Wanted
 */
export class Progress {
  #loaded = 0;
  /** @type {Map<Wanted, number>} */ #sizes = new Map();

  /** @param {(Wanted | undefined)[]} files @param {import('../headscope.js').LoadOptions['onProgress']} onProgress */
  constructor(files, onProgress) {
    this.onProgress = onProgress;
    for (const file of files) {
      if (file) this.#sizes.set(file, file.from instanceof Blob ? file.from.size : (file.bytes ?? file.about ?? 0));
    }
  }

  /** @param {Wanted} file @param {number | undefined} bytes */
  expect(file, bytes) {
    if (bytes !== undefined && file.bytes === undefined) this.#sizes.set(file, bytes);
  }

  /** @param {number} bytes fewer than none where a download had to begin anew */
  add(bytes) {
    this.#loaded += bytes;
    const known = [...this.#sizes.values()].reduce((sum, size) => sum + size, 0);
    this.onProgress?.({ loaded: this.#loaded, total: Math.max(known, this.#loaded) });
  }
}
