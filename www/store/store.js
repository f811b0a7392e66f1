/**
 * What the page and the engine ask of the store: which models there are, how much of each is here, and to
 * bring one or delete it. Only modules of store/ fetch, and only they name the places where a browser keeps
 * files.
 */
import { failure } from '../base/failure.js';
import { bytesOf, isOfHub, keepingName, keptNames, wantedOf } from './catalogue.js';
import { allEntries, CATALOGUE, catalogue, openedShelf } from './entries.js';
import { bringFile } from './fetching.js';
import { unlessTaken } from './locks.js';
import { Kept, keptFiles, removeKept } from './partial_file.js';
import { Progress } from './progress.js';
import { forgetEntry, isRepository } from './repository.js';

export { bringModel } from './bringing.js';
export { findRepository } from './entries.js';

/**
 * @typedef {import('./catalogue.js').Wanted} Wanted
 * @typedef {import('./catalogue.js').WantedModel} WantedModel
 * @typedef {import('./bringing.js').ModelFiles} ModelFiles
 * @typedef {import('./bringing.js').BringOptions} BringOptions
 *
 * @typedef {object} Known a model of the catalogue that the visitor's weights are of
 * @property {string} name
 * @property {Blob | undefined} config
 * @property {Blob | undefined} tokenizer undefined where the model has none, or where it is not here
 * @property {boolean} lacksTokenizer whether the model has a tokenizer that is not here
 *
 * @typedef {object} Listed a model of the catalogue or of the hub, and how much of it is here
 * @property {string} id
 * @property {string} name
 * @property {string} group the heading that it is listed under
 * @property {number} bytes of all its files
 * @property {boolean} exact whether `bytes` is exact, or only about right
 * @property {number | null} memory bytes of its weights as the engine keeps them; null where not known
 * @property {string | null} dtype of the weights
 * @property {string | null} licence
 * @property {import('./catalogue.js').Published | null} published
 * @property {'site' | 'hub'} place where it comes from: this site or the hub
 * @property {number} here bytes kept in this browser
 * @property {boolean} whole whether it can be used without a download
 */

/** The heading of models that are in no group of the catalogue. */
const NO_GROUP = 'Other models of the hub';

/**
 * The models of the catalogue and the repositories that were looked up, and how much of each is in this
 * browser.
 * @returns {Promise<Listed[]>}
 */
export async function listModels() {
  const models = await allEntries();
  const shelf = await openedShelf();
  /** @type {Map<string, import('./partial_file.js').KeptFile>} */
  const kept = shelf ? await keptFiles(shelf) : new Map();
  /** What is here of a file. A file of another address is another version. @param {Wanted} file */
  const hereOf = ({ keep, from }) => {
    const file = keep === undefined ? undefined : kept.get(keep);
    return file?.from === String(from) ? file : undefined;
  };
  return Promise.all(
    models.map(async (entry) => {
      const wanted = await withParts(wantedOf(entry, CATALOGUE), shelf, hereOf);
      const files = [...wanted.weights, ...[wanted.index, wanted.config, wanted.tokenizer]].flatMap((file) =>
        file?.keep === undefined ? [] : [hereOf(file)],
      );
      return {
        id: entry.id,
        name: entry.name,
        group: entry.group ?? NO_GROUP,
        bytes: bytesOf(entry),
        exact: !wanted.index && entry.weights.bytes !== undefined,
        memory: entry.memory ?? null,
        dtype: entry.dtype ?? null,
        licence: entry.licence ?? null,
        published: entry.published ?? null,
        place: isOfHub(entry) ? 'hub' : 'site',
        here: files.reduce((sum, file) => sum + (file?.bytes ?? 0), 0),
        whole: wanted.weights.length > 0 && files.every((file) => file?.whole),
      };
    }),
  );
}

/**
 * A model's files with the parts that its index names, as far as the index is here.
 * @param {WantedModel} wanted
 * @param {import('./storage.js').Shelf | null} shelf
 * @param {(file: Wanted) => { whole: boolean } | undefined} hereOf
 * @returns {Promise<WantedModel>}
 */
async function withParts(wanted, shelf, hereOf) {
  const { index, parts } = wanted;
  if (!shelf || !index?.keep || !parts || !hereOf(index)?.whole) return wanted;
  const { blob } = await Kept.open(shelf, index.keep, String(index.from));
  try {
    return { ...wanted, weights: parts(await blob.text()) };
  } catch {
    return wanted; // the download says what is wrong with the index
  }
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
    const [single] = weights;
    if (!single || (single.sha256 ?? (await keptOf(single))?.about.sha256) !== digest) continue;
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
  const files = [...(shelf ? await keptFiles(shelf) : new Map()).keys()];
  const parts = files.filter((name) => name.startsWith(`${keepingName(id)}.weights.`));
  const remove = async () => {
    if (shelf) for (const name of keptNames(id)) await removeKept(shelf, name);
    if (isRepository(id)) await forgetEntry(shelf, id);
  };
  if (await unlessTaken([...keptNames(id), ...parts], remove)) return;
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
