/**
 * Brings all files of a model here: from this site, the hub, an address, or the visitor's own disk.
 *
 * @typedef {import('./catalogue.js').Wanted} Wanted
 * @typedef {import('./catalogue.js').WantedModel} WantedModel
 * @typedef {import('./fetching.js').Brought} Brought
 *
 * @typedef {object} ModelFiles a model's files, all here
 * @property {string} id the catalogue's id, or '' for a model of the visitor's own
 * @property {string} name for a person: the catalogue's name, or the name of the weights file
 * @property {{ name: string, blob: Blob }[]} weights one file or several
 * @property {string | null} repo the hub's repository that the weights come from; null for other weights
 * @property {string | undefined} index the hub's index of the weights' files, where they came with one
 * @property {string} config JSON; an empty object where there is none: the engine then says what it misses
 * @property {Uint8Array | undefined} tokenizer the bytes of a tokenizer.json
 * @property {string | undefined} specialTokens the JSON that names the special tokens
 * @property {Promise<string>} sha256 of the weights, 64 hex digits, computed while the engine reads them; of
 *   several files see `together` in digests.js.
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
 */
import { anySignal } from '../base/abort.js';
import { ERROR_CODES } from '../base/error_codes.js';
import { aborted, failure } from '../base/failure.js';
import { inTimeSlices } from '../base/time_slices.js';
import { repositoryOf, wantedOf } from './catalogue.js';
import { agreed, together } from './digests.js';
import { anyEntry, CATALOGUE, openedShelf } from './entries.js';
import { bringFile, nameOf } from './fetching.js';
import { Digest } from './hashing.js';
import { fromPlanes } from './planes.js';
import { Progress } from './progress.js';

/**
 * Brings a model's files here. Keeps files of the hub in this browser, where it allows that.
 *
 * Rejects with `ModelNotFound`, `ModelGated`, `ModelFetch`, `CheckpointFormat` for an index that can't be
 * used, `FileRead`, `DigestFailed` or `AbortError`.
 * @param {string | import('../engine/headscope.js').OwnFiles} source
 * @param {BringOptions} options
 * @returns {Promise<ModelFiles>}
 */
export async function bringModel(source, { onProgress, signal }) {
  if (signal?.aborted) throw aborted(signal);
  const wanted =
    typeof source === 'string' ? wantedOf(await anyEntry(source, signal), CATALOGUE) : fromFiles(source);
  const { index, config, tokenizer, specialTokens } = wanted;
  const isKept = (index ?? wanted.weights[0]).keep !== undefined;
  const files = [...wanted.weights, index, config, tokenizer, specialTokens];
  const progress = new Progress(files, onProgress);
  // A file that fails ends the others.
  const others = new AbortController();
  const shelf = isKept ? await openedShelf() : null;
  const how = { progress, shelf, signal: anySignal(signal, others.signal), hashed: true };
  try {
    const [weights, ...small] = await Promise.all([
      bringWeights(wanted, how),
      bringSmall(config, how),
      bringSmall(tokenizer, how),
      bringSmall(specialTokens, how),
    ]);
    return await modelFiles(wanted, weights, small, isKept);
  } catch (error) {
    others.abort();
    throw signal?.aborted ? aborted(signal) : error;
  }
}

/** @param {Wanted | undefined} file @param {import('./fetching.js').BringHow} how */
async function bringSmall(file, how) {
  if (!file) return undefined;
  const brought = await bringFile(file, how);
  if (brought.kept) await agreed(brought, file);
  return brought;
}

/**
 * Brings the weights, one file after the other, and before them the index that names them.
 * @param {WantedModel} wanted @param {import('./fetching.js').BringHow} how
 */
async function bringWeights({ weights, index, parts }, how) {
  const listed = await bringSmall(index, how);
  const text = await listed?.blob.text();
  const files = parts && text !== undefined ? parts(text) : weights;
  /** @type {{ file: Wanted, brought: Brought }[]} */ const here = [];
  for (const file of files) {
    const brought = file.planes ? await bringPlanes(file, how) : await bringFile(file, how);
    here.push({ file, brought });
  }
  return { listed, text, here };
}

