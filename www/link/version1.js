/**
 * Links of version 1: the defaults that they leave out, and the names that they have for tabs and for steps
 * of the tour. Frozen: such links have been sent.
 */

import { FIRST_TEXT } from '../state/examples.js';

/** The defaults of version 1 that are not today's. @type {Readonly<Partial<import('./link.js').View>>} */
export const DEFAULTS_1 = Object.freeze({ text: FIRST_TEXT, tab: 'scores' });

/**
 * The tab that shows what a tab of version 1 showed. Its export and its tour are no tabs any more.
 * @type {Readonly<Record<string, import('../state/tabs.js').TabId>>}
 */
const TABS_1 = Object.freeze({
  detectors: 'scores',
  repeats: 'find',
  off: 'ablate',
  circuits: 'explain',
  export: 'scores',
  tour: 'find',
});

/** The step of the tour that tells what a step of version 1 told. */
const STEPS_1 = Object.freeze([0, 1, 2, 4, 5, 6]);

/** The settings that version 1 writes in another way. @type {Record<string, (written: string) => unknown>} */
const READERS_1 = {
  tab: (written) => (Object.hasOwn(TABS_1, written) ? TABS_1[written] : null),
  step: (written) => (/^\d{1,2}$/.test(written) ? (STEPS_1[Number(written)] ?? null) : null),
};

/**
 * Reads a setting as version 1 wrote it.
 * @param {{ name: string, read: (written: string) => unknown }} row
 * @param {string} written
 */
export const read1 = ({ name, read }, written) => (READERS_1[name] ?? read)(written);
