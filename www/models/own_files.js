/**
 * The files of models of the visitor's own, as plain data: they come in any order, together or not, and each
 * model keeps the files that it loaded with. `own_models.js` reads and loads them.
 *
 * A configuration or a tokenizer belongs to the weights that it was first used with. Only what was used with
 * no weights is meant for the weights that come next: what was right for one model says nothing of another.
 *
 * @typedef {import('../engine/headscope.js').Download} Files
 * @typedef {Partial<Record<'index' | 'config' | 'tokenizer' | 'specialTokens', Blob>>} Companions of weights
 *
 * @typedef {object} Kit all that a model of one's own is loaded from
 * @property {string} id
 * @property {number} edition
 * @property {readonly File[]} weights one file or several
 * @property {Companions} companions
 * @property {Companions} fresh the companions that came for this edition
 * @property {Files} files
 * @property {boolean} refused whether it could not be loaded
 *
 * @typedef {object} Own what is here
 * @property {readonly File[] | undefined} weights
 * @property {Companions} loose files that were used with no weights yet
 * @property {Companions} over files of weights that could not use them: they may be meant for the next
 *   weights
 * @property {Kit | null} trying the newest kit
 * @property {readonly Kit[]} worked the kits that could be loaded, one an id, the last one last
 * @property {number} newest the last edition. Each try is an edition of its model: the later edition wins,
 *   whichever is read first
 *
 * @typedef {(
 *   | { type: 'came', slots: import('./files.js').Slots }
 *   | { type: 'answered', edition: number, config: Blob }
 *   | { type: 'read', kit: Kit }
 *   | { type: 'loaded', files: Files }
 *   | { type: 'refused', files: Files, code: string }
 * )} Event
 */

import { codesThat } from '../base/error_codes.js';

/** Codes of weights that no other file mends. */
const BROKEN = codesThat(({ file, otherFileMends }) => file && !otherFileMends);

/** Codes that another configuration or tokenizer may mend. */
const UNFIT = codesThat(({ otherFileMends }) => otherFileMends);

/** @type {Readonly<Own>} */
export const NO_FILES = Object.freeze({
  weights: undefined,
  loose: {},
  over: {},
  trying: null,
  worked: [],
  newest: 0,
});

/**
 * The files that are here after an event. `came` and `answered` begin a new edition; `read` says that its
 * files are all read.
 * @param {Own} own @param {Event} event
 * @returns {Own}
 */
export function after(own, event) {
  switch (event.type) {
    case 'came': {
      const { weights, ...companions } = event.slots;
      const newest = own.newest + 1;
      if (!weights) return { ...own, newest, loose: { ...own.loose, ...companions } };
      return { ...own, newest, weights, loose: { ...own.over, ...own.loose, ...companions }, over: {} };
    }
    case 'answered': {
      const { trying, newest } = own;
      if (trying?.edition !== event.edition) return { ...own, newest: newest + 1 };
      const companions = { ...trying.companions, config: event.config };
      return { ...own, newest: newest + 1, trying: { ...trying, companions } };
    }
    case 'read':
      return event.kit.edition === own.newest ? { ...own, trying: event.kit, loose: {} } : own;
    case 'loaded': {
      const { trying } = own;
      if (trying?.files !== event.files) return own;
      return { ...own, worked: [...own.worked.filter(({ id }) => id !== trying.id), trying] };
    }
    case 'refused':
      return afterRefusal(own, event);
  }
}

/** @param {Own} own @param {{ files: Files, code: string }} event @returns {Own} */
function afterRefusal(own, { files, code }) {
  const { trying } = own;
  // Memory, a GPU, a question: nothing against the files.
  if (trying?.files !== files || !(BROKEN.has(code) || UNFIT.has(code))) return own;
  // A tokenizer at fault is for no other weights, and neither is what names its special tokens.
  const { tokenizer: _, specialTokens: __, ...rest } = trying.fresh;
  const over = code === 'TokenizerInvalid' ? rest : trying.fresh;
  // After broken weights, the next files are for the model that goes on.
  const broken = BROKEN.has(code) && own.weights === trying.weights;
  const weights = broken ? own.worked.at(-1)?.weights : own.weights;
  return { ...own, over, weights, trying: { ...trying, refused: true } };
}

/**
 * The files that go with some weights: those that the same model was last tried or loaded with, and in their
 * place the files that came since.
 * @param {Own} own @param {string} id @param {Companions} fresh
 * @returns {Companions}
 */
export function companionsOf({ trying, worked }, id, fresh) {
  const last = trying?.id === id && !trying.refused ? trying : worked.find((kit) => kit.id === id);
  return { ...last?.companions, ...fresh };
}

/**
 * The files of a model that the state asks for; undefined for a model that was not here.
 * @param {Own} own @param {string} id @param {number} edition
 * @returns {Files | undefined}
 */
export function filesOf({ trying, worked }, id, edition) {
  const newer = trying?.id === id ? trying : undefined;
  if (newer?.edition === edition) return newer.files;
  return (worked.find((kit) => kit.id === id) ?? newer)?.files;
}

/**
 * A sentence or more about weights that the catalogue knows, and about the files of their model.
 * @param {import('../store/store.js').Known} entry
 * @param {Companions} given the files that the visitor gave
 */
export function noteOn({ name, config, tokenizer, lacksTokenizer }, given) {
  const used = [
    !given.config && config && 'configuration',
    !given.tokenizer && tokenizer && 'tokenizer',
  ].filter(Boolean);
  const parts = [`These are the weights of “${name}”.`];
  if (used.length) parts.push(`Its ${used.join(' and its ')} ${used.length > 1 ? 'are' : 'is'} used.`);
  if (lacksTokenizer && !given.tokenizer)
    parts.push(
      'Its tokenizer is not in this browser: download that model for it, or add its tokenizer.json.',
    );
  return parts.join(' ');
}
