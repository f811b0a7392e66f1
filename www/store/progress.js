/**
 * Counts the bytes that are here and the bytes in all, over a model's files.
 *
 * @typedef {import('./catalogue.js').Wanted} Wanted
 * @typedef {{ loaded: number, total: number }} Far
 * @typedef {{ kept: number, waiting: boolean }} How `kept`: bytes that did not have to be downloaded, from an
 *   earlier visit or another tab; `waiting`: another tab downloads the file
 * @typedef {(far: Far, how: How) => void} OnProgress
 */
export class Progress {
  /** Of each file. @type {Map<Wanted, { size: number, loaded: number, kept: number }>} */ #files = new Map();
  #waiting = 0;

  /** @param {(Wanted | undefined)[]} files @param {OnProgress | undefined} onProgress */
  constructor(files, onProgress) {
    this.onProgress = onProgress;
    for (const file of files) if (file) this.#of(file);
  }

  /** @param {Wanted} file */
  #of(file) {
    const known = this.#files.get(file);
    if (known) return known;
    const size = file.from instanceof Blob ? file.from.size : (file.bytes ?? file.about ?? 0);
    const fresh = { size, loaded: 0, kept: 0 };
    this.#files.set(file, fresh);
    return fresh;
  }

  /** Takes a file's length from an answer. @param {Wanted} file @param {number | null} bytes */
  expect(file, bytes) {
    if (bytes !== null && file.bytes === undefined) this.#of(file).size = bytes;
  }

  /**
   * Sets the bytes of a file that are here before anything comes; fewer than before where it is begun anew.
   * @param {Wanted} file
   * @param {number} bytes
   */
  has(file, bytes) {
    Object.assign(this.#of(file), { loaded: bytes, kept: bytes });
    this.#tell();
  }

  /** @param {Wanted} file @param {number} bytes */
  came(file, bytes) {
    this.#of(file).loaded += bytes;
    this.#tell();
  }

  /** @param {boolean} waits true where a file begins to wait for another tab, false where it ends */
  waits(waits) {
    this.#waiting += waits ? 1 : -1;
    this.#tell();
  }

  #tell() {
    const far = { loaded: 0, total: 0 };
    const how = { kept: 0, waiting: this.#waiting > 0 };
    for (const { size, loaded, kept } of this.#files.values()) {
      far.loaded += loaded;
      far.total += Math.max(size, loaded);
      how.kept += kept;
    }
    this.onProgress?.(far, how);
  }
}
