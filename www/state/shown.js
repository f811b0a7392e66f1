/**
 * What the evidence shows: the head, the cell, the weights. A preview or a pointer comes before a choice.
 *
 * @typedef {import('./types.js').State} State
 */

/**
 * The head of the large pattern: the previewed head, else the pinned head; null for the mean.
 * @param {State} state
 */
export const shownHead = (state) => state.preview ?? state.view.head;

/**
 * The cell of the crosshair: the cell under the pointer, else the chosen cell.
 * @param {State} state
 * @returns {import('./types.js').Cell}
 */
export function shownCell(state) {
  const { pointer, view } = state;
  if (pointer.query !== null || pointer.key !== null) return pointer;
  return { query: view.query, key: view.key };
}

/**
 * The weights of the shown head, `[query_pos, key_pos]`; null until they arrive.
 * @param {State} state
 */
export function exactPattern(state) {
  const { pattern, result } = state;
  const same = pattern && result && pattern.head === shownHead(state) && pattern.by === shownWeighting(state);
  return same && pattern.weights.length === result.seq ** 2 ? pattern.weights : null;
}

/** The factor of the shown weights. The mean of all heads is of plain attention. @param {State} state */
export const shownWeighting = (state) => (shownHead(state) === null ? 'attention' : state.view.weighted);

/** The position whose attention colours the strip. @param {State} state */
export function shownToken(state) {
  const { query, key } = shownCell(state);
  return state.view.direction === 'from' ? query : key;
}
