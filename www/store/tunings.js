/**
 * How GPUs were tuned at earlier visits, by adapter: one file beside the models. It is of one build of this
 * code, because another build has other kernels.
 *
 * @typedef {import('./storage.js').Shelf} Shelf
 */
import { BUILD } from '../base/build.js';

/** A name that no model's file has. */
const FILE = '.tunings';

/**
 * The tunings of this visit. Without the disk they are known until the page is closed.
 * @type {Map<string, unknown>}
 */
const found = new Map();

/**
 * What was kept of an adapter by this build, as it was kept; undefined where there is nothing.
 * @param {Shelf | null} shelf @param {string} adapter
 * @returns {Promise<unknown>}
 */
export async function keptTuning(shelf, adapter) {
  if (found.has(adapter)) return found.get(adapter);
  return new Map(Object.entries(await tuningsIn(shelf))).get(adapter);
}

/**
 * Keeps the tuning of an adapter for later visits, if the browser keeps files.
 * @param {Shelf | null} shelf @param {string} adapter @param {object} tuning
 */
export async function keepTuning(shelf, adapter, tuning) {
  found.set(adapter, tuning);
  const tunings = { ...(await tuningsIn(shelf)), [adapter]: tuning };
  const file = new Blob([JSON.stringify({ build: BUILD, tunings })]);
  // Where the disk is full, the next visit measures again.
  await shelf?.write(FILE, file).catch(() => {});
}

/** The kept tunings of this build. @param {Shelf | null} shelf @returns {Promise<object>} */
async function tuningsIn(shelf) {
  try {
    const { build, tunings } = JSON.parse((await (await shelf?.read(FILE))?.text()) ?? '{}') ?? {};
    return build === BUILD && typeof tunings === 'object' && tunings ? tunings : {};
  } catch {
    return {}; // cut short when the page was closed, or the browser refuses to read: as if there were none
  }
}
