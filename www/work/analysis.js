/**
 * Between the state and the engine: sees that what the state asks for gets computed, one thing at a time,
 * newest first.
 *
 * There is no queue. After every change `update()` is called; the loop below looks at the newest state, does
 * the first
 * thing that is missing, and looks again. A text that was overtaken while another ran is therefore never run
 * at all.
 *
 * The engine looks after itself: a worker that died is started again by the next call, with its model and the
 * run shown.
 *
 * @typedef {import('../state/state.js').State} State
 * @typedef {import('../state/state.js').Emit} Emit
 * @typedef {import('../state/state.js').Pattern} Pattern
 * @typedef {import('../engine/headscope.js').Run} Run
 * @typedef {import('../engine/headscope.js').Model} Model
 * @typedef {import('../engine/headscope.js').Headscope} Engine
 * @typedef {import('../engine/headscope.js').Download} Files
 * @typedef {Pick<typeof import('../engine/headscope.js').Headscope, 'open' | 'download'>} Opener
 * @typedef {object} Models what may want to know what came of the files that it gave
 * @property {(files: Files) => void} [loaded]
 * @property {(files: Files, thrown: unknown) => void} [refused]
 */

import { codesThat } from '../base/error_codes.js';
import { parseHead } from '../base/heads.js';
import { pieceShown } from '../base/tokens.js';
import { problemOf } from '../state/errors.js';
import { inputOf } from '../state/input.js';
import { shownHead, shownWeighting } from '../state/state.js';
import { thresholdsOf } from '../state/view.js';

/** Codes of a model that the visitor has to bring first: it stays asked for. */
const WAITED_FOR = codesThat(({ needsVisitor }) => needsVisitor);

/** A run overtaken by a newer text is waited for this long before the engine is restarted to be rid of it. */
const PATIENCE_MS = 1500;

/** Patterns kept for the run shown, in bytes: going back to a head costs nothing. */
const PATTERN_BYTES = 96 * 1024 * 1024;

/** @param {string | null} head @param {Pattern['by']} by */
const patternKey = (head, by) => `${head ?? 'mean'} ${by}`;

/** @param {Float32Array} weights */
function largest(weights) {
  let most = 0;
  for (let at = 0; at < weights.length; at++) if (weights[at] > most) most = weights[at];
  return most;
}

/**
 * @param {Opener & Models} opener @param {() => State} getState @param {Emit} emit
 * @returns {{ update(): void, run(): Run | null, shown(): { run: Run, model: Model } | null }}
 */
