/**
 * Repeats in the visitor's own text: where one head attends at them, and the model's log-probabilities.
 * Definition: docs/definitions.md#own-repeats.
 */

import { parseHead } from '../base/heads.js';
import { inTimeSlices } from '../base/time_slices.js';
import { above } from '../figures/heads.js';
import { looking } from '../figures/lookups.js';
import { ngrams } from '../figures/ngrams.js';
import { spread } from '../figures/sampled.js';
import { shownOn } from '../state/tabs.js';

/**
 * @typedef {object} Own
 * @property {string} head
 * @property {import('../figures/lookups.js').Lookups} lookups
 * @property {Float32Array} logProbs      `[seq - 1]`; definition: docs/definitions.md#log-probability
 */

/**
 * The repeats of each text: every change of the state asks for them.
 * @type {WeakMap<Uint32Array, import('../figures/ngrams.js').Ngram[]>}
 */
const known = new WeakMap();

/** The repeats of a text. @param {import('../state/state.js').Result} result */
export function ngramsOf({ ids }) {
  const found = known.get(ids) ?? ngrams(ids);
  known.set(ids, found);
  return found;
}

/**
 * The head of the study: the pinned head, else the best head by token matching.
 * @param {import('../state/state.js').State} state
 * @returns {string | null}
 */
export function ownHead({ view, detection }) {
  return view.head ?? (detection && (above(detection.token_matching.induction, -1).best?.name ?? null));
}

/** @type {import('./study.js').Study<Own>} */
export const own = {
  kind: 'own',
  title: 'the repeats in the text',
  ofRun: true,
  needs(state) {
    const head =
      shownOn('find', state) && state.result && ngramsOf(state.result).length ? ownHead(state) : null;
    return head === null ? null : [head];
  },
  async perform({ run, state, signal }) {
    const head = ownHead(state);
    const at = parseHead(head);
    if (!head || !at) throw new Error('There is no head to study.');
    const [weights, logProbs] = await Promise.all([run.pattern(at.layer, at.head), run.logProbs()]);
    const lookups = await inTimeSlices(looking(run.ids, weights), () => !signal.aborted);
    if (!lookups) throw signal.reason;
    return { head, lookups, logProbs };
  },
  figures({ lookups: { expected }, logProbs }) {
    const queries = [...expected.keys()].filter((query) => !Number.isNaN(expected[query]));
    return spread(queries.length + logProbs.length, (at) => {
      const token = at - queries.length;
      return token < 0
        ? { what: `attention where it should be at position ${queries[at]}`, value: expected[queries[at]] }
        : { what: `log-probability of token ${token + 1}`, value: logProbs[token] };
    });
  },
};
