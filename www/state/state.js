/**
 * The page's one state object and the pure function that changes it. Views draw the state; the analysis, the
 * studies and the address act on it.
 *
 * @typedef {import('./types.js').State} State
 * @typedef {import('./types.js').Action} Action
 * @typedef {import('./types.js').Emit} Emit
 * @typedef {import('./types.js').Settings} Settings
 * @typedef {import('./types.js').View} View
 * @typedef {import('./types.js').Weighting} Weighting
 * @typedef {import('./types.js').Direction} Direction
 * @typedef {import('./types.js').Detection} Detection
 * @typedef {import('./types.js').BackendChoice} BackendChoice
 * @typedef {import('./types.js').Config} Config
 * @typedef {import('./types.js').LoadedModel} LoadedModel
 * @typedef {import('./types.js').ModelInUse} ModelInUse
 * @typedef {import('./types.js').Engine} Engine
 * @typedef {import('./types.js').Timing} Timing
 * @typedef {import('./types.js').Thumbnails} Thumbnails
 * @typedef {import('./types.js').Pattern} Pattern
 * @typedef {import('./types.js').Ablated} Ablated
 * @typedef {import('./types.js').Result} Result
 * @typedef {import('./types.js').Problem} Problem
 * @typedef {import('./types.js').Shared} Shared
 * @typedef {import('./types.js').Finding} Finding
 * @typedef {import('./types.js').Studying} Studying
 * @typedef {import('./types.js').Cell} Cell
 * @typedef {import('./types.js').Sort} Sort
 * @typedef {import('./types.js').Link} Link
 * @typedef {import('./types.js').Phase} Phase
 */

import { looking } from './reducers/looking.js';
import { models } from './reducers/models.js';
import { runs } from './reducers/runs.js';
import { settings } from './reducers/settings.js';
import { studies } from './reducers/studies.js';

export { initial, NO_CELL } from './initial.js';
export { OF_FILES, OF_LOOKING_UP } from './problems.js';
export {
  ablationKey,
  exactPattern,
  firstThumbnails,
  isAfter,
  isForeign,
  shownAblation,
  shownCell,
  shownDetection,
  shownHead,
  shownThumbnails,
  shownToken,
  shownWeighting,
} from './shown.js';

/** One function an action type. @type {import('./types.js').Reducers} */
const REDUCERS = Object.freeze({ ...looking, ...settings, ...studies, ...models, ...runs });

/**
 * The state after an action; the same object when nothing changes.
 * @param {State} state
 * @param {Action} action
 */
export const reduce = (state, action) =>
  /** @type {(state: State, action: Action) => State} */ (REDUCERS[action.type])(state, action);
