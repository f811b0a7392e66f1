/**
 * Between the state and the engine: sees that what the state asks for gets computed, one thing at a time,
 * newest first.
 *
 * There is no queue. After every change the page calls `update()`. The loop looks at the newest state, takes
 * the next step (analysis_steps.js), and looks again. So a text that was overtaken while another ran is never
 * run.
 *
 * The engine recovers by itself: the next call starts a worker that died again, with its model and the run
 * shown.
 *
 * @typedef {import('../state/state.js').State} State
 * @typedef {import('../state/state.js').Emit} Emit
 * @typedef {import('../state/state.js').Pattern} Pattern
 * @typedef {import('../engine/headscope.js').Run} Run
 * @typedef {import('../engine/headscope.js').Model} Model
 * @typedef {import('../engine/headscope.js').Headscope} Engine
 * @typedef {import('../engine/headscope.js').Download} Files
 * @typedef {Pick<typeof import('../engine/headscope.js').Headscope, 'open' | 'download'>} Opener
 * @typedef {object} Models is told what came of the files that it gave
 * @property {(files: Files, fault: string | null) => void} [loaded] fault: of the tokenizer
 * @property {(files: Files, thrown: unknown) => void} [refused]
 * @property {(files: Files) => void} [gone] they can't be read any more
 * @typedef {import('./analysis_steps.js').Step} Step
 *
 * @typedef {{ source: string, download: ReturnType<Opener['download']> }} Coming
 * @typedef {{ run: Run, model: Model, patterns: Map<string, Pattern>, ablated: Run | null,
 *   before: Run | null }} Shown   before: the ablated run of the text before; the next one goes on from it
 * @typedef {{ abort: AbortController, key: string, since: number, stops: number }} Running
 */

import { failure } from '../base/failure.js';
import { ablationOf } from '../state/ablation.js';
import { problemOf } from '../state/errors.js';
import { inputOf, prependBos } from '../state/input.js';
import {
  ablationKey,
  firstThumbnails as cameWithRun,
  shownAblation,
  shownHead,
  shownThumbnails,
  shownWeighting,
} from '../state/state.js';
import { missingLayers } from '../state/thumbnails.js';
import { thresholdsOf } from '../state/view.js';
import * as steps from './analysis_steps.js';
import { fetchPattern, firstPattern, firstThumbnails, moreThumbnails } from './pictures.js';
import { resultOf } from './result.js';

/** Patterns of the run shown that are kept, in bytes: going back to a head costs nothing. */
const PATTERN_BYTES = 96 * 1024 * 1024;

class Analysis {
  #opener;
  #getState;
  #emit;
  /** @type {steps.Work} */ #work = steps.NOTHING;
  /** @type {Engine | null} */ #engine = null;
  /** The files of a model that come while the engine starts. @type {Coming | null} */
  #coming = null;
  /** @type {Model | null} */ #model = null;
  /** Those of the model. @type {Files | null} */ #files = null;
  /** @type {Shown | null} */ #shown = null;
  /** @type {Running | null} */ #running = null;
  #working = false;

  /** @param {Opener & Models} opener @param {() => State} getState @param {Emit} emit */
  constructor(opener, getState, emit) {
    this.#opener = opener;
    this.#getState = getState;
    this.#emit = emit;
  }

  /** The run shown. */
  get run() {
    return this.#shown?.run ?? null;
  }

