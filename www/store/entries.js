/**
 * The models that are known: those of the catalogue beside headscope.js, and those of the hub that a visitor
 * asked for.
 */
import { entryOf, readCatalogue } from './catalogue.js';
import { bringFile } from './fetching.js';
import { Progress } from './progress.js';
import { isRepository, keepEntry, keptEntries, lookUp } from './repository.js';
import { openShelf } from './storage.js';

/** @typedef {import('./catalogue.js').Entry} Entry */

// The models lie beside headscope.js, wherever that is. The path is in a variable: a bundler would take a
// literal for a file of its own.
const beside = 'models/catalogue.json';
export const CATALOGUE = new URL(beside, import.meta.url);

/** Where files are kept; opened once, at the first use. @type {ReturnType<typeof openShelf> | undefined} */
let shelfOpened;
export const openedShelf = () => (shelfOpened ??= openShelf());

/** The catalogue's models. @param {AbortSignal} [signal] @returns {Promise<Entry[]>} */
export async function catalogue(signal) {
  const { blob } = await bringFile({ from: CATALOGUE }, { progress: new Progress([], undefined), signal });
  return readCatalogue(await blob.text(), CATALOGUE);
}

/** The catalogue's models, and the repositories that were looked up. @returns {Promise<Entry[]>} */
export async function allEntries() {
  const models = await catalogue();
  return [...models, ...(await keptEntries(await openedShelf()))];
}

/**
 * The entry of a model: of the catalogue, or of a repository of the hub.
 *
 * Rejects with `ModelNotFound`, `ModelGated` or `ModelFetch`.
 * @param {string} id of the catalogue, or `owner/name`
 * @param {AbortSignal} [signal]
 * @returns {Promise<Entry>}
 */
export async function anyEntry(id, signal) {
  if (!isRepository(id)) return entryOf(await catalogue(signal), id);
  const known = (await keptEntries(await openedShelf())).find((entry) => entry.id === id);
  return known ?? (await findRepository(id, signal));
}

/**
 * Asks the hub for a repository, and remembers its entry. A repository whose files are here and that has
 * changed since is brought anew.
 *
 * Rejects with `ModelNotFound`, `ModelGated` or `ModelFetch`.
 * @param {string} repo `owner/name`
 * @param {AbortSignal} [signal]
 */
export async function findRepository(repo, signal) {
  const entry = await lookUp(repo, signal);
  await keepEntry(await openedShelf(), entry);
  return entry;
}
