/**
 * One downloaded file, kept in parts as it arrives. A download that broke off continues where it stopped,
 * even after the page was closed. No more than one part is in memory at a time. Where nothing can be kept, or
 * the disk is full, the parts stay in memory and are used all the same.
 *
 * @typedef {import('./storage.js').Shelf} Shelf
 *
 * @typedef {object} About a file, in words that outlive the page
 * @property {string} from its address
 * @property {number | null} bytes its length; null where the server does not tell it
 * @property {string | null} etag the server's name for this version of the file
 * @property {string | null} sha256 set once the file is known to be right: by the catalogue, or since the
 *   engine loaded it
 *
 * @typedef {{ from: string, bytes: number, whole: boolean }} KeptFile a file on the disk, of this address
 */
import { Digest, digestOf } from './hashing.js';

/** Bytes of a part. */
export const PART = 8 << 20;

const ABOUT = '.about.json';

/** @param {string} name @param {number} part */
const partOf = (name, part) => `${name}.part${String(part).padStart(5, '0')}`;

export class Kept {
  #shelf;
  #name;
  /** @type {Blob[]} */ #parts = [];
  /** @type {Uint8Array<ArrayBuffer>[]} */ #loose = [];
  #looseBytes = 0;
  /** The digest of the file, while it arrives. @type {Digest | null} */ #arriving = null;
  /** @type {Promise<string> | null} */ #digest = null;
  /** @type {About} */ about;
  /** Why nothing more is kept, in the browser's words. @type {string | null} */
  refused = null;

  /** @param {Shelf | null} shelf @param {string} name @param {About} about */
  constructor(shelf, name, about) {
    this.#shelf = shelf;
    this.#name = name;
    this.about = about;
  }

