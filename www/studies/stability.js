/**
 * Runs several texts once each, and keeps every head's detector figures in each. The shown run is not
 * touched. Definition: docs/definitions.md#stability.
 */

import { perHead } from '../figures/sampled.js';
import { columnOf, LINK_SCORES, scoreOf } from '../figures/scores/index.js';
import { problemOf } from '../state/errors.js';
import { inputOf, prependBos } from '../state/input.js';
import { shownOn } from '../state/tabs.js';
import { thresholdsOf } from '../state/view.js';
import { patient } from './study.js';

/**
 * @typedef {import('../figures/heads.js').Detection} Detection
 * @typedef {import('../state/state.js').Problem} Problem
 * @typedef {(
 *   | { detection: Detection, seq: number, problem: null }
 *   | { detection: null, seq: 0, problem: Problem }
 * )} OfText                              seq: tokens; problem: why the text could not be run
 * @typedef {OfText[]} Stability          of each text, in order
 */

/** @type {import('./study.js').Study<Stability>} */
export const stability = {
  kind: 'stability',
  title: 'the labels in several texts',
  // Of the thresholds, only this one changes the figures. The other two judge them.
  needs: (state) =>
    shownOn('scores', state) && state.view.texts.length
      ? [state.view.texts, state.view.active, state.view.bos]
      : null,
  async perform({ model, state, signal, onProgress }) {
    const { texts } = state.view;
    /** @type {Stability} */ const done = [];
    for (const text of texts) {
      signal.throwIfAborted();
      done.push(await ofText(model, text, state.view, signal));
      onProgress({ done: done.length, total: texts.length });
    }
    return done;
  },
  figures: (texts) =>
    texts.flatMap(({ detection }, text) => {
      if (!detection) return [];
      return LINK_SCORES.flatMap((id) =>
        perHead(`${scoreOf(id).kind} in text ${text + 1}`, columnOf(id).scores(detection)),
      );
    }),
};

/**
 * The figures of one text. A text that cannot be run is no failure of the study.
 * @param {import('../engine/headscope.js').Model} model
 * @param {string} text
 * @param {import('../state/view.js').View} view
 * @param {AbortSignal} signal
 * @returns {Promise<OfText>}
 */
async function ofText(model, text, view, signal) {
  try {
    const how = { prependBos: prependBos(view), signal: patient(signal) };
    const run = await model.run(inputOf(model, text), how);
    try {
      return { detection: await run.detect(thresholdsOf(view)), seq: run.seq, problem: null };
    } finally {
      run.free();
    }
  } catch (thrown) {
    if (signal.aborted) throw thrown;
    return { detection: null, seq: 0, problem: problemOf(thrown) };
  }
}
