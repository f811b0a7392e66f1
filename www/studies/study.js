/**
 * A study: something that the page computes beyond a run, such as an experiment on the model. A study says
 * when it is wanted and how it is made. work/schedule.js makes the wanted studies; views ask here for their
 * values.
 *
 * @typedef {import('../state/state.js').State} State
 * @typedef {import('../state/state.js').Problem} Problem
 * @typedef {import('../state/state.js').Studying} Studying
 * @typedef {import('../figures/sampled.js').Figure} Figure
 *
 * @typedef {object} At                   the input of a study
 * @property {import('../engine/headscope.js').Model} model
 * @property {import('../engine/headscope.js').Run} run   the shown run
 * @property {State} state                at the start of the study
 * @property {AbortSignal} signal         aborted when the study is no longer wanted
 * @property {(progress: { done: number, total: number }) => void} onProgress
 */

/**
 * @template Value
 * @typedef {object} Study
 * @property {string} kind                its name in links: small letters and dashes
 * @property {string} [title]             its name in a sentence
 * @property {boolean} [long]             the study takes long: it runs beside others, when the visitor asks
 *   for it
 * @property {(state: State) => boolean} [byItself]   tells whether a long study is short enough on this model
 *   to start without being asked for
 * @property {(state: State) => boolean} [shown]   tells whether the page shows a long study. The study starts
 *   when it is shown, and continues when it is not: a look at another tab must not throw minutes away
 * @property {boolean} [ofRun]            the study depends on the shown text, and not only on the model
 * @property {(state: State) => unknown[] | null} needs   what else the study depends on; null when an input
 *   is missing, or when the page does not show a study without `shown`
 * @property {(at: At) => Promise<Value>} perform
 * @property {(value: Value) => Figure[]} [figures]   the figures in a link, in a fixed order
 */

/**
 * The key of each run's ids: every change of the state asks for it.
 * @type {WeakMap<Uint32Array, string>}
 */
const idsKeys = new WeakMap();

/**
 * A key of a run's ids: their number and two checksums of 32 bits.
 * @param {import('../state/state.js').Result} result
 */
export function idsKey({ ids }) {
  let key = idsKeys.get(ids);
  if (key === undefined) {
    let [one, other] = [0x811c9dc5, 1];
    for (const id of ids) {
      one = Math.imul(one ^ id, 0x01000193);
      other = Math.imul(other, 0x5bd1e995) + id + 1;
    }
    key = [ids.length, one >>> 0, other >>> 0].join(' ');
    idsKeys.set(ids, key);
  }
  return key;
}

/**
 * The key of everything that a study depends on; null while it is not wanted, or before the first run.
 * @param {State} state @param {Study<any>} study @returns {string | null}
 */
export const wanted = (state, study) => (study.shown && !study.shown(state) ? null : asked(state, study));

/**
 * Whether a study may start: a long study that does not start by itself waits for the visitor.
 * @param {State} state @param {Study<any>} study
 */
export const isAsked = (state, study) =>
  !study.long || state.view.ran.includes(study.kind) || study.byItself?.(state) === true;

/**
 * The same whether the page shows the study or not. A running study stops when this key changes.
 * @param {State} state @param {Study<any>} study @returns {string | null}
 */
export function asked(state, study) {
  const { result, view, attempt } = state;
  // While another model loads, the shown run is about to go.
  if (!result || result.model.id !== view.model || !isAsked(state, study)) return null;
  const needs = study.needs(state);
  return (
    needs &&
    JSON.stringify([result.model.sha256, result.backend, attempt, study.ofRun ? idsKey(result) : null, needs])
  );
}

/**
 * A study's value for the current key; null without one.
 * @template Value
 * @param {State} state @param {Study<Value>} study @returns {Value | null}
 */
export function found(state, study) {
  const finding = state.findings[study.kind];
  return finding && !finding.problem && finding.key === wanted(state, study)
    ? /** @type {Value} */ (finding.value)
    : null;
}

/**
 * A study's newest value. Views show a value of other settings faded while the new one is computed. Null
 * without a value, or with a value of another model.
 * @template Value
 * @param {State} state @param {Study<Value>} study @returns {{ value: Value, current: boolean } | null}
 */
export function latest(state, study) {
  const finding = state.findings[study.kind];
  if (!finding || finding.problem || !state.result) return null;
  const sameModel = JSON.parse(finding.key)[0] === state.result.model.sha256;
  return sameModel
    ? { value: /** @type {Value} */ (finding.value), current: found(state, study) !== null }
    : null;
}

/**
 * The status of a study: its problem, or its progress.
 * @param {State} state @param {Study<any>} study
 * @returns {{ problem: Problem | null, progress: Studying | null }}
 */
export function standing(state, study) {
  const finding = state.findings[study.kind];
  const problem = finding && finding.key === wanted(state, study) ? finding.problem : null;
  // A stopped study may run for a moment; its progress is no news.
  return { problem, progress: problem ? null : (state.studying[study.kind] ?? null) };
}

/** How long an unwanted job may still run, in milliseconds. */
const PATIENCE_MS = 3000;

/**
 * A signal that follows another signal after `PATIENCE_MS`. Use it for jobs without steps: ending such a job
 * ends the worker, and the model must be loaded again. Most jobs finish sooner.
 * @param {AbortSignal} signal @returns {AbortSignal}
 */
export function patient(signal) {
  const abort = new AbortController();
  signal.addEventListener('abort', () => setTimeout(() => abort.abort(signal.reason), PATIENCE_MS));
  return abort.signal;
}
