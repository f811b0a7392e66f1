/**
 * SHA-256 of files, computed in a worker of its own while the bytes arrive. The main thread only hands bytes
 * over. Memory stays constant, whatever a file's size.
 */
import { anyOriginWorker } from '../base/any_origin.js';
import { isKnown } from '../base/error_codes.js';
import { failure, wordsOf } from '../base/failure.js';
import { Thread } from '../base/thread.js';

const NAMED = { code: 'DigestFailed', subject: 'The worker that computes SHA-256' };

/** The worker, and how many digests use it; null while no digest is in progress. */
let shared = /** @type {Lent | null} */ (null);
let lastId = 0;

/** @typedef {{ thread: Thread, users: number }} Lent */

/** @param {string} why @param {unknown} [cause] */
const failed = (why, cause) =>
  failure('DigestFailed', `The SHA-256 of a file could not be computed: ${why}`, { cause });

/** @returns {Lent} */
function borrow() {
  if (!shared) {
    const Worker = anyOriginWorker();
    const worker = new Worker(new URL('./hash_worker.js', import.meta.url), { type: 'module' });
    // After its death the next digest starts another worker.
    const dead = () => {
      if (shared === lent) shared = null;
    };
    const lent = { thread: new Thread(worker, dead, NAMED), users: 0 };
    shared = lent;
  }
  shared.users++;
  return shared;
}

/** Ends the worker after its last digest. @param {Lent} lent */
function giveBack(lent) {
  lent.users--;
  if (lent.users > 0) return;
  lent.thread.stop(failed('it was stopped'));
  if (shared === lent) shared = null;
}

/** The SHA-256 of bytes that arrive one after the other. Ends with `finish` or `stop`. */
export class Digest {
  #id = ++lastId;
  /** @type {Lent | null} */ #lent = null;
  /** Settles when the last bytes are hashed, or could not be. */
  #added = Promise.resolve();
  /** The first failure. @type {Error | null} */ #failed = null;

  constructor() {
    try {
      this.#lent = borrow();
    } catch (cause) {
      this.#failed = failed(`no worker could be started: ${wordsOf(cause)}`, cause);
    }
  }

  /**
   * Adds bytes. Resolves when all bytes before these are hashed, so that at most two chunks wait in memory.
   * Never rejects: `finish` tells what failed.
   * @param {Uint8Array | Blob} bytes the worker reads a Blob itself, slice by slice
   */
  async add(bytes) {
    const before = this.#added;
    // A message copies all of the memory that an array is a view of.
    const whole = bytes instanceof Blob || bytes.byteLength === bytes.buffer.byteLength;
    this.#added = this.#call('add', whole ? bytes : bytes.slice()).catch((thrown) => {
      this.#failed ??= isKnown(thrown.name) ? thrown : failed(wordsOf(thrown), thrown);
    });
    await before;
  }

  /**
   * The digest of all bytes, 64 hex digits. Rejects with `FileRead` where a Blob could not be read, else with
   * `DigestFailed`.
   * @returns {Promise<string>}
   */
  async finish() {
    try {
      await this.#added;
      return await this.#call('finish');
    } finally {
      this.stop();
    }
  }

  /** Ends the digest and frees its memory. */
  stop() {
    const lent = this.#lent;
    if (!lent) return;
    this.#call('drop').catch(() => {}); // where the worker is dead, nothing is left to free
    this.#lent = null;
    giveBack(lent);
  }

  /** @param {string} method @param {Uint8Array | Blob} [bytes] @returns {Promise<any>} */
  #call(method, bytes) {
    if (this.#lent && !this.#failed) return this.#lent.thread.call(method, this.#id, bytes);
    return Promise.reject(this.#failed ?? failed('it was stopped'));
  }
}

/**
 * The SHA-256 of a whole file. Rejects as {@link Digest.finish} does.
 * @param {Blob} blob
 * @returns {Promise<string>} 64 hex digits
 */
export async function digestOf(blob) {
  const digest = new Digest();
  await digest.add(blob);
  return digest.finish();
}
