/**
 * What is computed beyond a run: an experiment on the model, something more of the run shown, other texts. A
 * *study* says
 * when it is wanted and how it is made; `studies.js` sees that it gets made, and views ask here for what it
 * found.
 *
 * @typedef {import('../state/state.js').State} State
 * @typedef {import('../figures/sampled.js').Figure} Figure
 *
 * @typedef {object} At                   what a study is made from
 * @property {import('../engine/headscope.js').Model} model
 * @property {import('../engine/headscope.js').Run} run       the one shown
 * @property {State} state                when it began
 * @property {AbortSignal} signal         aborted when it is no longer wanted
 * @property {(progress: { done: number, total: number }) => void} onProgress
 */

/**
 * @template Value
 * @typedef {object} Study
 * @property {string} kind                its name: small letters and dashes
 * @property {string} [title]             what it is called in a sentence
 * @property {boolean} [long]             it takes long: made when it is asked for (`ask`), and beside the
 *   others
 * @property {(state: State) => boolean} [shown]   of one that takes long: whether the page shows it. It
 *   begins where it is shown,
 *   and goes on where it is not: a look at another tab does not throw minutes away
 * @property {boolean} [ofRun]            it depends on the text that is shown, and not only on the model
 * @property {(state: State) => unknown[] | null} needs   what else it depends on; null where there is nothing
 *   to make it of, and of
 *   one without `shown` while nothing on the page shows it
 * @property {(at: At) => Promise<Value>} perform
 * @property {(value: Value) => Figure[]} [figures]       what a link keeps of it, to be held against when it
 *   is opened
 */

/**
 * Every run's ids in short: part of keys that are asked for at every change of the state.
 * @type {WeakMap<Uint32Array, string>}
 */
const idsKeys = new WeakMap();

/**
 * A run's ids, as part of a key: their number and two sums over all of them, each of 32 bits.
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
 * What a study would be made from now, as a key; null while it is not wanted or nothing was analysed yet.
 * @param {State} state @param {Study<any>} study @returns {string | null}
 */
export const wanted = (state, study) => (study.shown && !study.shown(state) ? null : asked(state, study));

/**
 * The same wherever one looks: what a study at work is held to.
 * @param {State} state @param {Study<any>} study @returns {string | null}
 */
export function asked(state, study) {
  const { result, view, attempt } = state;
  // While another text or model is on its way, what is shown is about to go.
  if (!result || result.model.id !== view.model || (study.long && !view.ran.includes(study.kind)))
    return null;
  const needs = study.needs(state);
  return (
    needs &&
    JSON.stringify([result.model.sha256, result.backend, attempt, study.ofRun ? idsKey(result) : null, needs])
  );
}

/**
 * What a study found, if that is of what is shown now; else null.
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
 * What a study found last, be it of other settings: shown, faded, while the new one is on its way. Null where
 * that is of
 * another model.
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
 * How a study stands: what went wrong with it, or how far it is.
 * @param {State} state @param {Study<any>} study
 * @returns
 *   {{ problem: import('../state/state.js').Problem | null, progress: import('../state/state.js').Studying | null }}
 */
export function standing(state, study) {
  const finding = state.findings[study.kind];
  const problem = finding && finding.key === wanted(state, study) ? finding.problem : null;
  // What was stopped may take a moment to end: there is nothing to tell of that.
  return { problem, progress: problem ? null : (state.studying[study.kind] ?? null) };
}

/** What a job that is no longer wanted may still take, in milliseconds. */
const PATIENCE_MS = 3000;

/**
 * A signal that follows another a while later, for a job that cannot be left between two steps: to end one
 * that runs is to end
 * the worker, and with it the model. Most are over sooner than that is made good.
 * @param {AbortSignal} signal @returns {AbortSignal}
 */
export function patient(signal) {
  const abort = new AbortController();
  signal.addEventListener('abort', () => setTimeout(() => abort.abort(signal.reason), PATIENCE_MS));
  return abort.signal;
}
