/**
 * The list of problems in the state: which problems an action removes.
 *
 * @typedef {import('./types.js').State} State
 * @typedef {import('./types.js').Problem} Problem
 */

import { codesOf } from '../base/error_codes.js';
import { ownSha } from './library.js';

/** Problems of a run: another text, or a run that succeeds, removes them. */
export const OF_A_RUN = codesOf('run');

/** Problems of dropped files: other files remove them. */
export const OF_FILES = codesOf('files');

/** Problems that another backend may not have: for these, another backend is a remedy. */
export const OF_A_BACKEND = codesOf('backend');

/** Problems of looking a repository of the hub up. */
export const OF_LOOKING_UP = new Set(['ModelNotFound', 'ModelGated', 'ModelFetch']);

/**
 * Adds a problem in place of an earlier problem of the same code.
 * @param {Problem[]} problems
 * @param {Problem} problem
 */
export const withProblem = (problems, problem) => [
  ...problems.filter(({ code }) => code !== problem.code),
  problem,
];

/**
 * Keeps the problems that `stays` names. A refused model is forgotten with its problem, so that only a
 * visible problem can retry it.
 * @param {State} state
 * @param {(problem: Problem) => boolean} stays
 * @returns {State}
 */
export function keeping(state, stays) {
  const problems = state.problems.filter(stays);
  const told = problems.some(({ code }) => code === state.refused?.code);
  return { ...state, problems, refused: told ? state.refused : null };
}

/**
 * The model that the visitor wants: the one that could not be loaded, where another stays in use.
 * @param {State} state
 */
export const wanted = ({ refused, view, edition }) =>
  refused ?? { model: view.model, edition, half: view.precision === 'half' };

/** Problems of a model: the open model panel shows them in the model's row. */
const OF_A_MODEL = codesOf('model');

/**
 * Where a problem is shown: in the model panel, in the row of a model, beside the own files or beside the
 * form for the hub; else in the notices (null).
 * @param {State} state
 * @param {Problem} problem
 * @returns {string | 'own' | 'hub' | null}
 */
export function rowOf(state, { code }) {
  const { library } = state;
  if (!library.open) return null;
  if (OF_FILES.has(code)) return 'own';
  if (library.unfound && OF_LOOKING_UP.has(code)) return 'hub';
  if (!OF_A_MODEL.has(code)) return null;
  const { model } = wanted(state);
  if (ownSha(model)) return 'own';
  return library.listed?.some(({ id }) => id === model) ? model : null;
}
