/**
 * The page's one state object and the pure function that changes it. Views draw it, `analysis.js` acts on it,
 * and the
 * link is the part called `view`, where it differs from its defaults.
 *
 * @typedef {import('../figures/heads.js').Detection} Detection
 * @typedef {'auto' | 'webgpu' | 'cpu'} BackendChoice
 * @typedef {import('./view.js').View} View
 * @typedef {import('./view.js').Weighting} Weighting
 * @typedef {import('./view.js').Direction} Direction
 *
 * @typedef
 *   {Pick<import('../engine/headscope.js').Config, 'n_layers' | 'n_heads' | 'n_ctx' | 'd_model' | 'd_head' | 'd_vocab'>}
 *   Config
 *
 * @typedef {{ id: string, name: string, sha256: string, config: Config }} LoadedModel
 * @typedef {LoadedModel & { keys: string, tokenizerNote: string | null }} ModelInUse   and what loading found
 * @typedef {{ backend: 'webgpu' | 'cpu', adapter: string, software: boolean, reason: string | null }} Engine
 * @typedef {import('../engine/headscope.js').Timing} Timing
 * @typedef {{ side: number, cells: Uint8Array }} Thumbnails
 * @typedef {{ head: string | null, by: Weighting, weights: Float32Array, max: number }} Pattern
 *   head null: the mean of all heads; max: the weight at the far end of the scale
 *
 * @typedef {object} Result               one analysis; stays until the next one is there
 * @property {string} text
 * @property {Uint32Array} ids
 * @property {string[]} pieces         as they are shown
 * @property {(Uint8Array | null)[]} fragments   the bytes of tokens that are no whole characters
 * @property {number} seq
 * @property {number} dropped
 * @property {Timing} timing
 * @property {number} wall_ms             from the start of the run to the figures on this page
 * @property {LoadedModel} model
 * @property {'webgpu' | 'cpu'} backend
 * @property {Thumbnails} thumbnails
 *
 * @typedef {{ code: string, detail: string, data?: Record<string, unknown> }} Problem
 * @typedef {{ digest: string | null, found: string | null, sha: string | null, text: string, model: string }}
 *   Shared
 *   what an opened link says about itself: `digest` of the detectors' figures, `found` of the studies'
 * @typedef {{ key: string, value: unknown, problem: Problem | null }} Finding     of a study, for what `key`
 *   says
 * @typedef {{ kind: string, done: number, total: number }} Studying     total 0: it does not say how far it
 *   is
 * @typedef {{ query: number | null, key: number | null }} Cell
 * @typedef {{ column: string, descending: boolean }} Sort
 * @typedef {{ href: string, length: number } | null} Link
 * @typedef {'opening' | 'loading' | 'running' | 'idle'} Phase
 *
 * @typedef {object} State
 * @property {View} view
 * @property {BackendChoice} backend
 * @property {Engine | null} engine
 * @property {ModelInUse | null} model
 * @property {Phase} phase
 * @property {{ loaded: number, total: number } | null} progress
 * @property {Result | null} result
 * @property {Detection | null} detection      of the result, at the view's thresholds
 * @property {Pattern | null} pattern          of the result; may lag behind the head being shown
 * @property {string | null} preview           the head under the pointer or the focus
 * @property {Cell} pointer                    the cell or token under the pointer or the focus
 * @property {Sort} sort
 * @property {Problem[]} problems
 * @property {Shared | null} shared
 * @property {Link} link
 * @property {number | null} copied            the length of the link just copied, for a moment
 * @property {import('./library.js').Library} library   the models one can have
 * @property {{ done: number, total: number } | null} exporting   arrays saved of those to save
 * @property {Record<string, Finding>} findings   the newest of each kind of study
 * @property {Readonly<Record<string, Studying>>} studying   the studies at work, by kind
 * @property {number} edition                  which of an own model's files under its name
 * @property {{ model: string, edition: number, code: string } | null} refused   the model that could not be
 *   loaded, while
 *   another goes on, and its problem's code
 * @property {number} attempt                  raised to run again after a failure
 * @property {number} stops                    raised to stop the run in progress
 */

import { codesOf } from '../base/error_codes.js';
import { parseHead } from '../base/heads.js';
import { CLOSED } from './library.js';
import { DEFAULT_VIEW } from './view.js';

/** @type {Readonly<Cell>} */
export const NO_CELL = Object.freeze({ query: null, key: null });

/**
 * @param {Partial<View>} [view]
 * @param {Shared | null} [shared]
 * @param {Problem[]} [problems]
 * @returns {State}
 */