  /** The run shown, its ablation and its model, while they can be used. */
  get usable() {
    if (!this.#shown || !steps.isUsable(this.#work, steps.keyOf(this.#getState()))) return null;
    const { run, model, ablated } = this.#shown;
    return { run, model, ablated };
  }

  update() {
    if (this.#running) this.#stopIfOvertaken(this.#running);
    void this.#settle();
  }

  /** @param {Running} running */
  #stopIfOvertaken(running) {
    const state = this.#getState();
    const asked = { key: steps.keyOf(state), stops: state.stops, now: performance.now() };
    const when = steps.stopsRun(running, asked);
    if (when === 'now') running.abort.abort();
    else if (when !== null) {
      const still = () => this.#running === running && steps.keyOf(this.#getState()) !== running.key;
      setTimeout(() => still() && running.abort.abort(), when);
    }
  }

  /** Takes steps until nothing is missing. */
  async #settle() {
    if (this.#working) return;
    this.#working = true;
    for (;;) {
      const state = this.#getState();
      const step = steps.nextStep(this.#work, steps.wantedOf(state));
      if (!step) break;
      await this.#take(step, state);
    }
    this.#working = false;
    if (this.#getState().phase !== 'idle') this.#emit({ type: 'phase', phase: 'idle' });
  }

  /** @param {Step} step @param {State} state */
  async #take(step, state) {
    const { kind, act, wanted } = step;
    try {
      if (act === 'open') await this.#open(state);
      else if (act === 'load') await this.#loadOrStay(state);
      else if (act === 'analyse') await this.#analyse(state);
      else if (act === 'detect') await this.#detect(state);
      else if (act === 'ablate') await this.#ablate(state);
      else if (act === 'thumbnails') await this.#showThumbnails(state);
      else await this.#showPattern(state);
      this.#note({ type: 'done', kind });
      this.#tellEngine();
    } catch (thrown) {
      const problem = problemOf(thrown);
      const { code } = problem;
      if (steps.lacksFiles(this.#work, step, code)) return this.#loseFiles(wanted);
      const event = /** @type {const} */ ({ type: 'failed', kind, wanted, code });
      const failed = { ...event, asked: steps.keyOf(this.#getState()) };
      this.#note(failed);
      if (!steps.isOvertaken(failed)) this.#emit({ type: 'problem', problem });
    }
  }

  /**
   * Loads the model in use again, from files that are asked for anew: those that it came from are gone. Where
   * they are not here, the load says what to do.
   */
  reload() {
    this.#loseFiles('');
    void this.#settle();
  }

  /** @param {string} wanted by the step that found it */
  #loseFiles(wanted) {
    if (this.#files) this.#opener.gone?.(this.#files);
    this.#files = null;
    this.#note({ type: 'gone', wanted });
  }

  /** @param {steps.Event} event */
  #note(event) {
    this.#work = steps.after(this.#work, event);
    if (!this.#work.loaded) this.#model = null;
    if (!this.#work.shown) this.#shown = null;
  }

  /** Tells what the engine runs on. It may have changed since it was opened: a lost GPU leaves the CPU. */
  #tellEngine() {
    if (!this.#engine) return;
    const { backend, adapter, software, reason, offersGpu } = this.#engine;
    const told = this.#getState().engine;
    if (told?.backend !== backend || told.adapter !== adapter || told.reason !== reason)
      this.#emit({ type: 'engine', engine: { backend, adapter, software, reason, offersGpu } });
  }

  /** @param {State} state */
  async #open({ backend, view }) {
    this.#emit({ type: 'phase', phase: 'opening' });
    this.#engine?.close();
    this.#engine = null;
    this.#note({ type: 'closed' });
    this.#emit({ type: 'engine', engine: null });
    // The model's files come while the engine starts. What is wrong with them is told when they are loaded.
    const files = this.#fetchFiles(view.model);
    files.download.catch(() => {});
    const engine = await this.#opener.open({ backend });
    engine.onLost = (error) => this.#emit({ type: 'problem', problem: problemOf(error) });
    this.#engine = engine;
    this.#note({ type: 'opened', backend });
    this.#coming = files;
    this.#tellEngine();
  }

  /** @param {string} source @returns {Coming} */
  #fetchFiles(source) {
    const onProgress = (/** @type {{ loaded: number, total: number }} */ progress) =>
      this.#emit({ type: 'phase', phase: 'loading', progress });
    return { source, download: this.#opener.download(source, { onProgress }) };
  }

  /** Loads the model; where it can't be loaded the model before stays. @param {State} state */
  async #loadOrStay({ view, edition }) {
    const wanted = { source: view.model, edition, half: view.precision === 'half' };
    try {
      await this.#load(/** @type {Engine} */ (this.#engine), wanted);
    } catch (thrown) {
      const { name, data } = /** @type {Error & { data?: any }} */ (thrown);
      if (name === 'ConfigNeeded') {
        const question = { model: view.model, choices: data.choices };
        this.#emit({ type: 'library', change: { open: true, question } });
      }
      const kept = steps.goesBackTo(this.#work, wanted, name);
      const { code } = problemOf(thrown);
      if (kept) {
        const { source, ...which } = kept;
        this.#emit({ type: 'model refused', kept: source, ...which, code });
      }
      throw thrown;
    }
  }

  /** @param {Engine} engine @param {steps.Source} wanted */
  async #load(engine, { source, edition, half }) {
    if (this.#getState().phase !== 'loading') this.#emit({ type: 'phase', phase: 'loading', progress: null });
    const files = this.#coming?.source === source ? this.#coming : this.#fetchFiles(source);
    this.#coming = null;
    const given = await files.download;
    const model = await this.#loaded(engine, given, { source, half }).catch((thrown) => {
      this.#opener.refused?.(given, thrown);
      throw thrown;
    });
    const { tokenizerFault } = model;
    this.#opener.loaded?.(given, tokenizerFault);
    this.#model?.free();
    this.#model = model;
    this.#files = given;
    this.#note({ type: 'loaded', source, edition, half });
    const { name, sha256, config, keys, origin, tokenizerNote, hasTokenizer, bos, prependsBos } = model;
    const notes = { keys, tokenizerNote, hasTokenizer, bos, prependsBos };
    this.#emit({ type: 'model', model: { id: source, name, sha256, config, origin, ...notes } });
    if (tokenizerFault)
      this.#emit({ type: 'problem', problem: { code: 'TokenizerInvalid', detail: tokenizerFault } });
  }

  /**
   * The model of some files. Another tokenizer for the model in use, if it is at fault, replaces none.
   * @param {Engine} engine @param {Files} given @param {{ source: string, half: boolean }} how
   */
  async #loaded(engine, given, { source, half }) {
    const model = await engine.loadModel(given, { half });
    if (!model.tokenizerFault || !this.#model?.hasTokenizer || this.#work.loaded?.source !== source)
      return model;
    model.free();
    throw failure('TokenizerInvalid', model.tokenizerFault);
  }

  /** Runs the text, and shows the run with its detection and one pattern. @param {State} state */
  async #analyse(state) {
    const model = /** @type {Model} */ (this.#model);
    const input = inputOf(model, state.view.text);
    this.#emit({ type: 'phase', phase: 'running' });
    const abort = new AbortController();
    const since = performance.now();
    const key = steps.keyOf(state);
    this.#running = { abort, key, since, stops: state.stops };
    try {
      const how = { prependBos: prependBos(state.view), signal: abort.signal };
      const run = await model.run(input, how);
      const { head, by } = firstPattern(this.#getState(), model.config);
      const [thumbnails, detection, pattern, notFinite] = await Promise.all([
        firstThumbnails(run, this.#getState(), model.config),
        run.detect(thresholdsOf(state.view)),
        fetchPattern(run, head, by, '', this.#known(model, head, by)),
        run.notFinite(),
      ]);
      this.#shown?.run.free();
      const before = this.#shown?.ablated ?? this.#shown?.before ?? null;
      const patterns = new Map([[steps.patternKey(head, by), pattern]]);
      this.#shown = { run, model, patterns, ablated: null, before };
      if (!ablationKey(state)) this.#freeBefore(this.#shown);
      this.#note({ type: 'shown', key, thresholds: steps.thresholdKey(state) });
      const wall_ms = performance.now() - since;
      const { backend } = /** @type {Engine} */ (this.#engine);
      const result = resultOf(state, run, model, { backend, thumbnails, notFinite, wall_ms });
      this.#emit({ type: 'result', result, detection, pattern });
    } finally {
      this.#running = null;
    }
  }

  /** @param {State} state */
  async #detect(state) {
    const { run, ablated } = /** @type {Shown} */ (this.#shown);
    const thresholds = thresholdsOf(state.view);
    const detection = await run.detect(thresholds);
    const after = await ablated?.detect(thresholds);
    this.#note({ type: 'detected', thresholds: steps.thresholdKey(state) });
    this.#emit({ type: 'detection', detection });
    const now = this.#getState().ablated;
    if (after && now) this.#emit({ type: 'ablated', ablated: { ...now, detection: after } });
  }

  /** Runs the shown text with what the view ablates. @param {State} state */
  async #ablate(state) {
    const shown = /** @type {Shown} */ (this.#shown);
    shown.ablated?.free();
    shown.ablated = null;
    const key = ablationKey(state);
    if (!key) {
      this.#freeBefore(shown);
      this.#note({ type: 'ablated', ablation: key });
      this.#emit({ type: 'ablated', ablated: null });
      return;
    }
    const run = await shown.run.ablated(ablationOf(state.view)).catch((thrown) => {
      this.#note({ type: 'ablated', ablation: '' });
      this.#emit({ type: 'ablated', ablated: null });
      throw thrown;
    });
    shown.ablated = run;
    this.#freeBefore(shown);
    const [thumbnails, detection, logProbs] = await Promise.all([
      firstThumbnails(run, this.#getState(), shown.model.config),
      run.detect(thresholdsOf(state.view)),
      run.logProbs(),
    ]);
    this.#note({ type: 'ablated', ablation: key });
    this.#emit({ type: 'ablated', ablated: { key, thumbnails, detection, logProbs } });
  }

  /**
   * A pattern of the run shown, if it is the model's.
   * @param {Model} model @param {string | null} head @param {Pattern['by']} by
   */
  #known(model, head, by) {
    const known = this.#shown?.model === model ? this.#shown.patterns.get(steps.patternKey(head, by)) : null;
    return known && this.#shown ? { ids: this.#shown.run.ids, weights: known.weights } : null;
  }

  /** @param {Shown} shown */
  #freeBefore(shown) {
    shown.before?.free();
    shown.before = null;
  }

  /** Makes the thumbnails in view that are missing. @param {State} state */
  async #showThumbnails(state) {
    const { run, ablated, model } = /** @type {Shown} */ (this.#shown);
    const of = cameWithRun(state);
    if (!of) return;
    const from = shownAblation(state) && ablated ? ablated : run;
    const { n_layers } = model.config;
    const made = await moreThumbnails(from, shownThumbnails(state), missingLayers(state), n_layers);
    this.#emit({ type: 'thumbnails', thumbnails: { of, made } });
  }

  /** Thumbnails of all heads, of what is shown. */
  async thumbnails() {
    if (!this.#shown) throw failure('Freed', 'There is no run to draw.');
    const { run, ablated } = this.#shown;
    return (shownAblation(this.#getState()) && ablated ? ablated : run).thumbnails();
  }

  /** @param {State} state */
  async #showPattern(state) {
    const { run, patterns, ablated } = /** @type {Shown} */ (this.#shown);
    const head = shownHead(state);
    const by = shownWeighting(state);
    const ablation = ablated ? shownAblation(state) : '';
    const key = steps.patternKey(head, by, ablation);
    const from = ablation && ablated ? ablated : run;
    const pattern = patterns.get(key) ?? (await fetchPattern(from, head, by, ablation));
    if ((patterns.size + 1) * pattern.weights.byteLength > PATTERN_BYTES) patterns.clear();
    patterns.set(key, pattern);
    this.#emit({ type: 'pattern', pattern });
  }
}

/**
 * @param {Opener & Models} opener @param {() => State} getState @param {Emit} emit
 * @returns {{ update(): void, reload(): void, run(): Run | null,
 *   thumbnails(): Promise<import('../state/state.js').Thumbnails>,
 *   shown(): Pick<Shown, 'run' | 'model' | 'ablated'> | null }}
 */
export function createAnalysis(opener, getState, emit) {
  const analysis = new Analysis(opener, getState, emit);
  return {
    reload: () => analysis.reload(),
    update: () => analysis.update(),
    run: () => analysis.run,
    thumbnails: () => analysis.thumbnails(),
    shown: () => analysis.usable,
  };
}
