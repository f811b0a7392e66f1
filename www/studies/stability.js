/** Several texts, each run once: what the detectors say of every head in each. The run that is shown is not touched. */

import { perHead } from '../figures/heads.js';
import { idsIn } from '../library.js';
import { problemOf } from '../errors.js';
import { thresholdsOf } from '../view.js';
import { patient } from '../study.js';
import { wellFormed } from '../tokens.js';

/**
 * @typedef {{ detection: import('../figures/heads.js').Detection, seq: number, problem: null } | { detection: null, seq: 0, problem: import('../state.js').Problem }} Told
 * @typedef {Told[]} Stability   of each text, in order
 */

/** @type {import('../study.js').Study<Stability>} */
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
    told.flatMap(({ detection }, text) =>
      detection
        ? [detection.mean.current, detection.mean.previous, detection.mean.first, detection.token_matching.induction].flatMap((scores, score) =>
            scores.flatMap((heads, layer) =>
              heads.map((value, head) => ({ what: `${['current', 'previous', 'first', 'induction'][score]} of head ${layer}.${head} in text ${text + 1}`, value })),
            ),
          )
        : [],
    ),
};

/**
 * One text that can't be run leaves the others standing.
 * @param {import('../headscope.js').Model} model @param {string} text @param {import('../figures/heads.js').Thresholds} thresholds @param {AbortSignal} signal
 * @returns {Promise<Told>}
 */
async function tellOf(model, text, thresholds, signal) {
  try {
    const input = model.hasTokenizer ? wellFormed(text) : idsIn(text);
    if (input === null) throw Object.assign(new Error('This model has no tokenizer: it reads numbers.'), { name: 'IdsNeeded' });
    const run = await model.run(input, { signal: patient(signal) });
    try {
      return { detection: perHead(await run.detect(thresholds)), seq: run.seq, problem: null };
    } finally {
      run.free();
    }
  } catch (thrown) {
    if (signal.aborted) throw thrown;
    return { detection: null, seq: 0, problem: problemOf(thrown) };
  }
}
