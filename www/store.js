/**
 * Where models come from: the catalogue beside headscope.js, addresses, and the visitor's own files. The one module that
 * fetches.
 */
import { aborted, failure, wordsOf } from './engine/failure.js';
import { sha256 } from './engine/sha256.js';

/** The shape of models/catalogue.json that is understood; models/README.md describes it. */
const CATALOGUE_VERSION = 1;

/**
 * @typedef {{ path: string, bytes: number, sha256: string }} CatalogueFile
 * @typedef {{ id: string, name: string, weights: CatalogueFile, config: CatalogueFile, tokenizer?: CatalogueFile }} Entry
 *
 * @typedef {object} Wanted one file of a model, before it is here
 * @property {Blob | URL} from
 * @property {number} [bytes] how long it has to be
 * @property {string} [sha256] what its bytes have to be
 *
 * @typedef {{ id: string, name: string, weights: Wanted, config?: Wanted, tokenizer?: Wanted }} WantedModel
 *
 * @typedef {object} ModelFiles a model's files, all here
 * @property {string} id the catalogue's, or '' for a model of the visitor's own
 * @property {string} name what a person calls it: the catalogue's name, or the name of the weights file
 * @property {Blob} weights
 * @property {string} config JSON; an empty object where there is none, so that the engine says which field it misses
 * @property {Uint8Array | undefined} tokenizer the bytes of a tokenizer.json
 * @property {Promise<string>} sha256 of the weights, hex, found while the engine reads them already; rejects with
 *   `ModelFetch` when the catalogue has another
 */

/**
 * Brings a model's files here.
 * @param {string | import('./headscope.js').OwnFiles} source
 * @param {import('./headscope.js').LoadOptions} options
 * @returns {Promise<ModelFiles>}
 */
export async function bringModel(source, { onProgress, signal }) {
  if (signal?.aborted) throw aborted(signal);
  const wanted = typeof source === 'string' ? await fromCatalogue(source, signal) : fromFiles(source);
  const progress = new Progress([wanted.weights, wanted.config, wanted.tokenizer], onProgress);
  // One that fails ends the others.
  const others = new AbortController();
  const either = signal ? AbortSignal.any([signal, others.signal]) : others.signal;
  /** @param {Wanted | undefined} file */
  const small = async (file) => {
    const blob = file && (await bringFile(file, progress, either));
    if (file?.sha256 && blob) await agreed(blob, file);
    return blob;
  };
  try {
    const [weights, config, tokenizer] = await Promise.all([
      bringFile(wanted.weights, progress, either),
      small(wanted.config),
      small(wanted.tokenizer),
    ]);
    const digest = agreed(weights, wanted.weights);
    digest.catch(() => {}); // kept for whoever asks
    return {
      id: wanted.id,
      name: wanted.name,
      weights,
      config: (await config?.text()) ?? '{}',
      tokenizer: tokenizer && new Uint8Array(await tokenizer.arrayBuffer()),
      sha256: digest,
    };
  } catch (error) {
    others.abort();
    throw signal?.aborted ? aborted(signal) : error;
  }
}

/** @param {string} id @param {AbortSignal | undefined} signal @returns {Promise<WantedModel>} */
async function fromCatalogue(id, signal) {
  // The models lie beside headscope.js, wherever that is. In a variable, since a bundler takes the file for one of its own.
  const beside = 'models/catalogue.json';
  const url = new URL(beside, import.meta.url);
  const text = await (await bringFile({ from: url }, new Progress([], undefined), signal)).text();
  /** @type {{ version: number, models: Entry[] }} */ let catalogue;
  try {
    catalogue = JSON.parse(text);
  } catch (cause) {
    throw failure('ModelFetch', `The catalogue of models at ${url} should be JSON: ${wordsOf(cause)}.`, { cause });
  }
  const { version, models } = catalogue;
  if (version !== CATALOGUE_VERSION) {
    throw failure('ModelFetch', `The catalogue of models at ${url} should be of version ${CATALOGUE_VERSION}, and is of version ${version}.`);
  }
  const entry = models.find((model) => model.id === id);
  if (!entry) {
    const ids = models.map((model) => model.id);
    throw failure('ModelNotFound', `There is no model “${id}” in the catalogue, which has: ${ids.join(', ')}.`, {
      data: { expected: ids, found: id },
    });
  }
  const wanted = (/** @type {CatalogueFile} */ { path, bytes, sha256: digest }) => ({ from: new URL(path, url), bytes, sha256: digest });
  const { name, weights, config, tokenizer } = entry;
  return { id, name, weights: wanted(weights), config: wanted(config), tokenizer: tokenizer && wanted(tokenizer) };
}

