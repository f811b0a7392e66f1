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

/**
 * The number for the next engine, after the end of one: the death of a helper leaves one less, since it most
 * likely died for want of memory.
 * @param {Error & { data?: Record<string, unknown> }} error @param {number} [helpers]
 */
export function after({ data }, helpers) {
  return typeof data?.helpers === 'number' ? data.helpers : helpers;
}
