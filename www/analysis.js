/**
 * Between the state and the engine: sees that what the state asks for gets computed, one thing at a time, newest first.
 *
 * There is no queue. After every change `update()` is called; the loop below looks at the newest state, does the first
 * thing that is missing, and looks again. A text that was overtaken while another ran is therefore never run at all.
 *
 * @typedef {import('./state.js').State} State
 * @typedef {import('./state.js').Emit} Emit
 * @typedef {import('./state.js').Config} Config
 * @typedef {import('./heads.js').Detection} Detection
 * @typedef {{
 *   ids: Uint32Array, pieces: string[], seq: number, dropped: number, timing: import('./state.js').Timing,
 *   pattern(layer: number, head: number): Promise<Float32Array>, meanPattern(): Promise<Float32Array>,
 *   thumbnails(): Promise<import('./state.js').Thumbnails>,
 *   detect(thresholds: import('./heads.js').Thresholds): Promise<Detection>, free(): void,
 * }} Run
 * @typedef {{
 *   config: Config, id: string, name: string, sha256: string,
 *   run(text: string, options: { signal: AbortSignal }): Promise<Run>, free(): void,
 * }} Model
 * @typedef {{
 *   backend: 'webgpu' | 'cpu', adapter: string, software: boolean, reason: string | null, onLost: (error: Error) => void,
 *   loadModel(source: string, options: { onProgress: (progress: { loaded: number, total: number }) => void }): Promise<Model>,
 *   close(): void,
 * }} Handle
 * @typedef {{ open(options: { backend: import('./state.js').BackendChoice }): Promise<Handle> }} Opener
 */

import { problemOf } from './errors.js';
import { parseHead } from './heads.js';
import { shownHead, thresholdsOf } from './state.js';
import { wellFormed } from './tokens.js';

/** A run overtaken by a newer text is waited for this long before the engine is restarted to be rid of it. */
const PATIENCE_MS = 1500;

/** Patterns kept for the run shown, in bytes: going back to a head costs nothing. */
const PATTERN_BYTES = 96 * 1024 * 1024;

/** After these the worker's runs and models are gone. */
const LOST = new Set(['WorkerDied', 'GpuLost', 'Freed', 'AbortError']);

/**
 * @param {Opener} opener @param {() => State} getState @param {Emit} emit
 * @returns {{ update(): void }}
 */
