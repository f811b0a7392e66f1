/**
 * Models of the visitor's own: reads the files that come, and opens the model that they make. Which file goes
 * with which is decided in own_files.js.
 *
 * @typedef {import('../engine/headscope.js').Download} Files
 * @typedef {import('../state/library.js').KindOfModel} KindOfModel
 * @typedef {import('./own_files.js').Companions} Companions
 * @typedef {import('./own_files.js').Kit} Kit
 */

import { isKnown } from '../base/error_codes.js';
import { legible } from '../base/tokens.js';
import { ownId } from '../state/library.js';
import { unread } from './files.js';
import { after, companionsOf, filesOf, NO_FILES, noteOn } from './own_files.js';

/** @param {Blob} file */
const nameOf = (file) => (file instanceof File ? legible(file.name) : 'chosen here');

/**
 * The content of a configuration; empty where it is no object, which the engine tells.
 * @param {Blob | undefined} config
 * @returns {Promise<object>}
 */
async function contentOf(config) {
  try {
    const content = JSON.parse((await config?.text()) ?? '{}');
    return typeof content === 'object' && content !== null ? content : {};
  } catch {
    return {};
  }
}

/**
 * @param {import('./models.js').Opener} opener
 * @param {Pick<typeof import('../store/store.js'), 'knownBy'>} store
 * @param {() => import('../state/state.js').State} getState @param {import('../state/state.js').Emit} emit
 * @param {(thrown: unknown) => void} report
 */
export function createOwn(opener, store, getState, emit, report) {
  let own = /** @type {import('./own_files.js').Own} */ (NO_FILES);
  /** @param {import('./own_files.js').Event} event */
  const note = (event) => {
    own = after(own, event);
  };

  /** @param {Partial<import('../state/library.js').Library>} change */
  const tell = (change) => emit({ type: 'library', change });

  /** @param {Companions} companions */
  function show(companions) {
    const files = Object.entries(companions).map(([slot, file]) => [
      slot,
      { name: nameOf(file), bytes: file.size, more: 0 },
    ]);
    const [first, ...more] = own.weights ?? [];
    const bytes = own.weights?.reduce((sum, file) => sum + file.size, 0) ?? 0;
    const weights = first && { name: first.name, bytes, more: more.length };
    tell({ own: { ...(weights && { weights }), ...Object.fromEntries(files) }, open: true });
  }

  /** Reads what is here, as the newest edition, and opens the model. */
  async function bring() {
    const { weights, newest: edition, loose: fresh } = own;
    tell({ question: null, note: null, reading: weights?.[0].name ?? null });
    show(fresh);
    if (!weights) return;
    try {
      const kit = await kitOf(weights, fresh, edition);
      if (edition !== own.newest) return;
      note({ type: 'read', kit });
      show(kit.companions);
      emit({ type: 'open model', model: kit.id, edition });
    } catch (thrown) {
      if (edition !== own.newest) return;
      const { name } = /** @type {Error} */ (thrown);
      report(isKnown(name) ? thrown : unread('The model', thrown));
    }
    tell({ reading: null });
  }

  /**
   * @param {readonly File[]} weights @param {Companions} fresh @param {number} edition
   * @returns {Promise<Kit>}
   */
  async function kitOf(weights, fresh, edition) {
    const { files } = await opener.download({ weights: [...weights] });
    const sha256 = await files.sha256;
    const id = ownId(sha256);
    const companions = companionsOf(own, id, fresh);
    // Without the catalogue nobody knows the files. That it can't be read is told where it is listed.
    const entry = await store.knownBy(sha256).catch(() => null);
    const { config = entry?.config, tokenizer = entry?.tokenizer, specialTokens } = companions;
    if (entry && edition === own.newest) tell({ note: noteOn(entry, companions) });
    const { index } = companions;
    const whole = { weights: [...weights], index, config, tokenizer, specialTokens };
    const all = await opener.download(whole);
    return { id, edition, weights, companions, fresh, files: all, refused: false };
  }

  return {
    /** Takes files that came. @param {import('./files.js').Slots} slots */
    async take(slots) {
      note({ type: 'came', slots });
      await bring();
    },

    /** The visitor's answer where the engine could not tell the kind of a model. @param {KindOfModel} kind */
    async answer(kind) {
      const asked = own.trying;
      if (!asked || getState().library.question?.model !== asked.id) return;
      const content = await contentOf(asked.companions.config);
      const config = new Blob([JSON.stringify({ ...content, ...kind })]);
      note({ type: 'answered', edition: asked.edition, config });
      await bring();
    },

    /**
     * The files of a model that the state asks for; undefined for a model that was not here.
     * @param {string} id
     */
    files: (id) => filesOf(own, id, getState().edition),

    /** @param {Files} files */
    loaded: (files) => note({ type: 'loaded', files }),

    /** @param {Files} files @param {string} code */
    refused: (files, code) => note({ type: 'refused', files, code }),
  };
}