/**
 * Brings a file that comes in planes. Its digest is that of the file, so it is computed afterwards.
 * @param {Wanted} file @param {import('./fetching.js').BringHow} how
 * @returns {Promise<Brought>}
 */
async function bringPlanes(file, how) {
  // Its worker starts while the file arrives.
  const digest = new Digest();
  try {
    const { blob } = await bringFile(file, { ...how, hashed: false });
    const bytes = await inTimeSlices(fromPlanes(new Uint8Array(await blob.arrayBuffer())));
    const whole = new Blob(bytes ? [bytes] : []);
    void digest.add(whole);
    return { blob: whole, kept: null, digest: digest.finish() };
  } catch (thrown) {
    digest.stop();
    throw thrown;
  }
}

/**
 * @param {WantedModel} wanted
 * @param {Awaited<ReturnType<typeof bringWeights>>} weights
 * @param {(Brought | undefined)[]} small the configuration, the tokenizer and what names its special tokens
 * @param {boolean} isKept whether the files should be kept in this browser
 * @returns {Promise<ModelFiles>}
 */
async function modelFiles({ id, name }, { listed, text, here }, small, isKept) {
  const [config, tokenizer, special] = small;
  const digest = together(here.map(({ file, brought }) => agreed(brought, file)));
  digest.catch(() => {}); // told to whoever asks for it
  const weights = here.map(({ brought }) => brought);
  /** The files that an error may be about. @type {Record<string, (Brought | undefined)[]>} */
  const of = { weights: [listed, ...weights], config: [config], tokenizer: [tokenizer, special] };
  const unkept = weights.find(({ kept }) => !kept?.stays) ?? weights[0];
  return {
    id,
    name,
    weights: here.map(({ file, brought }) => ({
      name: file.planes ?? nameOf(file.from),
      blob: brought.blob,
    })),
    repo: repositoryOf(here[0].file.from),
    index: text,
    config: (await config?.blob.text()) ?? '{}',
    tokenizer: tokenizer && new Uint8Array(await tokenizer.blob.arrayBuffer()),
    specialTokens: await special?.blob.text(),
    sha256: digest,
    notKept: isKept ? whyNotKept(unkept.kept) : null,
    async vouch() {
      for (const brought of Object.values(of).flat()) {
        const kept = brought?.kept;
        if (kept && kept.about.sha256 === null) await kept.verified(await kept.digest());
      }
    },
    async doubt(code) {
      const atFault = ERROR_CODES[code]?.file;
      let deleted = false;
      for (const brought of atFault ? of[atFault] : []) {
        const kept = brought?.kept;
        if (!kept || kept.about.sha256 !== null) continue;
        await kept.forget();
        deleted = true;
      }
      return deleted;
    },
  };
}

/** @param {import('./partial_file.js').Kept | null} kept */
function whyNotKept(kept) {
  if (!kept || kept.stays) return null;
  return kept.refused === null
    ? 'This browser lets the page keep no files, so the model stays only until the page is closed.'
    : `The model could not be kept (${kept.refused}), so it stays only until the page is closed.`;
}

/** @param {import('../engine/headscope.js').OwnFiles} files @returns {WantedModel} */
function fromFiles({ weights, index, config, tokenizer, specialTokens }) {
  const files = (Array.isArray(weights) ? weights : [weights]).map(addressed);
  if (!files.length) throw failure('CheckpointFormat', 'A model needs at least one file of weights.');
  return {
    id: '',
    name: nameOf(files[0]),
    weights: files.map((from) => ({ from })),
    index: index && { from: asJson(index) },
    config: config && { from: asJson(config) },
    tokenizer: tokenizer === undefined ? undefined : { from: addressed(tokenizer) },
    specialTokens: specialTokens === undefined ? undefined : { from: addressed(specialTokens) },
  };
}

/** @param {Blob | object} given */
const asJson = (given) => (given instanceof Blob ? given : new Blob([JSON.stringify(given)]));

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