export function initial(view = {}, shared = null, problems = []) {
  return {
    view: { ...DEFAULT_VIEW, ...view },
    backend: 'auto',
    engine: null,
    model: null,
    phase: 'opening',
    progress: null,
    result: null,
    detection: null,
    pattern: null,
    preview: null,
    pointer: NO_CELL,
    sort: { column: 'head', descending: false },
    problems,
    shared,
    link: null,
    copied: null,
    library: CLOSED,
    exporting: null,
    findings: {},
    studying: {},
    edition: 0,
    refused: null,
    attempt: 0,
    stops: 0,
  };
}

/**
 * @typedef {Partial<Omit<View, 'text' | 'model' | 'ran'>>} Settings
 *
 * @typedef {(
 *   | { type: 'edit', text: string }
 *   | { type: 'preview', head: string | null }
 *   | { type: 'lock', head: string | null }
 *   | { type: 'point', query: number | null, key: number | null }
 *   | { type: 'choose', query: number | null, key: number | null }
 *   | { type: 'let go' }
 *   | { type: 'direction', direction: Direction }
 *   | { type: 'tab', tab: string }
 *   | { type: 'set', change: Settings }
 *   | { type: 'ask', study: string }
 *   | { type: 'stop study', study: string, key?: string | null }
   | { type: 'redo study', study: string }
 *   | { type: 'finding', kind: string, finding: Finding }
 *   | { type: 'studying', kind: string, studying: Studying | null }
 *   | { type: 'thresholds', active?: number, fraction?: number, mean?: number }
 *   | { type: 'sort', column: string }
 *   | { type: 'backend', backend: BackendChoice }
 *   | { type: 'open model', model: string, edition?: number }
 *   | { type: 'exporting', exporting: State['exporting'] }
 *   | { type: 'model refused', kept: string, edition: number, code: string }
 *   | { type: 'library', change: Partial<import('./library.js').Library> }
 *   | { type: 'restore', view: Partial<View>, shared: Shared | null, problems: Problem[] }
 *   | { type: 'retry' }
 *   | { type: 'stop' }
 *   | { type: 'dismiss', code: string }
 *   | { type: 'problem', problem: Problem }
 *   | { type: 'engine', engine: Engine | null }
 *   | { type: 'model', model: ModelInUse | null }
 *   | { type: 'phase', phase: Phase, progress?: { loaded: number, total: number } | null }
 *   | { type: 'result', result: Result, detection: Detection, pattern: Pattern }
 *   | { type: 'detection', detection: Detection }
 *   | { type: 'pattern', pattern: Pattern }
 *   | { type: 'link', link: Link }
 *   | { type: 'copied', length: number | null }
 * )} Action
 * @typedef {(action: Action) => void} Emit
 */

/** @param {State} state @param {Partial<View>} change @returns {State} */
const withView = (state, change) => ({ ...state, view: { ...state.view, ...change } });

/**
 * A link's findings were those of its own settings, and of its own head.
 * @param {State} state
 * @returns {State}
 */
const withoutFindings = (state) =>
  state.shared?.found ? { ...state, shared: { ...state.shared, found: null } } : state;

/**
 * Adds a problem, in place of an earlier one of the same code.
 * @param {Problem[]} problems
 * @param {Problem} problem
 */
const withProblem = (problems, problem) => [...problems.filter(({ code }) => code !== problem.code), problem];

/**
 * A view fitted to what was computed: a head or a position the model or the text does not have is let go of,
 * and said.
 * @param {State} state @returns {State}
 */
function fitted(state) {
  const { result, view } = state;
  if (!result) return state;
  const { n_layers, n_heads } = result.model.config;
  /** @param {string} name */
  const exists = (name) => {
    const at = parseHead(name);
    return at !== null && at.layer < n_layers && at.head < n_heads;
  };
  /** @param {readonly string[]} heads */
  const known = (heads) => (heads.every(exists) ? heads : heads.filter(exists));
  /** @param {number | null} position */
  const kept = (position) => (position !== null && position < result.seq ? position : null);
  const headFits = view.head === null || exists(view.head);
  const strange = [view.head ?? [], view.off, view.copying].flat().find((name) => !exists(name));
  const problems =
    strange === undefined
      ? state.problems
      : withProblem(state.problems, {
          code: 'LinkHead',
          detail: `The link names head ${strange}; this model has ${n_layers} layers of ${n_heads} heads.`,
        });
  const fit = {
    head: headFits ? view.head : null,
    query: kept(view.query),
    key: kept(view.key),
    off: known(view.off),
    copying: known(view.copying),
  };
  const same =
    fit.head === view.head &&
    fit.query === view.query &&
    fit.key === view.key &&
    fit.off === view.off &&
    fit.copying === view.copying;
  return {
    ...(same ? state : withView(state, fit)),
    pointer: { query: kept(state.pointer.query), key: kept(state.pointer.key) },
    problems,
  };
}

