/** Actions on the studies: asked for, stopped, made again, found. */

import { withView } from './change.js';

/** @typedef {import('../types.js').State} State */

/** @type {import('../types.js').Problem} */
const STOPPED = Object.freeze({ code: 'AbortError', detail: '' });

/**
 * @type {Pick<import('../types.js').Reducers, 'ask' | 'stop study' | 'redo study' | 'finding' | 'studying'>}
 */
export const studies = {
  ask(state, { study }) {
    const { ran } = state.view;
    return ran.includes(study) ? state : withoutFailure(withView(state, { ran: [...ran, study] }), study);
  },

  'stop study'(state, { study, key = null }) {
    const { ran } = state.view;
    const unasked = ran.includes(study)
      ? withView(state, { ran: ran.filter((other) => other !== study) })
      : state;
    if (key === null) return unasked;
    // A study that starts by itself would start again at once, so the stop is its finding.
    return {
      ...unasked,
      findings: { ...state.findings, [study]: { key, value: null, problem: STOPPED } },
    };
  },

  'redo study': (state, { study }) => withoutFailure(state, study),

  finding: (state, { kind, finding }) => ({ ...state, findings: { ...state.findings, [kind]: finding } }),

  studying(state, { kind, studying }) {
    const { [kind]: _, ...others } = state.studying;
    return { ...state, studying: studying ? { ...others, [kind]: studying } : others };
  },
};

/**
 * Forgets that a study failed or was stopped, so that it starts again, from the part that it has left.
 * @param {State} state
 * @param {string} study
 * @returns {State}
 */
function withoutFailure(state, study) {
  const { [study]: finding, ...findings } = state.findings;
  if (!finding?.problem) return state;
  return {
    ...state,
    findings: finding.partial ? { ...findings, [study]: { ...finding, problem: null } } : findings,
  };
}
