/**
 * Several texts, each run once: what the detectors say of every head in each. The run that is shown is not
 * touched.
 */

import { perHead } from '../figures/sampled.js';
import { problemOf } from '../state/errors.js';
import { inputOf } from '../state/input.js';
import { thresholdsOf } from '../state/view.js';
import { patient } from './study.js';

/**
 * @typedef
 *   {{ detection: import('../figures/heads.js').Detection, seq: number, problem: null } | { detection: null, seq: 0, problem: import('../state/state.js').Problem }}
 *   Told
 * @typedef {Told[]} Stability   of each text, in order
 */

/** @type {import('./study.js').Study<Stability>} */
export const stability = {
  kind: 'stability',
  title: 'the labels in several texts',
  // The other two thresholds judge figures; this one makes them.
  needs: ({ view }) => (view.tab === 'detectors' && view.texts.length ? [view.texts, view.active] : null),
  async perform({ model, state, signal, onProgress }) {
    const { texts } = state.view;
    /** @type {Stability} */ const told = [];
    for (const text of texts) {
      signal.throwIfAborted();
      told.push(await tellOf(model, text, thresholdsOf(state.view), signal));
      onProgress({ done: told.length, total: texts.length });
    }
    return told;
  },
  figures: (told) =>
    told.flatMap(({ detection }, text) => {
      if (!detection) return [];
      const { mean, token_matching } = detection;
      const scores = {
        current: mean.current,
        previous: mean.previous,
        first: mean.first,
        induction: token_matching.induction,
      };
      return Object.entries(scores).flatMap(([what, heads]) => perHead(`${what} in text ${text + 1}`, heads));
    }),
};

/**
 * One text that can't be run leaves the others standing.
 * @param {import('../engine/headscope.js').Model} model
 * @param {string} text
 * @param {import('../figures/heads.js').Thresholds} thresholds
 * @param {AbortSignal} signal
 * @returns {Promise<Told>}
 */
async function tellOf(model, text, thresholds, signal) {
  try {
    const run = await model.run(inputOf(model, text), { signal: patient(signal) });
    try {
      return { detection: await run.detect(thresholds), seq: run.seq, problem: null };
    } finally {
      run.free();
    }
  } catch (thrown) {
    if (signal.aborted) throw thrown;
    return { detection: null, seq: 0, problem: problemOf(thrown) };
  }
}