export function createAnalysis(opener, getState, emit) {
  /** @type {{ handle: Handle, choice: string } | null} */ let engine = null;
  /** @type {{ model: Model, source: string } | null} */ let loaded = null;
  /** @type {{ run: Run, key: string, detected: string, patterns: Map<string, Float32Array> } | null} */ let shown = null;
  /** @type {{ abort: AbortController, key: string, since: number, stops: number } | null} */ let inFlight = null;
  /**
   * What failed last, by kind of work, so that it is not tried again until the state asks for something else. A text that
   * cannot be run does not keep the last run from being looked at.
   */
  const failed = { run: '', detection: '', pattern: '' };
  /** The work in progress. @type {{ kind: keyof typeof failed, wanted: string }} */
  let work = { kind: 'run', wanted: '' };
  let working = false;

  /** What the state asks to be analysed. @param {State} state */
  const keyOf = ({ view, backend, attempt }) => JSON.stringify([view.text, view.model, backend, attempt]);
  /** @param {State} state */
  const thresholdKey = ({ view }) => JSON.stringify(thresholdsOf(view));

  function forget() {
    loaded = null;
    shown = null;
  }

  /** @param {string} choice */
  async function open(choice) {
    emit({ type: 'phase', phase: 'opening' });
    engine?.handle.close();
    engine = null;
    forget();
    emit({ type: 'engine', engine: null });
    const handle = await opener.open({ backend: /** @type {import('./state.js').BackendChoice} */ (choice) });
    handle.onLost = (error) => {
      forget();
      failed.run = keyOf(getState());
      emit({ type: 'problem', problem: problemOf(error) });
    };
    engine = { handle, choice };
    const { backend, adapter, software, reason } = handle;
    emit({ type: 'engine', engine: { backend, adapter, software, reason } });
  }

  /** @param {Handle} handle @param {string} source */
  async function load(handle, source) {
    emit({ type: 'phase', phase: 'loading', progress: null });
    const model = await handle.loadModel(source, {
      onProgress: (progress) => emit({ type: 'phase', phase: 'loading', progress }),
    });
    loaded?.model.free();
    loaded = { model, source };
    const { id, name, sha256, config } = model;
    emit({ type: 'model', model: { id, name, sha256, config } });
  }

  /** @param {Run} run @param {string | null} head */
  function fetchPattern(run, head) {
    const at = parseHead(head);
    return at ? run.pattern(at.layer, at.head) : run.meanPattern();
  }

  /** @param {State} state @param {Model} model @param {Handle} handle */
  async function analyse(state, model, handle) {
    const text = wellFormed(state.view.text);
    if (text === '') throw Object.assign(new Error('The text box is empty.'), { name: 'EmptyInput' });
    emit({ type: 'phase', phase: 'running' });
    const abort = new AbortController();
    const key = keyOf(state);
    const since = performance.now();
    inFlight = { abort, key, since, stops: state.stops };
    try {
      const run = await model.run(text, { signal: abort.signal });
      const { n_layers, n_heads } = model.config;
      const at = parseHead(shownHead(getState()));
      const head = at && at.layer < n_layers && at.head < n_heads ? shownHead(getState()) : null;
      const [thumbnails, detection, weights] = await Promise.all([
        run.thumbnails(),
        run.detect(thresholdsOf(state.view)),
        fetchPattern(run, head),
      ]);
      shown?.run.free();
      shown = { run, key, detected: thresholdKey(state), patterns: new Map([[head ?? '', weights]]) };
      const { id, name, sha256, config } = model;
      emit({
        type: 'result',
        result: {
          text: state.view.text,
          pieces: run.pieces,
          seq: run.seq,
          dropped: run.dropped,
          timing: run.timing,
          wall_ms: performance.now() - since,
          model: { id, name, sha256, config },
          backend: handle.backend,
          thumbnails,
        },
        detection,
        pattern: { head, weights },
      });
    } finally {
      inFlight = null;
    }
  }

  /** @param {State} state */
  async function showRun(state) {
    if (!engine || engine.choice !== state.backend) await open(state.backend);
    else if (!loaded || loaded.source !== state.view.model) await load(engine.handle, state.view.model);
    else await analyse(state, loaded.model, engine.handle);
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
    const weights = patterns.get(head ?? '') ?? (await fetchPattern(run, head));
    if ((patterns.size + 1) * weights.byteLength > PATTERN_BYTES) patterns.clear();
    patterns.set(head ?? '', weights);
    emit({ type: 'pattern', pattern: { head, weights } });
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
      const detection = unlessFailed('detection', current.key + thresholds, () => showDetection(state, current));
      if (detection) return detection;
    }
    const head = shownHead(state);
    if (state.pattern?.head === head) return null;
    return unlessFailed('pattern', current.key + head, () => showPattern(state, current));
  }

  async function settle() {
    if (working) return;
    working = true;
    for (let act = missing(getState()); act; act = missing(getState())) {
      const { kind, wanted } = work;
      try {
        await act();
      } catch (thrown) {
        const problem = problemOf(thrown);
        if (LOST.has(problem.code)) forget();
        // Overtaken, not stopped: the newer text runs next, and there is nothing to tell.
        const overtaken = kind === 'run' && problem.code === 'AbortError' && wanted !== keyOf(getState());
        if (!overtaken) {
          failed[kind] = wanted;
          emit({ type: 'problem', problem });
        }
      }
    }
    working = false;
    if (getState().phase !== 'idle') emit({ type: 'phase', phase: 'idle' });
  }

  return {
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
