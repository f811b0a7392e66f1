/**
 * Between the state and the engine, as analysis.js is, for the studies: one at a time, the first that is wanted and is not
 * there. The engine's own queue lets a new text's run pass between the steps of one that takes long.
 *
 * @typedef {import('./study.js').Study<any>} Study
 */

import { problemOf } from './errors.js';
import { ablation, unablated } from './studies/ablation.js';
import { attribution } from './studies/attribution.js';
import { composition } from './studies/composition.js';
import { copying } from './studies/copying.js';
import { draw } from './studies/draw.js';
import { losses } from './studies/losses.js';
import { options } from './studies/options.js';
import { own } from './studies/own.js';
import { path } from './studies/path.js';
import { positions } from './studies/positions.js';
import { repeated } from './studies/repeated.js';
import { stability } from './studies/stability.js';
import { found, wanted } from './study.js';

/** Every study of the page; of those wanted at once, the first here is made first. @type {readonly Study[]} */
export const STUDIES = Object.freeze(
  [options, stability, repeated, draw, own, unablated, ablation, losses, composition, positions, attribution, path, copying],
);

/**
 * The figures of every study that is shown and done, by kind: what a link holds them by.
 * @param {import('./state.js').State} state @returns {{ kind: string, figures: import('./digest.js').Figure[] }[]}
 */
export function foundFigures(state) {
  return STUDIES.flatMap((study) => {
    const value = study.figures && found(state, study);
    return value ? [{ kind: study.kind, figures: study.figures?.(value) ?? [] }] : [];
  });
}

/**
 * @param {readonly Study[]} studies
 * @param {() => { model: import('./headscope.js').Model, run: import('./headscope.js').Run } | null} shown what is on the page, while it can be used
 * @param {() => import('./state.js').State} getState @param {import('./state.js').Emit} emit
 */
export function createStudies(studies, shown, getState, emit) {
  /** @type {{ study: Study, key: string, abort: AbortController } | null} */ let work = null;

  /** @returns {{ study: Study, key: string } | null} */
  function next() {
    const state = getState();
    // A text comes first.
    if (state.phase !== 'idle') return null;
    for (const study of studies) {
      const key = wanted(state, study);
      if (key !== null && state.findings[study.kind]?.key !== key) return { study, key };
    }
    return null;
  }

  /** @param {Study} study @param {string} key @param {NonNullable<ReturnType<typeof shown>>} from */
  async function make(study, key, from) {
    const { kind } = study;
    const abort = new AbortController();
    work = { study, key, abort };
    const onProgress = (/** @type {{ done: number, total: number }} */ { done, total }) =>
      emit({ type: 'studying', studying: { kind, done, total } });
    onProgress({ done: 0, total: 0 });
    try {
      const value = await study.perform({ ...from, state: getState(), signal: abort.signal, onProgress });
      emit({ type: 'finding', kind, finding: { key, value, problem: null } });
    } catch (thrown) {
      // One that was left has nothing to tell, and is made anew if it is wanted again by now.
      if (!abort.signal.aborted && wanted(getState(), study) === key) emit({ type: 'finding', kind, finding: { key, value: null, problem: problemOf(thrown) } });
    } finally {
      work = null;
      emit({ type: 'studying', studying: null });
    }
  }

  return {
    update() {
      if (work) {
        if (wanted(getState(), work.study) !== work.key) work.abort.abort();
        return;
      }
      const found = next();
      const from = found && shown();
      if (found && from) void make(found.study, found.key, from);
    },
  };
}
