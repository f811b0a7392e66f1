/**
 * Checks a caller's options before they cross to the worker, which would convert anything else silently.
 */

import { failure } from '../base/failure.js';

/**
 * A whole number that fits 32 bits. Throws `OptionInvalid` otherwise, as all functions here do.
 * @param {string} name @param {unknown} value
 * @returns {number}
 */
export function wholeNumber(name, value) {
  if (!Number.isInteger(value) || Number(value) < 0 || Number(value) > 0xffffffff)
    throw invalid(name, 'a whole number from 0 up', value);
  return Number(value);
}

/** A finite number. @param {string} name @param {unknown} value */
export function finite(name, value) {
  if (typeof value !== 'number' || !Number.isFinite(value)) throw invalid(name, 'a finite number', value);
  return value;
}

/**
 * One of several choices.
 * @template {string} Choice
 * @param {string} name @param {readonly Choice[]} choices @param {unknown} value
 * @returns {Choice}
 */
export function oneOf(name, choices, value) {
  const found = choices.find((choice) => choice === value);
  if (found === undefined) throw invalid(name, `one of ${choices.join(', ')}`, value);
  return found;
}

/**
 * The detectors' thresholds; where one is not given, that of ARENA's notebook.
 * @param {import('./headscope.js').Thresholds} given
 */
export function thresholds({ active = 0.4, fraction = 0.3, mean = 0.4 }) {
  return {
    active: finite('active', active),
    fraction: finite('fraction', fraction),
    mean: finite('mean', mean),
  };
}

/**
 * The items of an iterable that is no string: `'1.4'` instead of `['1.4']` would be three items.
 * @template Item
 * @param {string} name @param {string} expected @param {Iterable<Item>} value
 * @returns {Item[]}
 */
export function list(name, expected, value) {
  if (typeof value !== 'object' || typeof value?.[Symbol.iterator] !== 'function')
    throw invalid(name, expected, value);
  return Array.from(value);
}

/** The error of an option. @param {string} name @param {string} expected @param {unknown} found */
export function invalid(name, expected, found) {
  return failure('OptionInvalid', `The ${name} should be ${expected}, and is ${String(found)}.`, {
    data: { name, expected },
  });
}
