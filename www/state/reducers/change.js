/**
 * Small changes that several reducers share.
 *
 * @typedef {import('../types.js').State} State
 */

/** @param {State} state @param {Partial<import('../view.js').View>} change @returns {State} */
export const withView = (state, change) => ({ ...state, view: { ...state.view, ...change } });

/**
 * Forgets the studies' figures of a link: they hold for its own settings and head only.
 * @param {State} state
 * @returns {State}
 */
export const withoutFindings = (state) =>
  state.shared?.found ? { ...state, shared: { ...state.shared, found: null } } : state;

/**
 * Runs again, with the refused model if there is one.
 * @param {State} state
 * @param {State['refused']} refused
 * @returns {State}
 */
export function again(state, refused) {
  const tried = { ...state, attempt: state.attempt + 1, refused: null, problems: [] };
  return refused ? { ...withView(tried, { model: refused.model }), edition: refused.edition } : tried;
}
