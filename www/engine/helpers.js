/** How many helpers an engine has. What they are: team.js. */
import { invalid, wholeNumber } from './options.js';

/** Most helpers: beyond eight cores, memory and messages are what a product waits for. */
const MOST = 7;

/** One for each core of this machine but the engine's own. */
export const forThisMachine = () => Math.min(MOST, Math.max(0, (navigator.hardwareConcurrency || 1) - 1));

/** A caller's choice, checked. @param {number} [helpers] */
export function chosen(helpers) {
  if (helpers !== undefined && wholeNumber('helpers', helpers) > MOST)
    throw invalid('helpers', `a whole number from 0 to ${MOST}`, helpers);
  return helpers;
}

/** @typedef {Error & { data?: Record<string, unknown> }} Told */

/** Whether an engine ended because a helper did. @param {Told} error */
export const isDeathOfHelper = ({ data }) => typeof data?.helpers === 'number';

/**
 * The most helpers of the next engine, after the end of one: the death of a helper leaves one less, since it
 * most likely died for want of memory, or could not start.
 * @param {Told} error @param {number} [most]
 */
export const after = (error, most) => (isDeathOfHelper(error) ? Number(error.data?.helpers) : most);
