/**
 * Fits a view to the model and the text: drops heads and positions that they do not have.
 *
 * @typedef {import('./types.js').State} State
 */

import { parseHead } from '../base/heads.js';
import { withProblem } from './problems.js';
import { ROWS } from './settings.js';

/**
 * A state whose view fits its result. A dropped head becomes a problem.
 * @param {State} state
 * @returns {State}
 */
export function fitted(state) {
  const { result, view, pointer } = state;
  if (!result) return state;
  const { n_layers, n_heads, d_mlp: dMlp } = result.model.config;
  /** @param {string} name */
  const exists = (name) => {
    const at = parseHead(name);
    return at !== null && at.layer < n_layers && at.head < n_heads;
  };
  /** @param {number | null} position */
  const kept = (position) => (position !== null && position < result.seq ? position : null);
  /** @type {string | undefined} */ let unknown;
  /** @type {Record<string, unknown>} */ const change = {};
  for (const { name, names, initial } of ROWS) {
    const value = view[name];
    if (names === 'position' && value !== kept(/** @type {number | null} */ (value))) change[name] = null;
    if (names === 'mlps' || names === 'layers') {
      const layers = /** @type {number[]} */ (value ?? []);
      const there = names === 'mlps' && !dMlp ? [] : layers.filter((layer) => layer < n_layers);
      if (there.length < layers.length) change[name] = names === 'mlps' ? there : initial;
    }
    if (names !== 'head' && names !== 'heads') continue;
    const missing = /** @type {string[]} */ ([value ?? []].flat()).filter((head) => !exists(head));
    if (!missing.length) continue;
    unknown ??= missing[0];
    change[name] = Array.isArray(value) ? value.filter(exists) : null;
  }
  return {
    ...state,
    view: Object.keys(change).length ? { ...view, ...change } : view,
    pointer: { query: kept(pointer.query), key: kept(pointer.key) },
    problems:
      unknown === undefined
        ? state.problems
        : withProblem(state.problems, linkHead(unknown, n_layers, n_heads)),
  };
}

/** @param {string} name @param {number} n_layers @param {number} n_heads */
const linkHead = (name, n_layers, n_heads) => ({
  code: 'LinkHead',
  detail: `The link names head ${name}; this model has ${n_layers} layers of ${n_heads} heads.`,
});
