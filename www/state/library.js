/**
 * The models that the page can use: the part of the state that the model panel draws and models/ acts on.
 * Pure.
 *
 * @typedef {import('../store/store.js').Listed} Listed
 * @typedef {{ normalization_type: string | null, positional_embedding_type: string }} KindOfModel
 *
 * @typedef {object} Download a download in progress
 * @property {string} id
 * @property {string} name
 * @property {number} loaded bytes
 * @property {number} total bytes
 * @property {number | null} rate bytes a second; null until enough has come to tell
 * @property {number | null} left seconds; null as `rate`
 * @property {boolean} waiting whether another tab downloads the model
 *
 * @typedef {'weights' | 'index' | 'config' | 'tokenizer' | 'specialTokens'} Slot   the last: a
 *   tokenizer_config.json or a special_tokens_map.json
 * @typedef {{ name: string, bytes: number, more: number }} OwnFile   more: further files of the same slot
 *
 * @typedef {object} Library
 * @property {boolean} open whether the panel is open
 * @property {readonly Listed[] | null} listed null until the catalogue is read
 * @property {Download | null} download the download in progress
 * @property {Partial<Record<Slot, OwnFile>>} own the visitor's own files, by kind
 * @property {string | null} reading the own weights file that is being hashed
 * @property {{ model: string, choices: KindOfModel[] } | null} question which kind of model it is; the
 *   likeliest choice first
 * @property {readonly string[]} inMemory models downloaded, but only until the page is closed
 * @property {string | null} finding the repository of the hub that is being looked up
 * @property {boolean} unfound whether the last look-up of a repository failed
 * @property {string | null} note a sentence about the last download or the own files
 */

/** @type {Readonly<Library>} */
export const CLOSED = Object.freeze({
  open: false,
  listed: null,
  download: null,
  own: {},
  reading: null,
  question: null,
  inMemory: [],
  finding: null,
  unfound: false,
  note: null,
});

/**
 * The id of a model of the visitor's own, in the state and in a link. Whoever opens the link can tell whether
 * a file is that model.
 * @param {string} sha256
 */
export const ownId = (sha256) => `own-${sha256.slice(0, 12)}`;

/**
 * The first digits of the sha256 in an own model's id; null for a model of the catalogue.
 * @param {string} id
 */
export const ownSha = (id) => /^own-([0-9a-f]{12})$/.exec(id)?.[1] ?? null;

/**
 * Whether the page uses a model, or is about to.
 * @param {import('./state.js').State} state
 * @param {string} id
 */
export const inUse = ({ view, model }, id) => view.model === id || model?.id === id;

/** Most bytes of a wasm heap. */
const HEAP = 4 * 2 ** 30;

/** Bytes of the heap beside the weights: the tokenizer, the buffers of a run, the pieces that are read. */
const BESIDE = 256 * 2 ** 20;

/**
 * A sentence where a model may not fit this device; null where nothing speaks against it.
 * @param {Pick<Listed, 'memory' | 'bytes'>} listed
 * @param {number | undefined} deviceMemory GiB, as the browser rounds and caps it; undefined where it does
 *   not tell
 */
export function memoryWarning({ memory, bytes }, deviceMemory) {
  const needed = (memory ?? bytes) + BESIDE;
  const gigabytes = (/** @type {number} */ size) => `${(size / 1e9).toFixed(1)} GB`;
  if (needed > HEAP)
    return (
      `It needs ${gigabytes(needed)} of memory. ` +
      `The CPU has at most ${gigabytes(HEAP)} here, so only a GPU can run it.`
    );
  // A page gets about half of a device's memory before its browser ends it.
  if (deviceMemory !== undefined && needed > (deviceMemory * 2 ** 30) / 2)
    return (
      `It needs ${gigabytes(needed)} of memory, ` +
      `and this device has about ${deviceMemory} GB. It may not fit.`
    );
  return null;
}

/** A rate is over this long: it then neither jumps nor lags. */
const WINDOW_MS = 4000;

/**
 * A speedometer: takes how many bytes have come, and gives their rate and the time that the rest takes.
 * @returns {(now: number, loaded: number, total: number) => { rate: number | null, left: number | null }}
 */
export function speedometer() {
  /** @type {{ at: number, loaded: number }[]} */ let seen = [];
  return (now, loaded, total) => {
    // A download that is begun anew counts from there.
    if (loaded < (seen.at(-1)?.loaded ?? 0)) seen = [];
    seen = [...seen.filter(({ at }) => now - at <= WINDOW_MS), { at: now, loaded }];
    const { at, loaded: before } = seen[0];
    const rate = now - at < 300 || loaded <= before ? null : ((loaded - before) / (now - at)) * 1000;
    return { rate, left: rate === null ? null : Math.max(0, total - loaded) / rate };
  };
}

/**
 * Reads token ids as a person writes or pastes them; null for any other text.
 * @param {string} text `0, 17 4`, `[0, 17, 4]`
 * @returns {Uint32Array | null}
 */
export function idsIn(text) {
  const inner = text.trim().replace(/^(?:tensor\()?\[+([\s\S]*?)\]+\)?$/, '$1');
  if (!/^\d{1,9}(?:[\s,;]+\d{1,9})*[\s,;]*$/.test(inner.trim())) return null;
  return Uint32Array.from(inner.match(/\d+/g) ?? [], Number);
}