/** @param {import('./headscope.js').OwnFiles} files @returns {WantedModel} */
function fromFiles({ weights, config, tokenizer }) {
  const from = addressed(weights);
  const asFile = config === undefined || config instanceof Blob ? config : new Blob([JSON.stringify(config)]);
  return {
    id: '',
    name: nameOf(from),
    weights: { from },
    config: asFile && { from: asFile },
    tokenizer: tokenizer === undefined ? undefined : { from: addressed(tokenizer) },
  };
}

/** @param {Blob | URL | string} from a string: an address relative to the page @returns {Blob | URL} */
function addressed(from) {
  if (from instanceof Blob || from instanceof URL) return from;
  try {
    return new URL(from, globalThis.document?.baseURI);
  } catch (cause) {
    throw failure('ModelFetch', `A model's file should be a Blob or the address of one, and is “${from}”.`, { cause });
  }
}

/** @param {Blob | URL} from */
function nameOf(from) {
  if (from instanceof URL) return from.pathname.split('/').pop() || from.host;
  return 'name' in from ? String(from.name) : 'a file';
}

/**
 * @param {Wanted} file @param {Progress} progress @param {AbortSignal | undefined} signal
 * @returns {Promise<Blob>}
 */
async function bringFile(file, progress, signal) {
  const { from } = file;
  if (from instanceof Blob) {
    progress.add(from.size);
    return from;
  }
  let got = 0;
  try {
    const response = await fetch(from, { signal });
    if (!response.ok) throw unusable(from, `the server answered ${response.status} ${response.statusText}`.trim(), { status: response.status });
    const declared = declaredBytes(response);
    progress.expect(file, declared);
    /** @type {BlobPart[]} */ const parts = [];
    for (const reader = response.body?.getReader(); reader; ) {
      const { done, value } = await reader.read();
      if (done) break;
      parts.push(value);
      got += value.byteLength;
      progress.add(value.byteLength);
    }
    const blob = new Blob(parts);
    if (await isHtml(response, blob)) throw unusable(from, 'an HTML page was found in its place');
    const expected = file.bytes ?? declared;
    if (expected !== undefined && blob.size !== expected) {
      throw unusable(from, `it should be ${expected} bytes long, and ${blob.size} arrived`, { expected, found: blob.size });
    }
    return blob;
  } catch (thrown) {
    if (signal?.aborted) throw aborted(signal);
    if (thrown instanceof Error && thrown.name === 'ModelFetch') throw thrown;
    throw unusable(from, got ? `the download broke off after ${got} bytes: ${wordsOf(thrown)}` : wordsOf(thrown), {}, thrown);
  }
}

/**
 * The length that the server promises of the bytes that arrive here, which a compressed transfer does not tell. Whether it
 * is compressed can't be seen on an answer from another origin.
 * @param {Response} response
 */
function declaredBytes({ headers, type }) {
  const length = headers.get('content-length');
  return length !== null && type !== 'cors' && !headers.has('content-encoding') ? Number(length) : undefined;
}

/** Hosts that answer every unknown address with their front page say 200. @param {Response} response @param {Blob} blob */
async function isHtml(response, blob) {
  if (response.headers.get('content-type')?.startsWith('text/html')) return true;
  return /^\s*<(!doctype|html)/i.test(await blob.slice(0, 64).text());
}

/**
 * The digest of a file, if it is what was wanted.
 * @param {Blob} blob @param {Wanted} wanted
 */
async function agreed(blob, wanted) {
  const found = await sha256(blob);
  const expected = wanted.sha256;
  if (expected !== undefined && expected !== found) {
    throw unusable(wanted.from, `its sha256 should be ${expected}, and is ${found}`, { expected, found });
  }
  return found;
}

/**
 * @param {Blob | URL} from @param {string} found @param {Record<string, unknown>} [data] @param {unknown} [cause]
 */
function unusable(from, found, data = {}, cause = undefined) {
  const address = from instanceof URL ? from.href : nameOf(from);
  return failure('ModelFetch', `The model file ${address} could not be had: ${found}.`, { data: { address, ...data }, cause });
}

/** Bytes here and bytes in all, over a model's files. */
class Progress {
  #loaded = 0;
  /** @type {Map<Wanted, number>} */ #sizes = new Map();

  /** @param {(Wanted | undefined)[]} files @param {import('./headscope.js').LoadOptions['onProgress']} onProgress */
  constructor(files, onProgress) {
    this.onProgress = onProgress;
    for (const file of files) {
      if (file) this.#sizes.set(file, file.from instanceof Blob ? file.from.size : (file.bytes ?? 0));
    }
  }

  /** @param {Wanted} file @param {number | undefined} bytes */
  expect(file, bytes) {
    if (bytes !== undefined && file.bytes === undefined) this.#sizes.set(file, bytes);
  }

  /** @param {number} bytes */
  add(bytes) {
    this.#loaded += bytes;
    const known = [...this.#sizes.values()].reduce((sum, size) => sum + size, 0);
    this.onProgress?.({ loaded: this.#loaded, total: Math.max(known, this.#loaded) });
  }
}