  /**
   * Opens what is here of a file from an earlier visit, perhaps nothing.
   * @param {Shelf | null} shelf @param {string} name @param {string} from
   */
  static async open(shelf, name, from) {
    const fresh = () => new Kept(shelf, name, { from, bytes: null, etag: null, sha256: null });
    if (!shelf) return fresh();
    const about = await readAbout(shelf, name);
    if (about?.from !== from) return fresh();
    const kept = new Kept(shelf, name, about);
    for (;;) {
      const part = await shelf.read(partOf(name, kept.#parts.length));
      if (part) kept.#parts.push(part);
      if (part?.size !== PART) return kept; // a short part is the last one
    }
  }

  /** Bytes that are here. */
  get bytes() {
    return this.#parts.reduce((sum, part) => sum + part.size, this.#looseBytes);
  }

  /** Whether all of it is here. */
  get whole() {
    return this.bytes === this.about.bytes;
  }

  /** The bytes that are here. Bytes on the disk are read from there when they are wanted. */
  get blob() {
    return new Blob([...this.#parts, ...this.#loose]);
  }

  /** Whether the file stays after the page is closed. */
  get stays() {
    return this.#shelf !== null;
  }

  /** Hashes the bytes that are here, and from now on the bytes that arrive. */
  hashArriving() {
    this.#arriving = new Digest();
    if (this.bytes) void this.#arriving.add(this.blob);
  }

  /**
   * The SHA-256 of the whole file, 64 hex digits. Rejects as `Digest.finish` does.
   * @returns {Promise<string>}
   */
  digest() {
    this.#digest ??= this.#arriving?.finish() ?? digestOf(this.blob);
    this.#digest.catch(() => {}); // told to the caller
    return this.#digest;
  }

  /** Ends the download before the file is whole. */
  leave() {
    this.#arriving?.stop();
    this.#arriving = null;
  }

  /** Begins anew. @param {Pick<About, 'bytes' | 'etag'>} answer */
  async restart({ bytes, etag }) {
    if (this.#arriving) {
      this.#arriving.stop();
      this.#arriving = new Digest();
    }
    this.#parts = [];
    this.#loose = [];
    this.#looseBytes = 0;
    this.about = { from: this.about.from, bytes, etag, sha256: null };
    try {
      if (this.#shelf) await removeKept(this.#shelf, this.#name);
    } catch (error) {
      await this.#carryOn(error);
    }
    await this.#writeAbout();
  }

  /** @param {Uint8Array<ArrayBuffer>} chunk */
  async append(chunk) {
    for (let at = 0; at < chunk.length; ) {
      const taken = chunk.subarray(at, at + PART - this.#looseBytes);
      this.#loose.push(taken);
      this.#looseBytes += taken.length;
      at += taken.length;
      if (this.#looseBytes === PART) await this.#putDown();
    }
    await this.#arriving?.add(chunk);
  }

  /**
   * Keeps what came since the last whole part: the file is whole now. A short part is always the last part.
   * So what came past the last whole part of a broken download is not kept, and is asked for again.
   */
  async finish() {
    const told = this.about.bytes !== null;
    this.about.bytes = this.bytes;
    if (this.#looseBytes) await this.#putDown();
    if (!told) await this.#writeAbout();
    if (this.#arriving) void this.digest();
  }

  /** Remembers the digest of a file that is right: from now on no other digest is. @param {string} sha256 */
  async verified(sha256) {
    this.about = { ...this.about, sha256 };
    await this.#writeAbout();
  }

  /** Deletes a file that is wrong from the disk. Who has its bytes can still use them. */
  async forget() {
    const shelf = this.#shelf;
    this.#shelf = null;
    if (shelf) await removeKept(shelf, this.#name);
  }

  async #putDown() {
    const part = new Blob(this.#loose);
    this.#loose = [];
    this.#looseBytes = 0;
    const at = this.#parts.push(part) - 1;
    if (!this.#shelf) return;
    const name = partOf(this.#name, at);
    try {
      await this.#shelf.write(name, part);
      // A part on the disk is dropped from memory.
      this.#parts[at] = (await this.#shelf.read(name)) ?? part;
    } catch (error) {
      await this.#carryOn(error);
    }
  }

  async #writeAbout() {
    try {
      await this.#shelf?.write(this.#name + ABOUT, new Blob([JSON.stringify(this.about)]));
    } catch (error) {
      await this.#carryOn(error);
    }
  }

  /** Continues without the disk: moves the parts into memory and deletes them. @param {unknown} error */
  async #carryOn(error) {
    const shelf = this.#shelf;
    this.#shelf = null;
    this.refused = error instanceof Error ? error.message || error.name : String(error);
    for (const [at, part] of this.#parts.entries()) this.#parts[at] = new Blob([await part.arrayBuffer()]);
    // A disk that can't be written may not be tidied either.
    if (shelf) await removeKept(shelf, this.#name).catch(() => {});
  }
}

/** @param {Shelf} shelf @param {string} name @returns {Promise<About | null>} */
async function readAbout(shelf, name) {
  const text = await (await shelf.read(name + ABOUT))?.text();
  try {
    return text ? JSON.parse(text) : null;
  } catch {
    return null; // cut short when the page was closed: the file is downloaded again
  }
}

/**
 * Deletes a kept file, or every kept file of a model.
 * @param {Shelf} shelf
 * @param {string} name of one file, `id.weights`, or of a model, `id`
 */
export async function removeKept(shelf, name) {
  const under = (await shelf.names()).filter((other) => other.startsWith(`${name}.`));
  // The description goes first, so that half a removal leaves nothing that claims to be whole.
  under.sort((left, right) => Number(right.endsWith(ABOUT)) - Number(left.endsWith(ABOUT)));
  for (const other of under) await shelf.remove(other);
}

/**
 * Every kept file by its name, with its address, its bytes on the disk and whether it is whole.
 * @param {Shelf} shelf
 * @returns {Promise<Map<string, KeptFile>>}
 */
export async function keptFiles(shelf) {
  /** @type {Map<string, KeptFile>} */ const found = new Map();
  const names = await shelf.names();
  for (const about of names.filter((name) => name.endsWith(ABOUT))) {
    const name = about.slice(0, -ABOUT.length);
    const from = (await readAbout(shelf, name))?.from;
    if (from === undefined) continue;
    const kept = await Kept.open(shelf, name, from);
    found.set(name, { from, bytes: kept.bytes, whole: kept.whole });
  }
  return found;
}
