/**
 * The catalogue of models, and the addresses of the files that it names.
 *
 * @typedef {object} CatalogueFile a file beside the catalogue (`path`), or of a repository of the hub
 * @property {string} [path]
 * @property {string} [repo]
 * @property {string} [file] path in the repository
 * @property {string} [revision] of the repository; `main`
 * @property {number} [bytes]
 * @property {number} [bytes_about] where the exact length is unknown
 * @property {string} [sha256]
 * @property {boolean} [planes] whether it is asked for at `PATH.planes`, in planes: see planes.js
 *
 * @typedef {object} Published what is published of a model's heads
 * @property {string} [source]
 * @property {string} [text] the text that the heads were found on
 * @property {PublishedDominant} [dominant]
 * @property {string[]} [induction]
 * @property {Partial<Record<'induction' | 'previous', Record<string, number>>>} [repeated] heads on repeated
 *   tokens, each with its score: `{ "5.1": 0.8972 }`
 * @property {string} [words] a sentence in place of the lists
 * @property {PublishedTask} [task]
 *
 * @typedef {object} PublishedTask heads that were found on another task than induction
 * @property {string} name
 * @property {string} source
 * @property {Record<string, string[]>} heads by their role in the task
 *
 * @typedef {object} PublishedDominant heads by the dominant-weight definition, with its thresholds
 * @property {number} active
 * @property {number} fraction
 * @property {string[]} [current]
 * @property {string[]} [previous]
 * @property {string[]} [first]
 *
 * @typedef {object} Entry
 * @property {string} id
 * @property {string} name
 * @property {string} [licence]
 * @property {string} [group] the heading that the model is listed under
 * @property {string} [dtype] of the weights
 * @property {number} [memory] bytes of the weights as the engine keeps them
 * @property {CatalogueFile} weights the file, or the index of several files: its name ends in `.index.json`
 * @property {CatalogueFile | Record<string, unknown>} [config] a file, or the configuration itself
 * @property {CatalogueFile} [tokenizer]
 * @property {CatalogueFile} [specialTokens] a `tokenizer_config.json` or `special_tokens_map.json`
 * @property {Published} [published]
 *
 * @typedef {object} Wanted one file of a model, before it is here
 * @property {Blob | URL} from
 * @property {number} [bytes] its exact length
 * @property {number} [about] its length more or less, where the exact length is unknown
 * @property {string} [sha256] of its bytes
 * @property {string} [keep] the name to keep it under in this browser
 * @property {string} [planes] it comes in planes, as planes.js has them: the name of the file that it is
 *
 * @typedef {object} WantedModel
 * @property {string} id
 * @property {string} name
 * @property {Wanted[]} weights none until the index is read, where there is one
 * @property {Wanted} [index] of weights in several files
 * @property {(index: string) => Wanted[]} [parts] the files that an index names; absent where all are known.
 *   Throws `CheckpointFormat`
 * @property {Wanted} [config]
 * @property {Wanted} [tokenizer]
 * @property {Wanted} [specialTokens]
 */
import { failure, wordsOf } from '../base/failure.js';
import { isIndex, readIndex } from './weights_index.js';

/** The version of models/catalogue.json that this page reads; models/README.md describes it. */
const VERSION = 1;

/** The address of the hub. It answers every file with a redirect to its own storage. */
export const HUB = 'https://huggingface.co/';

/** Whether a value names a model and its weights. @param {any} value */
const isEntry = (value) =>
  typeof value?.id === 'string' && typeof value.name === 'string' && Object(value.weights) === value.weights;

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
  // A catalogue may be any JSON: a host's own page for a missing file, or a file that was cut.
  const { version, models } = Object(catalogue);
  if (version === VERSION && Array.isArray(models) && models.every(isEntry)) return models;
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

/** Whether an entry's weights come from the hub: such files are kept here. @param {Entry} entry */
export const isOfHub = ({ weights }) => weights.repo !== undefined;

/** The hub's repository, `owner/name`, of a file's address; null for other files. @param {Blob | URL} from */
export function repositoryOf(from) {
  if (!(from instanceof URL) || !from.href.startsWith(HUB)) return null;
  const [owner, name] = from.pathname.slice(1).split('/');
  return `${owner}/${name}`;
}

/**
 * Bytes of all files of a model; about right where the catalogue has no exact figure.
 * @param {Entry} entry
 */
export function bytesOf({ weights, config, tokenizer, specialTokens }) {
  const files = [weights, tokenizer, specialTokens, config && isFile(config) ? config : undefined];
  return files.reduce((sum, file) => sum + (file?.bytes ?? file?.bytes_about ?? 0), 0);
}

/**
 * The beginning of the names that a model's files are kept under. A repository's slash can't be in a name.
 * @param {string} id
 */
export const keepingName = (id) => id.replace('/', '--');

/** The names that a model's files are kept under. @param {string} id */
export const keptNames = (id) =>
  ['weights', 'index', 'config', 'tokenizer', 'special'].map((what) => `${keepingName(id)}.${what}`);

/**
 * Where a file beside the catalogue comes from.
 * @param {URL} url of the catalogue @param {string} path @param {boolean} [planes]
 */
const beside = (url, path, planes) =>
  planes
    ? { from: new URL(`${path}.planes`, url), planes: path.slice(path.lastIndexOf('/') + 1) }
    : { from: new URL(path, url) };

/** @param {Entry} entry @param {URL} url of the catalogue @returns {WantedModel} */
export function wantedOf({ id, name, weights, config, tokenizer, specialTokens }, url) {
  /** @param {CatalogueFile} file @param {string} what @returns {Wanted} */
  const wanted = (
    { path, planes, repo, file, revision = 'main', bytes, bytes_about: about, sha256 },
    what,
  ) =>
    repo === undefined
      ? { ...beside(url, path ?? '', planes), bytes, about, sha256 }
      : {
          from: new URL(`${repo}/resolve/${revision}/${file}`, HUB),
          bytes,
          about,
          sha256,
          keep: `${keepingName(id)}.${what}`,
        };
  const others = {
    id,
    name,
    config:
      config && (isFile(config) ? wanted(config, 'config') : { from: new Blob([JSON.stringify(config)]) }),
    tokenizer: tokenizer && wanted(tokenizer, 'tokenizer'),
    specialTokens: specialTokens && wanted(specialTokens, 'special'),
  };
  if (!isIndex(weights.file ?? weights.path)) return { ...others, weights: [wanted(weights, 'weights')] };
  // `bytes_about` of such an entry is the size of all its parts.
  const index = wanted({ ...weights, bytes_about: undefined }, 'index');
  /** @param {string} text */
  const parts = (text) => {
    const { names, bytes } = readIndex(text);
    const about = bytes && Math.round(bytes / names.length);
    return names.map((part, at) => ({
      from: new URL(part, /** @type {URL} */ (index.from)),
      about,
      keep: index.keep && `${keepingName(id)}.weights.${at + 1}`,
    }));
  };
  return { ...others, weights: [], index, parts };
}
