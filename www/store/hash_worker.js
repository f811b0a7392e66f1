/**
 * The worker that computes SHA-256 digests: several at once, each of bytes that arrive in order. The client
 * is hashing.js.
 */
import { createSHA256 } from 'hash-wasm';
import { answerCalls } from '../base/answering.js';
import { failure, wordsOf } from '../base/failure.js';

/** Bytes of a Blob that are read at a time. */
const SLICE = 4 << 20;

/**
 * @typedef {object} Running a digest in progress
 * @property {Promise<import('hash-wasm').IHasher>} hasher
 * @property {Promise<unknown>} added settles when the last bytes that came are hashed; rejects for good after
 *   a failure
 */

/** The digests in progress, by number. @type {Map<number, Running>} */
const running = new Map();

/** @param {number} id */
function started(id) {
  const hasher = createSHA256();
  const digest = { hasher, added: hasher };
  running.set(id, digest);
  return digest;
}

/** @type {Record<string, (id: number, bytes: Uint8Array | Blob) => unknown>} */
const METHODS = {
  /** Hashes the next bytes of a digest, after all that came before. */
  add(id, bytes) {
    const digest = running.get(id) ?? started(id);
    digest.added = digest.added.then(() =>
      bytes instanceof Blob ? hashBlob(id, digest, bytes) : hash(digest, bytes),
    );
    return digest.added;
  },

  /** The digest of all bytes that were added, 64 hex digits. */
  async finish(id) {
    const digest = running.get(id) ?? started(id);
    await digest.added;
    return (await digest.hasher).digest('hex');
  },

  /** Frees a digest; bytes of it that still wait are not hashed. */
  drop: (id) => void running.delete(id),
};

/** @param {Running} digest @param {Uint8Array} bytes */
async function hash(digest, bytes) {
  (await digest.hasher).update(bytes);
}

/** @param {number} id @param {Running} digest @param {Blob} blob */
async function hashBlob(id, digest, blob) {
  for (let at = 0; at < blob.size && running.get(id) === digest; at += SLICE) {
    const slice = blob.slice(at, at + SLICE);
    const bytes = await slice.arrayBuffer().catch((cause) => {
      const name = blob instanceof File ? blob.name : 'The file';
      throw failure('FileRead', `${name} could not be read: ${wordsOf(cause)}`, { data: { name } });
    });
    await hash(digest, new Uint8Array(bytes));
  }
}

answerCalls(
  async (method, [id, bytes]) =>
    METHODS[method](/** @type {number} */ (id), /** @type {Uint8Array | Blob} */ (bytes)),
  (thrown) => {
    const { name, data } = /** @type {Error & { data?: Record<string, unknown> }} */ (thrown);
    const message = wordsOf(thrown);
    return name === 'FileRead'
      ? { name, message, data }
      : { name: 'DigestFailed', message: `The SHA-256 of a file could not be computed: ${message}` };
  },
);
