/** The tour: enters a step, and keeps the page at the step while its figures are computed. Pure. */

import { fewRepeat } from '../figures/answer.js';
import { STEPS, WAITING } from './tour_steps.js';

/**
 * @typedef {import('../state/state.js').State} State
 * @typedef {import('../state/state.js').Settings} Settings
 */

export { STEPS, WAITING };

/**
 * The action that brings the page to a step.
 * @param {State} state
 * @param {number} step
 * @returns {import('../state/state.js').Action}
 */
export const entered = (state, step) => ({ type: 'set', change: { ...STEPS[step].look(state), step } });

/**
 * The text that a step shows: the visitor's text twice, where the step needs repeats and the text has few.
 * Null where the text stays.
 * @param {State} state
 * @param {number} step
 * @returns {string | null}
 */
export function textFor({ view, result }, step) {
  if (!STEPS[step].repeats || !result || result.text !== view.text || !fewRepeat(result.ids)) return null;
  // The model has to read both copies.
  return 2 * result.seq <= result.model.config.n_ctx ? `${view.text} ${view.text}` : null;
}

/**
 * Keeps the page on the subject of a step. A step can be entered before its experiments are done, and their
 * figures may show another head. Settings that the visitor has changed, or that a link has set, stay.
 * @param {() => State} getState @param {import('../state/state.js').Emit} emit
 */
export function createTouring(getState, emit) {
  /** The step, and the settings that the tour may still change. */
  let at = { step: /** @type {number | null} */ (null), settings: /** @type {Settings | null} */ (null) };
  /** Whether the page has these settings. @param {Settings} settings */
  const shows = (settings) => {
    const { view } = getState();
    return Object.entries(settings).every(
      ([name, value]) => JSON.stringify(view[/** @type {keyof Settings} */ (name)]) === JSON.stringify(value),
    );
  };
  return {
    update() {
      const state = getState();
      const { step } = state.view;
      const current = step === null ? undefined : STEPS[step];
      if (!current) {
        at = { step: null, settings: null };
        return;
      }
      if (step === at.step && !at.settings) return;
      const look = current.look(state);
      // A link with the figures of its studies has settled what its step shows.
      const follows = shows(look) && !state.shared?.found;
      if (step !== at.step) at = { step, settings: follows ? look : null };
      else if (!at.settings || !shows(at.settings)) at = { step, settings: null };
      else if (JSON.stringify(look) !== JSON.stringify(at.settings)) {
        at = { step, settings: look };
        emit({ type: 'set', change: look });
      }
    },
  };
}
