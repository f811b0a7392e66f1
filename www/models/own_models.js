/**
 * Models of the visitor's own: puts together the files that come, in any order and together or not, and
 * keeps, of each
 * model, those that it could be loaded with.
 *
 * A configuration or a tokenizer belongs to the weights that it was first used with. Only what was used with
 * none is meant
 * for those that come next: what was right for one model says nothing of another.
 *
 * @typedef {import('../engine/headscope.js').Download} Files
 * @typedef {import('../state/library.js').KindOfModel} KindOfModel
 * @typedef {Partial<Record<'config' | 'tokenizer', Blob>>} Companions of weights
 * @typedef {object} Kit all that a model of one's own is loaded from
 * @property {string} id
 * @property {number} edition
 * @property {File} weights
 * @property {Companions} companions
 * @property {Companions} fresh   those of them that came for this
 * @property {Files} files
 * @property {boolean} refused    whether it could not be loaded
 */

import { codesThat } from '../base/error_codes.js';
import { known } from '../state/errors.js';
import { ownId } from '../state/library.js';
import { unread } from './files.js';

/** Codes of weights that no other file mends. */
const BROKEN = codesThat(({ file, otherFileMends }) => file && !otherFileMends);
/** Codes that another configuration or tokenizer may mend. */
const UNFIT = codesThat(({ otherFileMends }) => otherFileMends);

/** @param {Blob} file */
const nameOf = (file) => (file instanceof File ? file.name : 'chosen here');

/**
 * What a configuration says; nothing where it is none, which the engine tells.
 * @param {Blob | undefined} config
 * @returns {Promise<object>}
 */
async function saidBy(config) {
  try {
    const said = JSON.parse((await config?.text()) ?? '{}');
    return typeof said === 'object' && said !== null ? said : {};
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
  /** @type {File | undefined} */ let weights;
  /** What was used with no weights yet. @type {Companions} */ let loose = {};
  /** What came for weights that it was of no use to, and may be meant for those that come next. @type {Companions} */ let over =
    {};
  /** The newest try. @type {Kit | null} */ let trying = null;
  /** Those that could be loaded, by the model's id, the last one last. @type {Map<string, Kit>} */
  const worked = new Map();
  /** Each try is an edition of its model: what came later wins, whichever is read first. */
  let newest = 0;

  /** @param {Partial<import('../state/library.js').Library>} change */
  const tell = (change) => emit({ type: 'library', change });

  /** @param {Companions} companions */
  function show({ config, tokenizer }) {
    const files = Object.entries({ weights, config, tokenizer }).flatMap(([slot, file]) =>
      file ? [[slot, { name: nameOf(file), bytes: file.size }]] : [],
    );
    tell({ own: Object.fromEntries(files), open: true });
  }

  async function bring() {
    const edition = ++newest;
    const fresh = loose;
    tell({ question: null, note: null, reading: weights?.name ?? null });
    show(fresh);
    if (!weights) return;
    try {
      const kit = await kitOf(weights, fresh, edition);
      if (edition !== newest) return;
      trying = kit;
      loose = {};
      show(kit.companions);
      emit({ type: 'open model', model: kit.id, edition });
    } catch (thrown) {
      if (edition !== newest) return;
      const { name } = /** @type {Error} */ (thrown);
      report(known(name) ? thrown : unread('The model', thrown));
    }
    tell({ reading: null });
  }

  /** @param {File} weights @param {Companions} fresh @param {number} edition @returns {Promise<Kit>} */
  async function kitOf(weights, fresh, edition) {
    const { files } = await opener.download({ weights });
    const sha256 = await files.sha256;
    const id = ownId(sha256);
    const last = trying?.id === id && !trying.refused ? trying : worked.get(id);
    const companions = { ...last?.companions, ...fresh };
    // Without the catalogue they are files that nobody knows; that it cannot be had is told where it is
    // listed.
    const entry = await store.knownBy(sha256).catch(() => null);
    const { config = entry?.config, tokenizer = entry?.tokenizer } = companions;
    if (entry && edition === newest) tell({ note: told(entry, companions) });
    return {
      id,
      edition,
      weights,
      companions,
      fresh,
      files: await opener.download({ weights, config, tokenizer }),
      refused: false,
    };
  }

  /** @param {NonNullable<Awaited<ReturnType<typeof store.knownBy>>>} entry @param {Companions} given */
  function told({ name, config, tokenizer, lacksTokenizer }, given) {
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

  return {
    /** @param {import('./files.js').Slots} slots */
    async take({ weights: others, ...companions }) {
      weights = others ?? weights;
      loose = { ...(others && over), ...loose, ...companions };
      if (others) over = {};
      await bring();
    },

    /** What kind of model it is that the engine could not tell. @param {KindOfModel} kind */
    async answer(kind) {
      const asked = trying;
      if (!asked || getState().library.question?.model !== asked.id) return;
      const config = new Blob([JSON.stringify({ ...(await saidBy(asked.companions.config)), ...kind })]);
      asked.companions = { ...asked.companions, config };
      await bring();
    },

    /**
     * The files of a model that the state asks for, or undefined for one that was not here.
     * @param {string} id
     */
    files(id) {
      const newer = trying?.id === id ? trying : undefined;
      return (newer?.edition === getState().edition ? newer : (worked.get(id) ?? newer))?.files;
    },

    /** @param {Files} files */
    loaded(files) {
      if (trying?.files !== files) return;
      worked.delete(trying.id);
      worked.set(trying.id, trying);
    },

    /** @param {Files} files @param {string} code */
    refused(files, code) {
      // Memory, a GPU, a question: nothing against the files.
      if (trying?.files !== files || !(BROKEN.has(code) || UNFIT.has(code))) return;
      trying.refused = true;
      const { config, tokenizer } = trying.fresh;
      over = { ...(config && { config }), ...(tokenizer && code !== 'TokenizerInvalid' && { tokenizer }) };
      // What comes next by itself is for the model that goes on.
      const last = [...worked.values()].at(-1);
      if (BROKEN.has(code) && weights === trying.weights) weights = last?.weights;
    },
  };
}
