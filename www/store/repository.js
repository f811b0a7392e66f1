/**
 * Repositories of the hub that are not in the catalogue. The hub's list of a repository's files becomes an
 * entry like those of the catalogue, at the repository's present commit. The entry is kept in this browser.
 *
 * @typedef {import('./catalogue.js').Entry} Entry
 * @typedef {import('./storage.js').Shelf} Shelf
 *
 * @typedef {object} HubFile a file in the hub's answer
 * @property {string} rfilename path in the repository
 * @property {number} [size] bytes
 * @property {{ sha256?: string }} [lfs] of large files
 */
import { failure, wordsOf } from '../base/failure.js';
import { HUB, keepingName } from './catalogue.js';

/** Weights files that are looked for, the best first. */
const WEIGHTS = [
  'model.safetensors',
  'model.safetensors.index.json',
  'pytorch_model.bin',
  'pytorch_model.bin.index.json',
];

const OF_REPOSITORY = /^[\w.-]+\/[\w.-]+$/;

/** Whether an id is a repository of the hub, `owner/name`; no id of the catalogue is. @param {string} id */
export const isRepository = (id) => OF_REPOSITORY.test(id);

const KEPT = '.entry.json';

/** Entries of this visit, also those that can't be kept. @type {Map<string, Entry>} */
const found = new Map();

/**
 * Asks the hub for a repository's files and makes an entry of them.
 *
 * Rejects with `ModelNotFound` where there is no such repository or no weights in it, with `ModelGated` where
 * the hub wants to know who asks, with `ModelFetch` where the hub can't be reached.
 * @param {string} repo `owner/name`
 * @param {AbortSignal} [signal]
 * @returns {Promise<Entry>}
 */
export async function lookUp(repo, signal) {
  if (!isRepository(repo))
    throw failure(
      'ModelNotFound',
      `A repository of the hub is written owner/name, and found was “${repo}”.`,
      {
        data: { expected: ['owner/name'], found: repo },
      },
    );
  const address = new URL(`api/models/${repo}?blobs=true`, HUB);
  const response = await fetch(address, { signal, cache: 'no-store' }).catch((cause) => {
    if (signal?.aborted) throw cause;
    throw unreachable(address, `no connection to ${address.host}`, cause);
  });
  if (response.status === 401 || response.status === 403) throw gated(repo, response.status);
  if (response.status === 404) throw notFound(repo, 'the hub has no such repository');
  if (!response.ok) throw unreachable(address, `the server answered ${response.status}`);
  const answer = await response.json().catch((cause) => {
    throw unreachable(address, `the answer should be JSON: ${wordsOf(cause)}`, cause);
  });
  return entryFrom(repo, answer);
}

/**
 * @param {string} repo
 * @param {{ sha?: string, siblings?: HubFile[], cardData?: { license?: unknown } }} answer
 * @returns {Entry}
 */
function entryFrom(repo, { sha: revision, siblings = [], cardData }) {
  const files = new Map(siblings.map((file) => [file.rfilename, file]));
  /** @param {string} file */
  const fileOf = (file) => {
    const known = files.get(file);
    if (!known) return undefined;
    return { repo, file, revision, bytes: known.size, sha256: known.lfs?.sha256 };
  };
  const weights = WEIGHTS.map(fileOf).find((file) => file !== undefined);
  if (!weights) throw notFound(repo, `it has none of ${WEIGHTS.join(', ')}`);
  const licence = cardData?.license;
  return {
    id: repo,
    name: repo,
    licence: typeof licence === 'string' ? licence : undefined,
    weights,
    config: fileOf('config.json'),
    tokenizer: fileOf('tokenizer.json'),
    specialTokens: fileOf('tokenizer_config.json') ?? fileOf('special_tokens_map.json'),
  };
}

/**
 * Keeps an entry for later visits, if the browser keeps files.
 * @param {Shelf | null} shelf @param {Entry} entry
 */
export async function keepEntry(shelf, entry) {
  found.set(entry.id, entry);
  const kept = new Blob([JSON.stringify(entry)]);
  // Without the disk the entry is known until the page is closed.
  await shelf?.write(keepingName(entry.id) + KEPT, kept).catch(() => {});
}

/** The entries of this visit and of earlier ones. @param {Shelf | null} shelf @returns {Promise<Entry[]>} */
export async function keptEntries(shelf) {
  const names = (await shelf?.names()) ?? [];
  for (const name of names.filter((other) => other.endsWith(KEPT))) {
    const entry = await entryIn(await shelf?.read(name));
    if (entry && !found.has(entry.id)) found.set(entry.id, entry);
  }
  return [...found.values()];
}

/** An entry from a kept file; null for one that was cut short. @param {Blob | null | undefined} file */
async function entryIn(file) {
  try {
    const entry = JSON.parse((await file?.text()) ?? 'null');
    return entry && isRepository(entry.id) ? /** @type {Entry} */ (entry) : null;
  } catch {
    return null;
  }
}

/** Forgets an entry. @param {Shelf | null} shelf @param {string} id */
export async function forgetEntry(shelf, id) {
  found.delete(id);
  await shelf?.remove(keepingName(id) + KEPT);
}

/** @param {string} repo @param {string} why */
const notFound = (repo, why) =>
  failure('ModelNotFound', `${repo} can't be loaded from the hub: ${why}.`, {
    data: { expected: WEIGHTS, found: repo },
  });

/**
 * The hub answers 401 for a repository that does not exist too: it does not tell a stranger which it is.
 * @param {string} repo @param {number} status
 */
export const gated = (repo, status) =>
  failure(
    'ModelGated',
    `The hub answered ${status} for ${repo}: the repository is gated, private or does not exist.`,
    { data: { model: repo, status } },
  );

/** @param {URL} address @param {string} why @param {unknown} [cause] */
const unreachable = ({ href: address }, why, cause) =>
  failure('ModelFetch', `Download failed: ${why} (${address}).`, { data: { address }, cause });