/** Problems of a run: another text or a run that worked takes them away. */
const OF_A_RUN = codesOf('run');

/** Problems of files that came: other files take them away. */
export const OF_FILES = codesOf('files');

/** Problems that another backend may not have: for these, changing the backend is a remedy. */
const OF_A_BACKEND = codesOf('backend');

/**
 * Takes problems away; a model that was refused is tried again only while it is told of.
 * @param {State} state
 * @param {(problem: Problem) => boolean} stays
 * @returns {State}
 */
function keeping(state, stays) {
  const problems = state.problems.filter(stays);
  const told = problems.some(({ code }) => code === state.refused?.code);
  return { ...state, problems, refused: told ? state.refused : null };
}

/**
 * Tries again, and the model that was refused, if there is one.
 * @param {State} state
 * @param {State['refused']} refused
 * @returns {State}
 */
function again(state, refused) {
  const tried = { ...state, attempt: state.attempt + 1, refused: null, problems: [] };
  return refused ? { ...withView(tried, { model: refused.model }), edition: refused.edition } : tried;
}

/** @type {Problem} */
const STOPPED = Object.freeze({ code: 'AbortError', detail: '' });

/**
 * A study that failed, or was stopped, is made again where nothing says that it did.
 * @param {State} state
 * @param {string} study
 * @returns {State}
 */
function withoutFailure(state, study) {
  const { [study]: finding, ...findings } = state.findings;
  return finding?.problem ? { ...state, findings } : state;
}

