/** A model's files, all here: `Headscope.download` gives them, and `loadModel` takes them. */
export class Download {
  #files;

  /** @private @param {import('../store/store.js').ModelFiles} files */
  constructor(files) {
    this.#files = files;
  }

  /** @internal @param {import('../store/store.js').ModelFiles} files */
  static of(files) {
    return new Download(files);
  }

  /** @internal */
  get files() {
    return this.#files;
  }
}
