/**
 * Where models come from: the catalogue beside headscope.js, the hub, addresses, and the visitor's own files.
 * This module
 * and those in store/ are the only ones that fetch, and that name what a browser keeps files in.
 */
import { anySignal } from '../base/abort.js';
import { ERROR_CODES } from '../base/error_codes.js';
import { aborted, failure } from '../base/failure.js';
import { bytesOf, entryOf, isOfHub, readCatalogue, wantedOf } from './catalogue.js';
import { bringFile, nameOf, unusable } from './fetching.js';
import { digestOf } from './hashing.js';
import { unlessTaken } from './locks.js';
import { Kept, keptFiles, removeKept } from './partial_file.js';
import { Progress } from './progress.js';
import { openShelf } from './storage.js';

/**
 * @typedef {import('./catalogue.js').Wanted} Wanted
 * @typedef {import('./catalogue.js').WantedModel} WantedModel
 *
 * @typedef {object} ModelFiles a model's files, all here
 * @property {string} id the catalogue's, or '' for a model of the visitor's own
 * @property {string} name what a person calls it: the catalogue's name, or the name of the weights file
 * @property {Blob} weights
 * @property {string} config JSON; an empty object where there is none, so that the engine says what it misses
 * @property {Uint8Array | undefined} tokenizer the bytes of a tokenizer.json
 * @property {Promise<string>} sha256 of the weights, hex, found while the engine reads them already; rejects
 *   with
 *   `ModelFetch` when another was expected
 * @property {string | null} notKept why a download stays only until the page is closed, in a sentence; null
 *   where it stays,
 *   or need not
 * @property {() => Promise<void>} vouch the engine could load them: what is kept of them is good from now on
 * @property {(code: string) => Promise<boolean>} doubt the engine could not, and why: what nobody vouched for
 *   is not kept;
 *   whether there is such a thing
 *
 * @typedef {{ signal?: AbortSignal, onProgress?: import('./progress.js').OnProgress }} BringOptions as the
 *   engine's
 *   `LoadOptions`; progress is told with what of it did not have to come
 *
 * @typedef {object} Listed a model of the catalogue, and what of it is here
 * @property {string} id
 * @property {string} name
 * @property {number} bytes of all its files
 * @property {boolean} exact whether `bytes` is, or only about right
 * @property {string | null} licence
 * @property {import('./catalogue.js').Published | null} published
 * @property {'site' | 'hub'} place with this site, or on the hub
 * @property {number} here bytes kept in this browser
 * @property {boolean} whole whether it can be used without a download
 */

// The models lie beside headscope.js, wherever that is. In a variable, since a bundler takes the file for one
// of its own.
const beside = 'models/catalogue.json';
const CATALOGUE = new URL(beside, import.meta.url);

/** Opened once, when it is first wanted. @type {ReturnType<typeof openShelf> | undefined} */
let shelfOpened;
const openedShelf = () => (shelfOpened ??= openShelf());

/**
 * Brings a model's files here. Files of the hub are kept in this browser where it lets them be.
 * @param {string | import('../engine/headscope.js').OwnFiles} source
 * @param {BringOptions} options
 * @returns {Promise<ModelFiles>}
 */
export async function bringModel(source, { onProgress, signal }) {
  if (signal?.aborted) throw aborted(signal);
  const wanted =
    typeof source === 'string'
      ? wantedOf(entryOf(await catalogue(signal), source), CATALOGUE)
      : fromFiles(source);
  const shelf = wanted.weights.keep === undefined ? null : await openedShelf();
  const progress = new Progress([wanted.weights, wanted.config, wanted.tokenizer], onProgress);
  // One that fails ends the others.
  const others = new AbortController();
  const how = { progress, shelf, signal: anySignal(signal, others.signal), hashed: true };
  /** @param {Wanted | undefined} file */
  const small = async (file) => {
    if (!file) return undefined;
    const brought = await bringFile(file, how);
    if (brought.kept) await agreed(brought, file);
    return brought;
  };
  try {
    const [weights, config, tokenizer] = await Promise.all([
      bringFile(wanted.weights, how),
      small(wanted.config),
      small(wanted.tokenizer),
    ]);
    const digest = agreed(weights, wanted.weights);
    digest.catch(() => {}); // kept for whoever asks
    return {
      id: wanted.id,
      name: wanted.name,
      weights: weights.blob,
      config: (await config?.blob.text()) ?? '{}',
      tokenizer: tokenizer && new Uint8Array(await tokenizer.blob.arrayBuffer()),
      sha256: digest,
      notKept: wanted.weights.keep === undefined ? null : whyNotKept(weights.kept),
      async vouch() {
        for (const brought of [weights, config, tokenizer]) {
          const kept = brought?.kept;
          if (kept && kept.about.sha256 === null) await kept.verified(await kept.digest());
        }
      },
      async doubt(code) {
        const atFault = ERROR_CODES[code]?.file;
        const kept = atFault && { weights, config, tokenizer }[atFault]?.kept;
        if (!kept || kept.about.sha256 !== null) return false;
        await kept.forget();
        return true;
      },
    };
  } catch (error) {
    others.abort();
    throw signal?.aborted ? aborted(signal) : error;
  }
}

/** @param {Kept | null} kept */
function whyNotKept(kept) {
  if (!kept || kept.stays) return null;
  return kept.refused === null
    ? 'This browser lets the page keep no files, so the model stays only until the page is closed.'
    : `The model could not be kept (${kept.refused}), so it stays only until the page is closed.`;
}

