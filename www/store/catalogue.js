/**
 * The catalogue of models, and where the files that it names are to be had.
 *
 * @typedef
 *   {{ path?: string, repo?: string, file?: string, revision?: string, bytes?: number, bytes_about?: number, sha256?: string }}
 *   CatalogueFile
 * @typedef
 *   {{ source?: string, text?: string, dominant?: { active: number, fraction: number, current?: string[], previous?: string[], first?: string[] }, induction?: string[], words?: string }}
 *   Published
 * @typedef {object} Entry
 * @property {string} id
 * @property {string} name
 * @property {string} [licence]
 * @property {CatalogueFile} weights
 * @property {CatalogueFile | Record<string, unknown>} [config] a file, or the configuration itself
 * @property {CatalogueFile} [tokenizer]
 * @property {Published} [published]
 *
 * @typedef {object} Wanted one file of a model, before it is here
 * @property {Blob | URL} from
 * @property {number} [bytes] how long it has to be
 * @property {number} [about] how long it is more or less, where that is all one knows
 * @property {string} [sha256] what its bytes have to be
 * @property {string} [keep] the name to keep it under in this browser
 *
 * @typedef {{ id: string, name: string, weights: Wanted, config?: Wanted, tokenizer?: Wanted }} WantedModel
 */
import { failure, wordsOf } from '../base/failure.js';

/** The shape of models/catalogue.json that is understood; models/README.md describes it. */
const VERSION = 1;

/**
 * Where repositories of a catalogue lie. Every file there is answered by a redirect to the hub's own storage.
 */
const HUB = 'https://huggingface.co/';

/** @param {string} text @param {URL} url where it came from @returns {Entry[]} */
export function readCatalogue(text, url) {
  /** @type {{ version: number, models: Entry[] }} */ let catalogue;
  try {
    catalogue = JSON.parse(text);
  } catch (cause) {
    throw failure('ModelFetch', `The catalogue of models at ${url} should be JSON: ${wordsOf(cause)}.`, {
      cause,
    });
  }
  const { version, models } = catalogue;
  if (version === VERSION) return models;
  throw failure(
    'ModelFetch',
    `The catalogue of models at ${url} should be of version ${VERSION}, and is of version ${version}.`,
  );
}

/** @param {Entry[]} models @param {string} id */
export function entryOf(models, id) {
  const entry = models.find((model) => model.id === id);
  if (entry) return entry;
  const ids = models.map((model) => model.id);
  throw failure(
    'ModelNotFound',
    `There is no model “${id}” in the catalogue, which has: ${ids.join(', ')}.`,
    {
      data: { expected: ids, found: id },
    },
  );
}

/** @param {CatalogueFile | Record<string, unknown>} config @returns {config is CatalogueFile} */
const isFile = (config) => typeof config.path === 'string' || typeof config.repo === 'string';

/** Whether an entry's weights are fetched from the hub, and so kept here. @param {Entry} entry */
export const isOfHub = ({ weights }) => weights.repo !== undefined;

/**
 * What it takes to have it all, in bytes; about right where the catalogue has no exact figure.
 * @param {Entry} entry
 */
export function bytesOf({ weights, config, tokenizer }) {
  const files = [weights, tokenizer, config && isFile(config) ? config : undefined];
  return files.reduce((sum, file) => sum + (file?.bytes ?? file?.bytes_about ?? 0), 0);
}

/** @param {Entry} entry @param {URL} url of the catalogue @returns {WantedModel} */
export function wantedOf({ id, name, weights, config, tokenizer }, url) {
  /** @param {CatalogueFile} file @param {string} what @returns {Wanted} */
  const wanted = ({ path, repo, file, revision = 'main', bytes, bytes_about: about, sha256 }, what) =>
    repo === undefined
      ? { from: new URL(path ?? '', url), bytes, about, sha256 }
      : {
          from: new URL(`${repo}/resolve/${revision}/${file}`, HUB),
          bytes,
          about,
          sha256,
          keep: `${id}.${what}`,
        };
  return {
    id,
    name,
    weights: wanted(weights, 'weights'),
    config:
      config && (isFile(config) ? wanted(config, 'config') : { from: new Blob([JSON.stringify(config)]) }),
    tokenizer: tokenizer && wanted(tokenizer, 'tokenizer'),
  };
}
