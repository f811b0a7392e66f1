/**
 * Brings models here: from the catalogue beside headscope.js, the hub, an address, or the visitor's own
 * files.
 * Only modules of store/ fetch, and only they name the places where a browser keeps files.
 */
import { anySignal } from '../base/abort.js';
import { ERROR_CODES } from '../base/error_codes.js';
import { aborted, failure } from '../base/failure.js';
import { bytesOf, entryOf, isOfHub, readCatalogue, wantedOf } from './catalogue.js';
import { bringFile, nameOf } from './fetching.js';
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
 * @property {string} id the catalogue's id, or '' for a model of the visitor's own
 * @property {string} name for a person: the catalogue's name, or the name of the weights file
 * @property {Blob} weights
 * @property {string} config JSON; an empty object where there is none: the engine then says what it misses
 * @property {Uint8Array | undefined} tokenizer the bytes of a tokenizer.json
 * @property {string | undefined} specialTokens the JSON that names the special tokens
 * @property {Promise<string>} sha256 of the weights, 64 hex digits, computed while the engine reads them.
 *   Rejects with `ModelFetch` where another digest was expected, with `FileRead` or `DigestFailed` where none
 *   was found
 * @property {string | null} notKept a sentence on why a download stays only until the page is closed; null
 *   where it stays, or need not stay
 * @property {() => Promise<void>} vouch tells that the engine loaded them: the kept files are right from now
 *   on
 * @property {(code: string) => Promise<boolean>} doubt tells why the engine could not load them. A kept file
 *   at fault is deleted, unless it is known to be right. Returns whether one was deleted
 *
 * @typedef {{ signal?: AbortSignal, onProgress?: import('./progress.js').OnProgress }} BringOptions the
 *   engine's `LoadOptions`; progress also tells how much did not have to be downloaded
 *
 * @typedef {object} Known a model of the catalogue that the visitor's weights are of
 * @property {string} name
 * @property {Blob | undefined} config
 * @property {Blob | undefined} tokenizer undefined where the model has none, or where it is not here
 * @property {boolean} lacksTokenizer whether the model has a tokenizer that is not here
 *
 * @typedef {object} Listed a model of the catalogue, and how much of it is here
 * @property {string} id
 * @property {string} name
 * @property {number} bytes of all its files
 * @property {boolean} exact whether `bytes` is exact, or only about right
 * @property {string | null} licence
 * @property {import('./catalogue.js').Published | null} published
 * @property {'site' | 'hub'} place where it comes from: this site or the hub
 * @property {number} here bytes kept in this browser
 * @property {boolean} whole whether it can be used without a download
 */

// The models lie beside headscope.js, wherever that is. The path is in a variable: a bundler would take a
// literal for a file of its own.
const beside = 'models/catalogue.json';
const CATALOGUE = new URL(beside, import.meta.url);

/** Where files are kept; opened once, at the first use. @type {ReturnType<typeof openShelf> | undefined} */
let shelfOpened;
const openedShelf = () => (shelfOpened ??= openShelf());

/**
 * Brings a model's files here. Keeps files of the hub in this browser, where it allows that.
 *
 * Rejects with `ModelNotFound`, `ModelFetch`, `FileRead`, `DigestFailed` or `AbortError`.
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
  const progress = new Progress(
    [wanted.weights, wanted.config, wanted.tokenizer, wanted.specialTokens],
    onProgress,
  );
  // A file that fails ends the others.
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
    const [weights, config, tokenizer, specialTokens] = await Promise.all([
      bringFile(wanted.weights, how),
      small(wanted.config),
      small(wanted.tokenizer),
      small(wanted.specialTokens),
    ]);
    const digest = agreed(weights, wanted.weights);
    digest.catch(() => {}); // told to whoever asks for it
    return {
      id: wanted.id,
      name: wanted.name,
      weights: weights.blob,
      config: (await config?.blob.text()) ?? '{}',
      tokenizer: tokenizer && new Uint8Array(await tokenizer.blob.arrayBuffer()),
      specialTokens: await specialTokens?.blob.text(),
      sha256: digest,
      notKept: wanted.weights.keep === undefined ? null : whyNotKept(weights.kept),
      async vouch() {
        for (const brought of [weights, config, tokenizer, specialTokens]) {
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
 * The models of the catalogue, and how much of each is in this browser.
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
 * Finds the catalogue's model that some weights are of, and those of its other files that are here. The
 * weights are known by the catalogue's sha256, or by the sha256 of an earlier download. Nothing is downloaded
 * from the hub for it.
 * @param {string} digest
 * @returns {Promise<Known | null>}
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
    // Models share tokenizers: another model's download may have brought this one.
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

/** Deletes the files that this browser keeps of a model. Rejects with `ModelBusy`. @param {string} id */
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
 * Asks the browser to keep this page's files, and how much room there is.
 * @returns {Promise<{ kept: boolean, free: number | null }>} whether files can be kept at all; free bytes,
 *   null where the browser does not tell
 */
export async function prepareStorage() {
  const storage = globalThis.navigator?.storage;
  const shelf = await openedShelf();
  const estimate = await storage?.estimate?.().catch(() => undefined);
  const free = estimate?.quota === undefined ? null : estimate.quota - (estimate.usage ?? 0);
  // After a refusal the files stay until the disk runs low.
  await storage?.persist?.().catch(() => {});
  return { kept: shelf !== null, free };
}

/** @param {import('../engine/headscope.js').OwnFiles} files @returns {WantedModel} */
function fromFiles({ weights, config, tokenizer, specialTokens }) {
  const from = addressed(weights);
  const asFile = config === undefined || config instanceof Blob ? config : new Blob([JSON.stringify(config)]);
  return {
    id: '',
    name: nameOf(from),
    weights: { from },
    config: asFile && { from: asFile },
    tokenizer: tokenizer === undefined ? undefined : { from: addressed(tokenizer) },
    specialTokens: specialTokens === undefined ? undefined : { from: addressed(specialTokens) },
  };
}

/** @param {Blob | URL | string} from a string is an address relative to the page @returns {Blob | URL} */
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
 * The digest of a file. Rejects with `ModelFetch` where another digest was expected, and no longer keeps such
 * a file. What the catalogue has a digest of is right at once, the rest when the engine has loaded it.
 * @param {import('./fetching.js').Brought} brought
 * @param {Wanted} wanted
 */
async function agreed({ blob, kept }, wanted) {
  const found = await (kept?.digest() ?? ownDigest(blob));
  const expected = wanted.sha256 ?? kept?.about.sha256 ?? found;
  if (expected !== found) {
    await kept?.forget().catch(() => {}); // a disk that can't be tidied changes nothing about the file
    const address = String(wanted.from);
    const digests = `its sha256 should be ${expected}, and is ${found}`;
    throw failure('ModelFetch', `A downloaded file is damaged or was changed: ${digests} (${address}).`, {
      data: { address, expected, found },
    });
  }
  if (kept && wanted.sha256 !== undefined && kept.about.sha256 === null) await kept.verified(found);
  return found;
}
