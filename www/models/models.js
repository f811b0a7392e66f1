/**
 * Gets models for the page: lists, downloads and deletes those of the catalogue, takes the visitor's own
 * files, and gives the engine the files of the model that the state asks for. analysis.js loads the model and
 * says what came of it.
 *
 * @typedef {import('../engine/headscope.js').Download} Files
 * @typedef {{
 *   open: typeof import('../engine/headscope.js').Headscope.open,
 *   download(source: import('../engine/headscope.js').Source, options?:
 *   import('../store/store.js').BringOptions): Promise<Files>,
 * }} Opener the engine, which hands all of a download's options to the store
 * @typedef
 *   {Pick<typeof import('../store/store.js'), 'listModels' | 'findRepository' | 'forgetModel' |
 *   'prepareStorage' | 'knownBy'>} Store
 * @typedef {(
 *   | { type: 'show models', open: boolean }
 *   | { type: 'download model', model: string | null }
 *   | { type: 'stop download' }
 *   | { type: 'delete model', model: string }
 *   | { type: 'find model', repo: string }
 *   | { type: 'own files', files: readonly File[] }
 *   | { type: 'answer', config: import('../state/library.js').KindOfModel }
 * )} Command a command that this module alone carries out; `download model` without a model is for the model
 *   that the state asks for
 */

import { failure } from '../base/failure.js';
import { megabytes } from '../base/format.js';
import { problemOf } from '../state/errors.js';
import { inUse, ownSha, speedometer } from '../state/library.js';
import { OF_FILES, OF_LOOKING_UP } from '../state/state.js';
import { sorted } from './files.js';
import { createOwn } from './own_models.js';

/** A model of more bytes is not loaded for a link before the visitor asks for it. */
const MOST_UNASKED = 64e6;

/** The panel hears of a download at most this often. */
const TELL_MS = 200;

const COMMANDS = new Set([
  'show models',
  'download model',
  'find model',
  'stop download',
  'delete model',
  'own files',
  'answer',
]);

/** @param {{ type: string }} command @returns {command is Command} */
export const isCommand = (command) => COMMANDS.has(command.type);

/**
 * @param {Opener} opener
 * @param {Store} store
 * @param {() => import('../state/state.js').State} getState
 * @param {import('../state/state.js').Emit} emit
 */
