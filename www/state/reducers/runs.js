/** Actions of a run: its phases, its figures, its problems, and what is made of it. */

import { fitted } from '../fitted.js';
import { keeping, OF_A_RUN, withProblem } from '../problems.js';

/**
 * @typedef {'phase' | 'stop' | 'result' | 'detection' | 'pattern' | 'ablated' | 'thumbnails'} OfTheRun
 * @typedef {'problem' | 'dismiss' | 'exporting' | 'link' | 'copied'} OfItsFigures
 */

/** @type {Pick<import('../types.js').Reducers, OfTheRun | OfItsFigures>} */
export const runs = {
  phase: (state, { phase, progress }) => ({ ...state, phase, progress: progress ?? null }),
  stop: (state) => ({ ...state, stops: state.stops + 1 }),

  result(state, { result, detection, pattern }) {
    // A run of the model in use says nothing about the refused model.
    const problems = state.problems.filter(({ code }) => !OF_A_RUN.has(code) || code === state.refused?.code);
    return fitted({ ...state, result, detection, pattern, ablated: null, problems });
  },

  detection: (state, { detection }) => ({ ...state, detection }),
  pattern: (state, { pattern }) => ({ ...state, pattern }),
  ablated: (state, { ablated }) => ({ ...state, ablated }),
  thumbnails: (state, { thumbnails }) => ({ ...state, thumbnails }),
  problem: (state, { problem }) => ({ ...state, problems: withProblem(state.problems, problem) }),
  dismiss: (state, { code: dismissed }) => keeping(state, ({ code }) => code !== dismissed),
  exporting: (state, { exporting }) => ({ ...state, exporting }),
  link: (state, { link }) => ({ ...state, link }),
  // A link that is copied denies that it could not be.
  copied: (state, { copied }) => ({
    ...keeping(state, ({ code }) => copied === null || code !== 'ClipboardDenied'),
    copied,
  }),
};