/** @param {State} state @param {Action} action @returns {State} */
export function reduce(state, action) {
  switch (action.type) {
    case 'edit':
      if (action.text === state.view.text) return state;
      return {
        ...keeping(withView(state, { text: action.text }), ({ code }) => !OF_A_RUN.has(code)),
        shared: null,
      };
    case 'preview':
      return state.preview === action.head ? state : { ...state, preview: action.head };
    case 'lock':
      return { ...withoutFindings(withView(state, { head: action.head })), preview: null };
    case 'point': {
      const { query, key } = action;
      return state.pointer.query === query && state.pointer.key === key
        ? state
        : { ...state, pointer: { query, key } };
    }
    case 'choose':
      // A pointer resting somewhere does not hide what a key has just chosen.
      return { ...withView(state, { query: action.query, key: action.key }), pointer: NO_CELL };
    case 'let go': {
      // The innermost thing first: a cell, then the head.
      if (state.view.query !== null || state.view.key !== null) {
        return { ...withView(state, { query: null, key: null }), pointer: NO_CELL };
      }
      return { ...withoutFindings(withView(state, { head: null })), preview: null, pointer: NO_CELL };
    }
    case 'direction': {
      // The chosen token stays the chosen one; it only changes sides.
      const { query, key } = state.view;
      const chosen = state.view.direction === 'from' ? query : key;
      const sides = action.direction === 'from' ? { query: chosen, key: null } : { query: null, key: chosen };
      return action.direction === state.view.direction
        ? state
        : withView(state, { direction: action.direction, ...sides });
    }
    case 'tab':
      return withView(state, { tab: action.tab });
    case 'set':
      return {
        ...withoutFindings(withView(state, action.change)),
        preview: 'head' in action.change ? null : state.preview,
      };
    case 'ask':
      if (state.view.ran.includes(action.study)) return state;
      return withoutFailure(withView(state, { ran: [...state.view.ran, action.study] }), action.study);
    case 'stop study': {
      const { study, key = null } = action;
      const unasked = state.view.ran.includes(study)
        ? withView(state, { ran: state.view.ran.filter((other) => other !== study) })
        : state;
      // One that is made unasked would be made again at once: that it was stopped is what was found.
      return key === null
        ? unasked
        : { ...unasked, findings: { ...state.findings, [study]: { key, value: null, problem: STOPPED } } };
    }
    case 'redo study':
      return withoutFailure(state, action.study);
    case 'finding':
      return { ...state, findings: { ...state.findings, [action.kind]: action.finding } };
    case 'studying': {
      const { [action.kind]: _, ...others } = state.studying;
      return { ...state, studying: action.studying ? { ...others, [action.kind]: action.studying } : others };
    }
    case 'thresholds': {
      const { active, fraction, mean } = state.view;
      const change = {
        active: action.active ?? active,
        fraction: action.fraction ?? fraction,
        mean: action.mean ?? mean,
      };
      return withView(state, change);
    }
    case 'sort': {
      const again = state.sort.column === action.column;
      // A first click on a figure wants the largest on top; on the name, the model's own order.
      return {
        ...state,
        sort: {
          column: action.column,
          descending: again ? !state.sort.descending : action.column !== 'head',
        },
      };
    }
    case 'backend':
      // A model that was refused for what it is would be refused here too, and the one that runs be lost for
      // it.
      return {
        ...again(state, state.refused && OF_A_BACKEND.has(state.refused.code) ? state.refused : null),
        backend: action.backend,
      };
    case 'open model': {
      const { model, edition = state.edition } = action;
      // What was left aside of the files that it came with is told beside it.
      const problems =
        action.edition === undefined ? [] : state.problems.filter(({ code }) => OF_FILES.has(code));
      const opened = { ...state, edition, refused: null, problems };
      // The one asked for already, by a link, can be had by now: it is tried again, and the rest of the link
      // still holds.
      if (model === state.view.model) return { ...opened, attempt: state.attempt + 1 };
      return {
        ...withView(opened, { model, head: null, query: null, key: null, off: [], copying: [], ran: [] }),
        shared: null,
      };
    }
    case 'model refused':
      return {
        ...withView(state, { model: action.kept }),
        edition: action.edition,
        refused: { model: state.view.model, edition: state.edition, code: action.code },
      };
    case 'exporting':
      return { ...state, exporting: action.exporting };
    case 'library':
      return { ...state, library: { ...state.library, ...action.change } };
    case 'restore': {
      const view = { ...DEFAULT_VIEW, ...action.view };
      // What the same text could not be run for still holds: it is not tried again.
      const same = view.text === state.view.text && view.model === state.view.model;
      const problems = [
        ...(same ? state.problems.filter(({ code }) => OF_A_RUN.has(code)) : []),
        ...action.problems,
      ];
      const restored = keeping(
        { ...state, view, shared: action.shared, problems, preview: null, pointer: NO_CELL },
        () => true,
      );
      // Positions and heads are checked at once when the text is the one already analysed, else when its run
      // is there.
      return view.text === state.result?.text && view.model === state.result.model.id
        ? fitted(restored)
        : restored;
    }
    case 'retry':
      return again(state, state.refused);
    case 'stop':
      return { ...state, stops: state.stops + 1 };
    case 'dismiss':
      return keeping(state, ({ code }) => code !== action.code);
    case 'problem':
      return { ...state, problems: withProblem(state.problems, action.problem) };
    case 'engine':
      return { ...state, engine: action.engine };
    case 'model':
      return { ...state, model: action.model };
    case 'phase':
      return { ...state, phase: action.phase, progress: action.progress ?? null };
    case 'result': {
      const { result, detection, pattern } = action;
      // The model that goes on says nothing of the one that was refused.
      const problems = state.problems.filter(
        ({ code }) => !OF_A_RUN.has(code) || code === state.refused?.code,
      );
      return fitted({ ...state, result, detection, pattern, problems });
    }
    case 'detection':
      return { ...state, detection: action.detection };
    case 'pattern':
      return { ...state, pattern: action.pattern };
    case 'link':
      return { ...state, link: action.link };
    case 'copied':
      return { ...state, copied: action.length };
  }
}

/**
 * The head whose pattern is shown: the previewed one, else the locked one, else null for the mean.
 * @param {State} state
 */
export const shownHead = (state) => state.preview ?? state.view.head;

/**
 * The cell the crosshair is on: what is pointed at, else what is chosen.
 * @param {State} state
 * @returns {Cell}
 */
export function shownCell(state) {
  const { pointer, view } = state;
  if (pointer.query !== null || pointer.key !== null) return pointer;
  return { query: view.query, key: view.key };
}

/**
 * The weights of the head being shown, `[query_pos, key_pos]`; null while they are on their way.
 * @param {State} state
 */
export function exactPattern(state) {
  const { pattern, result } = state;
  const same = pattern && result && pattern.head === shownHead(state) && pattern.by === shownWeighting(state);
  return same && pattern.weights.length === result.seq ** 2 ? pattern.weights : null;
}

/**
 * What the shown weights are multiplied by; the mean of all heads is of attention alone.
 * @param {State} state
 */
export const shownWeighting = (state) => (shownHead(state) === null ? 'attention' : state.view.weighted);

/** The token the strip is coloured from, and the side it stands on. @param {State} state */
export function shownToken(state) {
  const { query, key } = shownCell(state);
  return state.view.direction === 'from' ? query : key;
}