/** @param {AbortSignal} [signal] */
async function catalogue(signal) {
  const { blob } = await bringFile({ from: CATALOGUE }, { progress: new Progress([], undefined), signal });
  return readCatalogue(await blob.text(), CATALOGUE);
}

/**
 * The models of the catalogue, and what of them is in this browser.
 * @returns {Promise<Listed[]>}
 */
export async function listModels() {
  const models = await catalogue();
  const shelf = await openedShelf();
  const kept = shelf ? await keptFiles(shelf) : new Map();
  return models.map((entry) => {
    const wanted = wantedOf(entry, CATALOGUE);
    const files = [wanted.weights, wanted.config, wanted.tokenizer]
      .filter((file) => file?.keep !== undefined)
      .map((file) => kept.get(file?.keep));
    return {
      id: entry.id,
      name: entry.name,
      bytes: bytesOf(entry),
      exact: entry.weights.bytes !== undefined,
      licence: entry.licence ?? null,
      published: entry.published ?? null,
      place: isOfHub(entry) ? 'hub' : 'site',
      here: files.reduce((sum, file) => sum + (file?.bytes ?? 0), 0),
      whole: files.every((file) => file?.whole),
    };
  });
}

/**
 * The model of the catalogue that some weights are, by its sha256 or by the one that was remembered of a
 * download, and what
 * of the rest of it is here. Nothing is fetched from the hub for it.
 * @param {string} digest
 * @returns
 *   {Promise<{ name: string, config: Blob | undefined, tokenizer: Blob | undefined, lacksTokenizer: boolean } | null>}
 */
export async function knownBy(digest) {
  const models = (await catalogue()).map((entry) => wantedOf(entry, CATALOGUE));
  const shelf = await openedShelf();
  /** @param {Wanted} file */
  const keptOf = async ({ keep, from }) =>
    shelf && keep !== undefined && from instanceof URL ? Kept.open(shelf, keep, from.href) : null;
  /** @param {Wanted | undefined} file @returns {Promise<Blob | undefined>} */
  const here = async (file) => {
    if (!file) return undefined;
    if (file.keep === undefined)
      return (await bringFile(file, { progress: new Progress([], undefined) })).blob;
    // Models share tokenizers: another's download may have brought it.
    const same = models
      .flatMap(({ config, tokenizer }) => [config ?? [], tokenizer ?? []].flat())
      .filter(({ from }) => String(from) === String(file.from));
    const kept = await Promise.all(same.map(keptOf));
    return kept.find((one) => one?.whole)?.blob;
  };
  for (const { name, weights, config, tokenizer } of models) {
    if ((weights.sha256 ?? (await keptOf(weights))?.about.sha256) !== digest) continue;
    const found = await here(tokenizer);
    return {
      name,
      config: await here(config),
      tokenizer: found,
      lacksTokenizer: tokenizer !== undefined && !found,
    };
  }
  return null;
}

/** Deletes what this browser keeps of a model. @param {string} id */
export async function forgetModel(id) {
  const shelf = await openedShelf();
  if (!shelf) return;
  const names = ['weights', 'config', 'tokenizer'].map((what) => `${id}.${what}`);
  if (await unlessTaken(names, () => removeKept(shelf, id))) return;
  throw failure('ModelBusy', `Another tab is downloading ${id}, so nothing of it was deleted.`, {
    data: { model: id },
  });
}

/**
 * Asks the browser not to clear away what is kept, and how much there is room for.
 * @returns {Promise<{ kept: boolean, free: number | null }>} whether files can be kept at all; free bytes,
 *   null where the
 *   browser does not say
 */
export async function prepareStorage() {
  const storage = globalThis.navigator?.storage;
  const shelf = await openedShelf();
  const estimate = await storage?.estimate?.().catch(() => undefined);
  const free = estimate?.quota === undefined ? null : estimate.quota - (estimate.usage ?? 0);
  await storage?.persist?.().catch(() => {}); // a refusal changes nothing that could be told: files stay until the disk runs low
  return { kept: shelf !== null, free };
}

/** @param {import('../engine/headscope.js').OwnFiles} files @returns {WantedModel} */
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
    throw failure('ModelFetch', `A model's file should be a Blob or the address of one, and is “${from}”.`, {
      cause,
    });
  }
}

/**
 * Digests of the visitor's own files that were found in this visit: the bytes of a Blob never change.
 * @type {WeakMap<Blob, Promise<string>>}
 */
const digests = new WeakMap();

/** @param {Blob} blob @returns {Promise<string>} */
function ownDigest(blob) {
  const found = digests.get(blob) ?? digestOf(blob);
  digests.set(blob, found);
  found.catch(() => digests.delete(blob)); // what could not be read may be read another time
  return found;
}

/**
 * The digest of a file. Rejects with `ModelFetch` where another digest was expected, and no longer keeps such a
 * file. What the catalogue has a digest of is right at once, the rest when the engine has loaded it.
 * @param {import('./fetching.js').Brought} brought
 * @param {Wanted} wanted
 */
async function agreed({ blob, kept }, wanted) {
  const found = await (kept?.digest() ?? ownDigest(blob));
  const expected = wanted.sha256 ?? kept?.about.sha256 ?? found;
  if (expected !== found) {
    await kept?.forget().catch(() => {}); // a disk that can't be tidied changes nothing about the file
    throw unusable(wanted.from, `its sha256 should be ${expected}, and is ${found}`, { expected, found });
  }
  if (kept && wanted.sha256 !== undefined && kept.about.sha256 === null) await kept.verified(found);
  return found;
}