export function createAnalysis(opener, getState, emit) {
  /** @type {{ handle: Engine, choice: string } | null} */ let engine = null;
  /** @type {{ source: string, download: ReturnType<Opener['download']> } | null} */ let coming = null;
  /** @type {{ model: Model, source: string, edition: number } | null} */ let loaded = null;
  /**
   * The model loaded last, which is gone back to where another can't be.
   * @type {{ source: string, edition: number } | null}
   */
  let worked = null;
  /** @type {{ run: Run, model: Model, key: string, detected: string, patterns: Map<string, Pattern> } | null} */ let shown =
    null;
  /** @type {{ abort: AbortController, key: string, since: number, stops: number } | null} */ let inFlight =
    null;
  /**
   * What failed last, by kind of work, so that it is not tried again until the state asks for something else.
   * A text that
   * cannot be run does not keep the last run from being looked at.
   */
  const failed = { run: '', detection: '', pattern: '' };
  /** The work in progress. @type {{ kind: keyof typeof failed, wanted: string }} */
  let work = { kind: 'run', wanted: '' };
  let working = false;

  /** What the state asks to be analysed. @param {State} state */
  const keyOf = ({ view, backend, attempt, edition }) =>
    JSON.stringify([view.text, view.model, backend, attempt, edition]);
  /** @param {State} state */
  const thresholdKey = ({ view }) => JSON.stringify(thresholdsOf(view));

  function forget() {
    loaded = null;
    shown = null;
  }

  /**
   * Tells what the engine runs on, which may have changed since it was opened: a GPU that is gone leaves the
   * CPU.
   */
  function tell() {
    if (!engine) return;
    const { backend, adapter, software, reason } = engine.handle;
    const told = getState().engine;
    if (told?.backend !== backend || told.adapter !== adapter || told.reason !== reason) {
      emit({ type: 'engine', engine: { backend, adapter, software, reason } });
    }
  }

  /** @param {State} state */
  async function open({ backend, view }) {
    emit({ type: 'phase', phase: 'opening' });
    engine?.handle.close();
    engine = null;
    forget();
    emit({ type: 'engine', engine: null });
    // The model's files come while the engine starts; what is wrong with them is told when they are to be
    // loaded.
    const files = fetchFiles(view.model);
    files.download.catch(() => {});
    const handle = await opener.open({ backend });
    handle.onLost = (error) => emit({ type: 'problem', problem: problemOf(error) });
    engine = { handle, choice: backend };
    coming = files;
    tell();
  }

  /** @param {string} source */
  const fetchFiles = (source) => ({
    source,
    download: opener.download(source, {
      onProgress: (progress) => emit({ type: 'phase', phase: 'loading', progress }),
    }),
  });

  /** @param {Engine} handle @param {string} source @param {number} edition */
  async function load(handle, source, edition) {
    if (getState().phase !== 'loading') emit({ type: 'phase', phase: 'loading', progress: null });
    const files = coming?.source === source ? coming : fetchFiles(source);
    coming = null;
    const given = await files.download;
    const model = await handle.loadModel(given).catch((thrown) => {
      opener.refused?.(given, thrown);
      throw thrown;
    });
    opener.loaded?.(given);
    loaded?.model.free();
    worked = { source, edition };
    loaded = { model, ...worked };
    const { name, sha256, config, keys, tokenizerNote } = model;
    emit({ type: 'model', model: { id: source, name, sha256, config, keys, tokenizerNote } });
  }

  /** @param {Run} run @param {string | null} head @param {Pattern['by']} by @returns {Promise<Pattern>} */
  async function fetchPattern(run, head, by) {
    const at = parseHead(head);
    const weights = at ? await run.pattern(at.layer, at.head, by) : await run.meanPattern();
    return { head, by, weights, max: by === 'attention' ? 1 : largest(weights) };
  }

  /** @param {State} state @param {NonNullable<typeof loaded>} from @param {Engine} handle */
  async function analyse(state, { model, source }, handle) {
    const input = inputOf(model, state.view.text);
    emit({ type: 'phase', phase: 'running' });
    const abort = new AbortController();
    const key = keyOf(state);
    const since = performance.now();
    inFlight = { abort, key, since, stops: state.stops };
    try {
      const run = await model.run(input, { signal: abort.signal });
      const { n_layers, n_heads } = model.config;
      const at = parseHead(shownHead(getState()));
      const head = at && at.layer < n_layers && at.head < n_heads ? shownHead(getState()) : null;
      const by = head === null ? 'attention' : getState().view.weighted;
      const [thumbnails, detection, pattern] = await Promise.all([
        run.thumbnails(),
        run.detect(thresholdsOf(state.view)),
        fetchPattern(run, head, by),
      ]);
      shown?.run.free();
      shown = {
        run,
        model,
        key,
        detected: thresholdKey(state),
        patterns: new Map([[patternKey(head, by), pattern]]),
      };
      const { name, sha256, config } = model;
      emit({
        type: 'result',
        result: {
          text: state.view.text,
          ids: run.ids,
          pieces: run.pieces.map((piece, at) => pieceShown(piece, run.fragments[at])),
          fragments: run.fragments,
          seq: run.seq,
          dropped: run.dropped,
          timing: run.timing,
          wall_ms: performance.now() - since,
          model: { id: source, name, sha256, config },
          backend: handle.backend,
          thumbnails,
        },
        detection,
        pattern,
      });
    } finally {
      inFlight = null;
    }
  }

  /** @param {State} state */
  async function showRun(state) {
    if (!engine || engine.choice !== state.backend) await open(state);
    else if (!loaded || loaded.source !== state.view.model || loaded.edition !== state.edition)
      await loadOrStay(state, engine.handle);
    else await analyse(state, loaded, engine.handle);
  }

  /**
   * A model that can't be loaded leaves the one before in its place.
   * @param {State} state
   * @param {Engine} handle
   */
  async function loadOrStay({ view, edition }, handle) {
    try {
      await load(handle, view.model, edition);
    } catch (thrown) {
      const { name, data } = /** @type {Error & { data?: any }} */ (thrown);
      if (name === 'ConfigNeeded')
        emit({
          type: 'library',
          change: { open: true, question: { model: view.model, choices: data.choices } },
        });
      // One that only has to be fetched first, by the visitor's leave, stays asked for.
      const other = worked && (worked.source !== view.model || worked.edition !== edition);
      if (worked && other && !WAITED_FOR.has(name))
        emit({
          type: 'model refused',
          kept: worked.source,
          edition: worked.edition,
          code: problemOf(thrown).code,
        });
      throw thrown;
    }
  }

  /** @param {State} state @param {NonNullable<typeof shown>} current */
  async function showDetection(state, current) {
    const detection = await current.run.detect(thresholdsOf(state.view));
    current.detected = thresholdKey(state);
    emit({ type: 'detection', detection });
  }

  /** @param {State} state @param {NonNullable<typeof shown>} current */
  async function showPattern(state, { run, patterns }) {
    const head = shownHead(state);
    const by = shownWeighting(state);
    const key = patternKey(head, by);
    const pattern = patterns.get(key) ?? (await fetchPattern(run, head, by));
    if ((patterns.size + 1) * pattern.weights.byteLength > PATTERN_BYTES) patterns.clear();
    patterns.set(key, pattern);
    emit({ type: 'pattern', pattern });
  }

  /** The first thing the newest state lacks. @param {State} state @returns {(() => Promise<void>) | null} */
  function missing(state) {
    /** @param {keyof typeof failed} kind @param {string} wanted @param {() => Promise<void>} act */
    const unlessFailed = (kind, wanted, act) => {
      if (failed[kind] === wanted) return null;
      work = { kind, wanted };
      return act;
    };
    const key = keyOf(state);
    if (shown?.key !== key) {
      const run = unlessFailed('run', key, () => showRun(state));
      if (run) return run;
    }
    if (!shown) return null;
    const current = shown;
    const thresholds = thresholdKey(state);
    if (current.detected !== thresholds) {
      const detection = unlessFailed('detection', current.key + thresholds, () =>
        showDetection(state, current),
      );
      if (detection) return detection;
    }
    const head = shownHead(state);
    const by = shownWeighting(state);
    if (state.pattern?.head === head && state.pattern.by === by) return null;
    return unlessFailed('pattern', current.key + patternKey(head, by), () => showPattern(state, current));
  }

  async function settle() {
    if (working) return;
    working = true;
    for (let act = missing(getState()); act; act = missing(getState())) {
      const { kind, wanted } = work;
      try {
        await act();
        // What failed before another thing worked is tried, and told of, when it is asked for again.
        failed[kind] = '';
        tell();
      } catch (thrown) {
        const problem = problemOf(thrown);
        if (problem.code === 'Freed') forget();
        // Overtaken, not stopped: the newer text runs next, and there is nothing to tell.
        const overtaken = kind === 'run' && problem.code === 'AbortError' && wanted !== keyOf(getState());
        if (!overtaken) {
          // What is no longer asked for may be asked for again.
          if (kind !== 'run' || wanted === keyOf(getState())) failed[kind] = wanted;
          emit({ type: 'problem', problem });
        }
      }
    }
    working = false;
    if (getState().phase !== 'idle') emit({ type: 'phase', phase: 'idle' });
  }

  return {
    /** The run shown. */
    run: () => shown?.run ?? null,

    /**
     * The run shown and its model, while it is the one loaded: a text that cannot be run does not take them
     * away.
     */
    shown() {
      const key = keyOf(getState());
      return shown && shown.model === loaded?.model && [shown.key, failed.run].includes(key)
        ? { run: shown.run, model: shown.model }
        : null;
    },

    update() {
      if (inFlight) {
        const { abort, key, since, stops } = inFlight;
        const state = getState();
        if (state.stops !== stops) abort.abort();
        else if (keyOf(state) !== key) {
          const left = Math.max(0, PATIENCE_MS - (performance.now() - since));
          setTimeout(() => inFlight?.abort === abort && keyOf(getState()) !== key && abort.abort(), left);
        }
      }
      void settle();
    },
  };
}