export function createModels(opener, store, getState, emit) {
  /** Models downloaded in this visit, also those that could not be kept. @type {Map<string, Files>} */
  const held = new Map();
  /** @type {AbortController | null} */ let downloading = null;

  /** @param {Partial<import('../state/library.js').Library>} change */
  const tell = (change) => emit({ type: 'library', change });
  /** @param {unknown} thrown */
  const report = (thrown) => emit({ type: 'problem', problem: problemOf(thrown) });
  const own = createOwn(opener, store, getState, emit, report);

  async function list() {
    try {
      const listed = await store.listModels();
      tell({ listed });
      return listed;
    } catch (thrown) {
      report(thrown);
      return [];
    }
  }

  /** @param {string} id */
  async function download(id) {
    if (downloading) return;
    const abort = new AbortController();
    downloading = abort;
    const entry = (getState().library.listed ?? (await list())).find((listed) => listed.id === id);
    const name = entry?.name ?? id;
    const [loaded, total] = [entry?.here ?? 0, entry?.bytes ?? 0];
    tell({
      download: { id, name, loaded, total, rate: null, left: null, waiting: false },
      note: null,
      unfound: false,
    });
    for (const code of ['ModelNotHere', 'ModelUnasked']) emit({ type: 'dismiss', code });
    try {
      await noteRoom(total - loaded);
      const files = await opener.download(id, { signal: abort.signal, onProgress: progressOf(id, name) });
      await files.files.sha256;
      const { notKept } = files.files;
      held.set(id, files);
      if (notKept) tell({ note: notKept, inMemory: [...getState().library.inMemory, id] });
      tell({ download: null });
      await list();
      emit({ type: 'open model', model: id });
    } catch (thrown) {
      tell({ download: null });
      if (!abort.signal.aborted) report(thrown);
      await list();
    } finally {
      downloading = null;
    }
  }

  /** Notes where the browser has no room to keep a download. @param {number} needed bytes */
  async function noteRoom(needed) {
    const { kept, free } = await store.prepareStorage();
    if (!kept || free === null || free >= needed) return;
    const room = `This browser has room for ${megabytes(free)} MB`;
    tell({ note: `${room}, so the model will stay only until the page is closed.` });
  }

  /**
   * Tells the panel how far a download is, with its speed.
   * @param {string} id @param {string} name
   * @returns {NonNullable<import('../store/store.js').BringOptions['onProgress']>}
   */
  function progressOf(id, name) {
    const speed = speedometer();
    let told = -Infinity;
    return ({ loaded, total }, { kept, waiting }) => {
      const now = performance.now();
      const changed = waiting !== getState().library.download?.waiting;
      if (now - told < TELL_MS && loaded < total && !changed) return;
      told = now;
      tell({ download: { id, name, loaded, total, waiting, ...speed(now, loaded - kept, total - kept) } });
    };
  }

  /** Looks a repository of the hub up and lists it. @param {string} typed by the visitor */
  async function find(typed) {
    const repo = repositoryIn(typed);
    for (const code of OF_LOOKING_UP) emit({ type: 'dismiss', code });
    tell({ finding: repo, unfound: false, note: null });
    try {
      const { id } = await store.findRepository(repo);
      await list();
      tell({ finding: null, note: `${id} is listed under the models of the hub, with its size.` });
    } catch (thrown) {
      tell({ finding: null, unfound: true });
      report(thrown);
    }
  }

  /** @param {string} id */
  async function remove(id) {
    // An engine that has to start again reads the model in use from its files.
    if (inUse(getState(), id)) return;
    try {
      await store.forgetModel(id);
      forget(id);
      tell({ note: null });
    } catch (thrown) {
      report(thrown);
    }
    await list();
  }

  /** Files are sorted in the order in which they came. */
  let arriving = Promise.resolve();
  /** @param {readonly File[]} files */
  function take(files) {
    arriving = arriving.then(async () => {
      for (const code of OF_FILES) emit({ type: 'dismiss', code });
      const slots = await sorted(files, emit);
      if (Object.keys(slots).length) void own.take(slots);
    });
  }

  /** Lets go of files that were downloaded in this visit. @param {string} id */
  function forget(id) {
    held.delete(id);
    tell({ inMemory: getState().library.inMemory.filter((other) => other !== id) });
  }

  /**
   * Deletes a kept file that may be at fault, so that the next try downloads it again.
   * @param {Files} files @param {string} code
   */
  async function doubt(files, code) {
    try {
      if (!(await files.files.doubt(code))) return;
    } catch (thrown) {
      report(thrown);
    }
    forget(files.files.id);
    await list();
  }

  return {
    open: opener.open,

    /**
     * The files of a model that the state asks for. Rejects with `OwnFileNeeded` or `ModelNotHere` for a
     * model that the visitor has to bring first, and with `ModelUnasked` for a large one that a link names:
     * nothing large is downloaded or loaded unasked.
     * @param {string} id @param {import('../engine/headscope.js').LoadOptions} options
     * @returns {Promise<Files>}
     */
    async download(id, options) {
      const here = own.files(id) ?? held.get(id);
      if (here) return here;
      const sha = ownSha(id);
      if (sha) throw ownFileNeeded(sha);
      const entry = id === 'default' ? undefined : (await list()).find((listed) => listed.id === id);
      if (entry && !entry.whole) throw notHere(entry);
      if (entry && entry.bytes > MOST_UNASKED && getState().unasked === id) throw unasked(entry);
      // Nobody is asked about a repository that a link names, before the visitor wants it.
      if (!entry && id.includes('/')) throw unknownRepository(id);
      return opener.download(id, options);
    },

    /** @param {Files} files @param {string | null} fault of the tokenizer */
    loaded(files, fault) {
      own.loaded(files);
      if (fault) void doubt(files, 'TokenizerInvalid');
      else void files.files.vouch().catch(report);
    },

    /** @param {Files} files @param {unknown} thrown */
    async refused(files, thrown) {
      const { code } = problemOf(thrown);
      own.refused(files, code);
      await doubt(files, code);
    },

    /** The engine can't read them any more: they are looked for again. @param {Files} files */
    gone: ({ files }) => forget(files.id),

    /** @param {Command} command */
    act(command) {
      if (command.type === 'show models') {
        tell({ open: command.open });
        if (command.open) void list();
      } else if (command.type === 'download model') void download(command.model ?? getState().view.model);
      else if (command.type === 'find model') void find(command.repo);
      else if (command.type === 'stop download') downloading?.abort();
      else if (command.type === 'delete model') void remove(command.model);
      else if (command.type === 'own files') take(command.files);
      else void own.answer(command.config);
    },
  };
}

/** @param {string} sha256 the first digits of it */
const ownFileNeeded = (sha256) =>
  failure('OwnFileNeeded', `The model is a file of the link’s author; its sha256 begins with ${sha256}.`, {
    data: { sha256 },
  });

/** A repository's owner and name, in what a visitor typed: the name or the address. @param {string} typed */
const repositoryIn = (typed) =>
  typed
    .trim()
    .replace(/^(https?:\/\/)?(www\.)?huggingface\.co\//, '')
    .split('/')
    .slice(0, 2)
    .join('/');

/** @param {string} repo */
const unknownRepository = (repo) =>
  failure('ModelNotHere', `${repo} is a repository of the hub that was not downloaded here.`, {
    data: { model: repo },
  });

/** @param {import('../store/store.js').Listed} entry */
const unasked = ({ id, name, bytes }) =>
  failure('ModelUnasked', `${name} has ${megabytes(bytes)} MB.`, { data: { model: id } });

/** @param {import('../store/store.js').Listed} entry */
const notHere = ({ id, name, bytes, here }) =>
  failure('ModelNotHere', `${name} is a download of ${megabytes(bytes - here)} MB.`, { data: { model: id } });
