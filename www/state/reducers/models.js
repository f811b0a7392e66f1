/** Actions on the model and the backend. */

import { OF_A_BACKEND, OF_FILES, wanted } from '../problems.js';
import { defaultsOf } from '../settings.js';
import { again, withView } from './change.js';

/** @typedef {import('../types.js').Reducers} Reducers */

/** Settings that belong to one model. */
const OF_THE_MODEL = Object.freeze(defaultsOf(({ ofModel }) => ofModel));

/**
 * @type
 *   {Pick<Reducers, 'backend' | 'open model' | 'model refused' | 'halve' | 'library' | 'model' | 'engine' |
 *   'retry'>}
 */
export const models = {
  // A model that was refused for its content would be refused again, and the model in use would be lost.
  backend(state, { backend }) {
    const retried = state.refused && OF_A_BACKEND.has(state.refused.code) ? state.refused : null;
    return { ...again(state, retried), backend };
  },

  'open model'(state, action) {
    const { model, edition = state.edition, precision = 'stored' } = action;
    // Problems of files that came with the model stay.
    const problems =
      action.edition === undefined ? [] : state.problems.filter(({ code }) => OF_FILES.has(code));
    const opened = { ...state, edition, refused: null, problems, unasked: null };
    // A link may have asked for this model before it was there: try again, the rest of the link still holds.
    if (model === state.view.model && precision === state.view.precision)
      return { ...opened, attempt: state.attempt + 1 };
    return { ...withView(opened, { ...OF_THE_MODEL, model, precision }), shared: null };
  },

  'model refused': (state, { kept, edition, half, code }) => ({
    ...withView(state, { model: kept, precision: half ? 'half' : 'stored' }),
    edition,
    refused: {
      model: state.view.model,
      edition: state.edition,
      half: state.view.precision === 'half',
      code,
    },
  }),

  halve(state) {
    const { model, edition } = wanted(state);
    const opened = { ...state, edition, refused: null, problems: [] };
    return { ...withView(opened, { ...OF_THE_MODEL, model, precision: 'half' }), shared: null };
  },

  library: (state, { change }) => ({ ...state, library: { ...state.library, ...change } }),
  model: (state, { model }) => ({ ...state, model }),
  engine: (state, { engine }) => ({ ...state, engine }),
  retry: (state) => again(state, state.refused),
};
