/** Actions on the evidence: which head, which cell, which side. */

import { NO_CELL } from '../initial.js';
import { withoutFindings, withView } from './change.js';

/**
 * @type {Pick<import('../types.js').Reducers,
 *   'preview' | 'lock' | 'point' | 'choose' | 'let go' | 'direction' | 'sort'>}
 */
export const looking = {
  preview: (state, { head }) => (state.preview === head ? state : { ...state, preview: head }),

  lock: (state, { head }) => ({ ...withoutFindings(withView(state, { head })), preview: null }),

  point: (state, { query, key }) =>
    state.pointer.query === query && state.pointer.key === key
      ? state
      : { ...state, pointer: { query, key } },

  // A resting pointer must not hide the cell that a key has just chosen.
  choose: (state, { query, key }) => ({ ...withView(state, { query, key }), pointer: NO_CELL }),

  // The innermost choice first: the cell, then the head.
  'let go'(state) {
    if (state.view.query !== null || state.view.key !== null)
      return { ...withView(state, { query: null, key: null }), pointer: NO_CELL };
    return { ...withoutFindings(withView(state, { head: null })), preview: null, pointer: NO_CELL };
  },

  // The chosen token stays chosen, on the other side.
  direction(state, { direction }) {
    const { query, key } = state.view;
    if (direction === state.view.direction) return state;
    const chosen = state.view.direction === 'from' ? query : key;
    const sides = direction === 'from' ? { query: chosen, key: null } : { query: null, key: chosen };
    return withView(state, { direction, ...sides });
  },

  // The first click on a figure puts the largest on top; on the name, the model's own order.
  sort(state, { column }) {
    const again = state.sort.column === column;
    return { ...state, sort: { column, descending: again ? !state.sort.descending : column !== 'head' } };
  },
};
