/**
 * The content of the evidence: the head, the cell, the weights. A preview or a pointer comes before a choice.
 *
 * @typedef {import('./types.js').State} State
 */

import { ablationOf, isAblated } from './ablation.js';

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
 * Whether the result is of another model than the model in use: a model that cannot run the text leaves the
 * result of the model before.
 * @param {State} state
 */
export const isForeign = ({ result, model }) =>
  result !== null && model !== null && result.model.sha256 !== model.sha256;

/** Names the ablation that the view asks for; empty where nothing is ablated. @param {State} state */
export const ablationKey = ({ view }) => (isAblated(view) ? JSON.stringify(ablationOf(view)) : '');

/** Whether the view asks for the figures after the ablation. @param {State} state */
export const isAfter = ({ view }) => isAblated(view) && view.side === 'after';

/** The key of the ablation whose figures are shown; empty: those of the whole model. @param {State} state */
export const shownAblation = (state) => {
  const key = isAfter(state) ? ablationKey(state) : '';
  return state.ablated?.key === key ? key : '';
};

/** The detectors' figures that are shown, before or after the ablation. @param {State} state */
export const shownDetection = (state) =>
  shownAblation(state) ? (state.ablated?.detection ?? null) : state.detection;

/** The thumbnails that are shown, before or after the ablation. @param {State} state */
export function shownThumbnails(state) {
  const first = firstThumbnails(state);
  return state.thumbnails && state.thumbnails.of === first ? state.thumbnails.made : first;
}

/** The thumbnails that came with the run shown. @param {State} state */
export const firstThumbnails = (state) =>
  (shownAblation(state) ? state.ablated?.thumbnails : state.result?.thumbnails) ?? null;

/**
 * The weights of the shown head, `[query_pos, key_pos]`; null until they arrive.
 * @param {State} state
 */
export function exactPattern(state) {
  const { pattern, result } = state;
  const same =
    pattern &&
    result &&
    pattern.head === shownHead(state) &&
    pattern.by === shownWeighting(state) &&
    (pattern.ablation ?? '') === shownAblation(state);
  return same && pattern.weights.length === result.seq ** 2 ? pattern.weights : null;
}

/** The factor of the shown weights. The mean of all heads is of plain attention. @param {State} state */
export const shownWeighting = (state) => (shownHead(state) === null ? 'attention' : state.view.weighted);

/** The position whose attention colours the strip. @param {State} state */
export function shownToken(state) {
  const { query, key } = shownCell(state);
  return state.view.direction === 'from' ? query : key;
}
