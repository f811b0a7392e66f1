/**
 * The models one can have, as the page knows them: the part of the state that the model panel draws and
 * `models.js` acts
 * on. Pure.
 *
 * @typedef {import('../store/store.js').Listed} Listed
 * @typedef {{ normalization_type: string | null, positional_embedding_type: string }} KindOfModel
 * @typedef
 *   {{ id: string, name: string, loaded: number, total: number, rate: number | null, left: number | null, waiting: boolean }}
 *   Download
 *   bytes; `rate` in bytes a second and `left` in seconds are null until there is something to go by;
 *   `waiting`: another tab
 *   is at it
 * @typedef {'weights' | 'config' | 'tokenizer'} Slot
 * @typedef {{ name: string, bytes: number }} OwnFile
 *
 * @typedef {object} Library
 * @property {boolean} open                    whether the panel is
 * @property {readonly Listed[] | null} listed null until the catalogue was read
 * @property {Download | null} download        the one in progress
 * @property {Partial<Record<Slot, OwnFile>>} own   the visitor's own files, by what they are
 * @property {string | null} reading           the own weights file whose sha256 is being found
 * @property {{ model: string, choices: KindOfModel[] } | null} question   what kind of model it is, the
 *   likeliest first
 * @property {readonly string[]} inMemory      downloaded, but only until the page is closed
 * @property {string | null} note              what else to know of the last download, or of the own files, in
 *   a sentence
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
  note: null,
});

/**
 * The name of a model of the visitor's own, in the state and in a link: whoever opens it can tell whether a
 * file is that one.
 * @param {string} sha256
 */
export const ownId = (sha256) => `own-${sha256.slice(0, 12)}`;

/**
 * The first digits of the sha256 that an own model's name holds; null for a model of the catalogue.
 * @param {string} id
 */
export const ownSha = (id) => /^own-([0-9a-f]{12})$/.exec(id)?.[1] ?? null;

/**
 * Whether the page runs on a model, or is about to.
 * @param {import('./state.js').State} state
 * @param {string} id
 */
export const inUse = ({ view, model }, id) => view.model === id || model?.id === id;

/** Rates are over this long, so that they neither jump nor lag. */
const WINDOW_MS = 4000;

/**
 * A speedometer: told how much has come, it says how fast more comes and how long the rest takes.
 * @returns {(now: number, loaded: number, total: number) => { rate: number | null, left: number | null }}
 */
export function speedometer() {
  /** @type {{ at: number, loaded: number }[]} */ let seen = [];
  return (now, loaded, total) => {
    // What is begun anew counts from there.
    if (loaded < (seen.at(-1)?.loaded ?? 0)) seen = [];
    seen = [...seen.filter(({ at }) => now - at <= WINDOW_MS), { at: now, loaded }];
    const { at, loaded: before } = seen[0];
    const rate = now - at < 300 || loaded <= before ? null : ((loaded - before) / (now - at)) * 1000;
    return { rate, left: rate === null ? null : Math.max(0, total - loaded) / rate };
  };
}

/**
 * Token ids as a person writes or pastes them; null when the text is anything else.
 * @param {string} text `0, 17 4`, `[0, 17, 4]`
 * @returns {Uint32Array | null}
 */
export function idsIn(text) {
  const inner = text.trim().replace(/^(?:tensor\()?\[+([\s\S]*?)\]+\)?$/, '$1');
  if (!/^\d{1,9}(?:[\s,;]+\d{1,9})*[\s,;]*$/.test(inner.trim())) return null;
  return Uint32Array.from(inner.match(/\d+/g) ?? [], Number);
}
