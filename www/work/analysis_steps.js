/**
 * Decides the next step of the analysis from plain data: given what the state asks for and what is there, the
 * next step; given what happened, the new work. `analysis.js` takes the steps.
 *
 * @typedef {object} Wanted what the state asks for
 * @property {string} key names everything that a run depends on
 * @property {string} backend
 * @property {string} model
 * @property {number} edition
 * @property {boolean} half whether f32 is kept in half precision
 * @property {string} thresholds
 * @property {string} ablation names the heads to ablate; empty without any
 * @property {string} pattern names the pattern to show
 * @property {string} layers names the layers in view whose thumbnails are not made
 * @property {boolean} patternShown whether that pattern is shown already
 *
 * @typedef {{ source: string, edition: number, half: boolean }} Source a model, which of its files, and
 *   whether f32 is kept in half precision
 * @typedef {'run' | 'detection' | 'ablation' | 'pattern' | 'thumbnails'} Kind
 * @typedef {{ kind: Kind,
 *   act: 'open' | 'load' | 'analyse' | 'detect' | 'ablate' | 'pattern' | 'thumbnails',
 *   wanted: string }} Step
 *
 * @typedef {object} Work what is there
 * @property {string | null} opened the backend that the engine was asked for; null without an engine
 * @property {(Source & { load: number }) | null} loaded
 * @property {number} loads models loaded so far
 * @property {Source | null} worked the model loaded last: the page goes back to it where another fails to
 *   load
 * @property {{ key: string, thresholds: string, ablation: string, load: number } | null} shown the run shown:
 *   what it was asked for by, the thresholds of its detection, the ablation that was run beside it, and which
 *   load its model is of
 * @property {string} reloadedFor the step for which the model was last loaded again, as its files were gone
 * @property {Record<Kind, string>} failed what failed last, by kind. It is not tried again until the state
 *   asks for something else. A text that cannot be run does not keep the last run from being looked at
 *
 * @typedef {(
 *   | { type: 'closed' }
 *   | { type: 'opened', backend: string }
 *   | { type: 'gone', wanted: string }
 *   | { type: 'loaded', source: string, edition: number, half: boolean }
 *   | { type: 'shown', key: string, thresholds: string }
 *   | { type: 'detected', thresholds: string }
 *   | { type: 'ablated', ablation: string }
 *   | { type: 'done', kind: Kind }
 *   | Failed
 * )} Event `gone`: the files of the loaded model are gone, as the step `wanted` or a study found
 * @typedef {{ type: 'failed', kind: Kind, wanted: string, code: string, asked: string }} Failed
 *   `asked`: the key that the state asks for now
 */

import { codesThat } from '../base/error_codes.js';
import { ablationKey, shownAblation, shownHead, shownWeighting } from '../state/state.js';
import { missingLayers } from '../state/thumbnails.js';
import { thresholdsOf } from '../state/view.js';

/** Codes of a model that the visitor has to bring first: it stays asked for. */
const NEEDS_VISITOR = codesThat(({ needsVisitor }) => needsVisitor);

/** A run that a newer text overtook may finish by itself for this long. Ending it restarts the engine. */
const PATIENCE_MS = 1500;

/** @type {Readonly<Work>} */
export const NOTHING = Object.freeze({
  opened: null,
  loaded: null,
  loads: 0,
  worked: null,
  shown: null,
  reloadedFor: '',
  failed: Object.freeze({ run: '', detection: '', ablation: '', pattern: '', thumbnails: '' }),
});

/**
 * The name of a pattern.
 * @param {string | null} head @param {string} by @param {string} [ablation] empty: of the whole model
 */
export const patternKey = (head, by, ablation = '') => `${head ?? 'mean'} ${by}${ablation}`;

/** Names everything that a run depends on. @param {import('../state/state.js').State} state */
export const keyOf = ({ view, backend, attempt, edition }) =>
  JSON.stringify([view.text, view.model, view.precision, view.bos, backend, attempt, edition]);

/** Names the thresholds of a detection. @param {import('../state/state.js').State} state */
export const thresholdKey = ({ view }) => JSON.stringify(thresholdsOf(view));

/**
 * The parts of a state that ask for work.
 * @param {import('../state/state.js').State} state
 * @returns {Wanted}
 */
export function wantedOf(state) {
  const { view, backend, edition, pattern } = state;
  const head = shownHead(state);
  const by = shownWeighting(state);
  const ablation = shownAblation(state);
  return {
    key: keyOf(state),
    backend,
    model: view.model,
    edition,
    half: view.precision === 'half',
    thresholds: thresholdKey(state),
    ablation: ablationKey(state),
    pattern: patternKey(head, by, ablation),
    layers: missingLayers(state).join(),
    patternShown: pattern?.head === head && pattern.by === by && (pattern.ablation ?? '') === ablation,
  };
}

/**
 * The first thing that is wanted and not there; null at rest.
 * @param {Work} work @param {Wanted} wanted
 * @returns {Step | null}
 */
