/**
 * How a GPU multiplies by weights, and who chose it. The engine times the candidates with the first model
 * that is loaded. The choice stays in this browser, by the adapter and the build, and is taken without a
 * measurement from then on.
 *
 * A way to multiply: the invocations of a workgroup with what they have read together, the same in narrow
 * workgroups alone, or each invocation by itself. With `-f16` the GPU reads weights in f16 as such; where it
 * can't, it is the same without.
 * @typedef {(typeof CANDIDATES)[number]} Candidate
 *
 * `rule` takes the candidate that suits the adapter's kind, `measure` times the candidates whatever is
 * remembered.
 * @typedef {Candidate | 'rule' | 'measure'} TuningChoice
 *
 * @typedef {object} CandidateTime
 * @property {string} candidate
 * @property {number | null} product seconds of a product with a matrix of the first layer, 64 rows at most;
 *   null where the time was up
 * @property {number | null} unembedding seconds of the unembedding of 64 rows; null also where it would have
 *   taken too long
 * @property {string | null} fault why the GPU refused the candidate
 *
 * @typedef {object} Told the worker's words
 * @property {import('./choices.js').Products} products
 * @property {Candidate} chosen
 * @property {'measured' | 'remembered' | 'rule' | 'given'} source
 * @property {number | null} rate
 * @property {CandidateTime[]} times
 *
 * @typedef {object} Tuning
 * @property {string} adapter
 * @property {Candidate} chosen
 * @property {'measured' | 'remembered' | 'rule' | 'given'} source `rule` also before a model is loaded, and
 *   on an adapter of software, which is not measured
 * @property {number | null} rate multiply-adds a second that were measured; null where none were
 * @property {CandidateTime[]} times empty where none were measured
 */
import { openedShelf } from '../store/entries.js';
import { keepTuning, keptTuning } from '../store/tunings.js';

export const CANDIDATES = /** @type {const} */ ([
  'workgroups',
  'workgroups-f16',
  'narrow-workgroups',
  'invocations',
  'invocations-f16',
]);

/**
 * What the worker is told of the tuning: a word, and the rate of a remembered choice.
 * @param {{ backend: string, tuning: TuningChoice | undefined }} choices
 * @returns {Promise<[word?: string, rate?: number]>}
 */
export async function wantedTuning({ backend, tuning }) {
  if (backend === 'cpu' || tuning !== undefined) return [tuning];
  const adapter = await adapterKey();
  const kept = adapter ? await keptTuning(await openedShelf(), adapter) : undefined;
  return isTuning(kept) ? [kept.chosen, kept.rate] : [];
}

/**
 * Asks the worker for its tuning once a model is loaded, and keeps what was measured.
 * @param {import('../base/thread.js').Thread} thread
 * @returns {Promise<Told | null>}
 */
export async function tuned(thread) {
  /** @type {Told | null} */ const told = await thread.call('tuning');
  const adapter = told?.source === 'measured' ? await adapterKey() : '';
  const { chosen, rate } = told ?? {};
  if (adapter && isTuning({ chosen, rate })) await keepTuning(await openedShelf(), adapter, { chosen, rate });
  return told;
}

/**
 * An engine's tuning, for its caller.
 * @param {import('./choices.js').EngineInfo} info
 * @returns {Tuning | null}
 */
export function tuningOf({ adapter, tuning }) {
  if (!tuning) return null;
  const { chosen, source, rate, times } = tuning;
  return { adapter, chosen, source, rate, times };
}

/**
 * Whether a kept thing can be used: other hands may have written the file.
 * @param {any} kept
 * @returns {kept is { chosen: Candidate, rate: number }}
 */
export const isTuning = (kept) =>
  CANDIDATES.includes(kept?.chosen) && Number.isFinite(kept.rate) && kept.rate > 0;

/**
 * The names that the browser gives the adapter. `''` without an adapter, and where the browser tells no name:
 * two GPUs could not be told apart.
 */
export async function adapterKey() {
  const adapter = await globalThis.navigator?.gpu?.requestAdapter({ powerPreference: 'high-performance' });
  const { vendor, architecture, device, description } = adapter?.info ?? {};
  const names = [vendor, architecture, device, description].map((name) => name ?? '');
  return names.some(Boolean) ? names.join(' / ') : '';
}
