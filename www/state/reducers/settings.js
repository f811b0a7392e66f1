/**
 * Actions on the settings: the text, the tab, the thresholds, and a whole view from a link or the history.
 */

import { EXAMPLES } from '../examples.js';
import { fitted } from '../fitted.js';
import { NO_CELL } from '../initial.js';
import { keeping, OF_A_LINK, OF_A_RUN } from '../problems.js';
import { DEFAULT_VIEW, OPENING_VIEW } from '../view.js';
import { withoutFindings, withView } from './change.js';

/** @typedef {'edit' | 'undo' | 'tab' | 'set' | 'thresholds' | 'restore'} OfSettings */

/**
 * Whether the text and the cell are those that the page opens with.
 * @param {import('../view.js').View} view
 */
const isOpening = ({ text, query, key }) =>
  text === OPENING_VIEW.text && query === OPENING_VIEW.query && key === OPENING_VIEW.key;

/**
 * What can be had back after a text is replaced: the visitor's own text, and no example.
 * @param {import('../types.js').State} state
 */
const replaced = ({ view, undo }) =>
  EXAMPLES.some(({ text }) => text === view.text) ? undo : { text: view.text };

/** @type {Pick<import('../types.js').Reducers, OfSettings>} */
export const settings = {
  // A replaced text can be had back. Typing has the text box's own undo.
  edit(state, { text, replaces = false }) {
    if (text === state.view.text) return state;
    const stays = (/** @type {{ code: string }} */ { code }) => !OF_A_RUN.has(code) && !OF_A_LINK.has(code);
    // The cell that the page opens with is of the opening text.
    const cell = isOpening(state.view) ? { query: null, key: null } : {};
    const edited = keeping(withView(state, { text, ...cell }), stays);
    return { ...edited, shared: null, undo: replaces ? replaced(state) : null };
  },

  undo(state) {
    const { undo } = state;
    return undo ? { ...fitted(withView(state, undo)), shared: null, undo: null } : state;
  },

  tab: (state, { tab }) => withView(state, { tab }),

  set: (state, { change }) => ({
    ...withoutFindings(withView(state, change)),
    preview: 'head' in change ? null : state.preview,
  }),

  thresholds(state, { active, fraction, mean }) {
    const { view } = state;
    return withView(state, {
      active: active ?? view.active,
      fraction: fraction ?? view.fraction,
      mean: mean ?? view.mean,
    });
  },

  restore(state, action) {
    const view = { ...DEFAULT_VIEW, ...action.view };
    // The same text is not run again, so the problems of its run still hold.
    const same = view.text === state.view.text && view.model === state.view.model;
    const problems = [
      ...(same ? state.problems.filter(({ code }) => OF_A_RUN.has(code)) : []),
      ...action.problems,
    ];
    const undo = action.ours === false ? state.view : null;
    const { unasked = null } = action;
    const restored = keeping(
      { ...state, view, shared: action.shared, problems, undo, unasked, preview: null, pointer: NO_CELL },
      () => true,
    );
    // Another text or model is fitted when its run is complete.
    return view.text === state.result?.text && view.model === state.result.model.id
      ? fitted(restored)
      : restored;
  },
};