export function nextStep(work, wanted) {
  const { shown, failed } = work;
  if (shown?.key !== wanted.key && failed.run !== wanted.key)
    return { kind: 'run', act: towardsRun(work, wanted), wanted: wanted.key };
  if (!shown) return null;
  const detection = shown.key + wanted.thresholds;
  if (shown.thresholds !== wanted.thresholds && failed.detection !== detection)
    return { kind: 'detection', act: 'detect', wanted: detection };
  const ablation = detection + wanted.ablation;
  if (shown.ablation !== wanted.ablation && failed.ablation !== ablation)
    return { kind: 'ablation', act: 'ablate', wanted: ablation };
  const pattern = shown.key + wanted.pattern;
  if (!wanted.patternShown && failed.pattern !== pattern)
    return { kind: 'pattern', act: 'pattern', wanted: pattern };
  const thumbnails = ablation + wanted.layers;
  if (!wanted.layers || failed.thumbnails === thumbnails) return null;
  return { kind: 'thumbnails', act: 'thumbnails', wanted: thumbnails };
}

/** The next step of three to a run. @param {Work} work @param {Wanted} wanted */
function towardsRun({ opened, loaded }, { backend, model, edition, half }) {
  if (opened !== backend) return 'open';
  const right = loaded?.source === model && loaded.edition === edition && loaded.half === half;
  return right ? 'analyse' : 'load';
}

/** The record after something happened. @param {Work} work @param {Event} event @returns {Work} */
export function after(work, event) {
  switch (event.type) {
    case 'closed':
      return { ...work, opened: null, loaded: null, shown: null };
    // What failed is tried again with the model that is loaded next.
    case 'gone':
      return { ...work, loaded: null, shown: null, failed: NOTHING.failed, reloadedFor: event.wanted };
    case 'opened':
      return { ...work, opened: event.backend };
    case 'loaded': {
      const { source, edition, half } = event;
      const load = work.loads + 1;
      const worked = { source, edition, half };
      return { ...work, loads: load, loaded: { ...worked, load }, worked };
    }
    case 'shown': {
      const { key, thresholds } = event;
      return { ...work, shown: { key, thresholds, ablation: '', load: work.loads } };
    }
    case 'detected':
      return work.shown ? { ...work, shown: { ...work.shown, thresholds: event.thresholds } } : work;
    case 'ablated':
      return work.shown ? { ...work, shown: { ...work.shown, ablation: event.ablation } } : work;
    case 'done':
      // A step that failed before is tried again when the state asks for it again.
      return { ...work, failed: { ...work.failed, [event.kind]: '' } };
    case 'failed':
      return afterFailure(work, event);
  }
}

/** @param {Work} work @param {Failed} event @returns {Work} */
function afterFailure(work, event) {
  const { kind, wanted, code, asked } = event;
  const there = code === 'Freed' ? { ...work, loaded: null, shown: null } : work;
  // A step that is no longer wanted is not marked as failed: the state may ask for it again.
  if (isOvertaken(event) || (kind === 'run' && wanted !== asked)) return there;
  return { ...there, failed: { ...there.failed, [kind]: wanted } };
}

/**
 * Whether a step failed because the files of the model in use are gone: a new worker loads the model again
 * from them. Another tab may have deleted them, or the browser. A step that fails so after the model was
 * loaded again for it is a step that failed.
 * @param {Work} work @param {Step} step @param {string} code
 */
export const lacksFiles = ({ reloadedFor }, { act, wanted }, code) =>
  code === 'FileRead' && act !== 'open' && act !== 'load' && wanted !== reloadedFor;

/**
 * Whether a run was stopped for a newer text, not by the visitor: the newer text runs next, and there is
 * nothing to tell.
 * @param {Failed} event
 */
export const isOvertaken = ({ kind, code, wanted, asked }) =>
  kind === 'run' && code === 'AbortError' && wanted !== asked;

/**
 * The model that the page goes back to when another could not be loaded; null where it stays with the other.
 * @param {Work} work
 * @param {Source} refused
 * @param {string} code
 */
export function goesBackTo({ worked }, refused, code) {
  const same =
    worked?.source === refused.source && worked.edition === refused.edition && worked.half === refused.half;
  return same || NEEDS_VISITOR.has(code) ? null : worked;
}

/**
 * Whether the run shown and its model can be used: while that model is loaded, and the state asks for the run
 * or for one that could not be made.
 * @param {Work} work
 * @param {string} key that the state asks for
 */
export function isUsable({ shown, loaded, failed }, key) {
  if (!shown || shown.load !== loaded?.load) return false;
  return key === shown.key || key === failed.run;
}

/**
 * When a run in progress is stopped: `'now'`, or after some milliseconds if it is still overtaken then, or
 * never (null).
 * @param {{ key: string, since: number, stops: number }} running
 * @param {{ key: string, stops: number, now: number }} asked
 * @returns {'now' | number | null}
 */
export function stopsRun({ key, since, stops }, asked) {
  if (asked.stops !== stops) return 'now';
  return asked.key === key ? null : Math.max(0, PATIENCE_MS - (asked.now - since));
}
