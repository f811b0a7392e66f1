/**
 * Checks the options of a caller before they cross to the worker. wasm-bindgen would coerce a wrong value
 * silently.
 */

import { failure } from '../base/failure.js';
import { DEFAULT_THRESHOLDS } from '../base/thresholds.js';

/**
 * A whole number that fits 32 bits.
 * @param {string} name @param {unknown} value
 * @returns {number} rejects with `OptionInvalid` otherwise, as all of these do
 */
export function wholeNumber(name, value) {
  if (!Number.isInteger(value) || Number(value) < 0 || Number(value) > 0xffffffff)
    throw invalid(name, 'a whole number from 0 up', value);
  return Number(value);
}

/** @param {string} name @param {unknown} value */
export function finite(name, value) {
  if (typeof value !== 'number' || !Number.isFinite(value)) throw invalid(name, 'a finite number', value);
  return value;
}

/**
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
 * The detectors' thresholds, with the defaults for absent thresholds.
 * @param {import('./headscope.js').Thresholds} given
 */
export function thresholds(given) {
  const usual = DEFAULT_THRESHOLDS;
  const { active = usual.active, fraction = usual.fraction, mean = usual.mean } = given;
  return {
    active: finite('active', active),
    fraction: finite('fraction', fraction),
    mean: finite('mean', mean),
  };
}

/**
 * The items of an iterable that is no string: `'1.4'` where `['1.4']` was meant would be four heads.
 * @template Item
 * @param {string} name @param {string} expected @param {Iterable<Item>} value
 * @returns {Item[]}
 */
export function list(name, expected, value) {
  if (typeof value !== 'object' || typeof value?.[Symbol.iterator] !== 'function')
    throw invalid(name, expected, value);
  return Array.from(value);
}

/** @param {string} name @param {string} expected @param {unknown} found */
export function invalid(name, expected, found) {
  return failure('OptionInvalid', `The ${name} should be ${expected}, and is ${String(found)}.`, {
    data: { name, expected },
  });
}

/** Layers, each a whole number. @param {Iterable<number>} layers @param {string} [option] their name */
export const layersOf = (layers, option = 'mlps') =>
  list(option, 'a list of layers, such as [0]', layers).map((layer) => wholeNumber('layer', layer));

/** Names of heads. @param {Iterable<string>} heads */
export const namesOf = (heads) => list('heads', "a list of names, such as ['1.4']", heads).map(String);

/** The kind of an ablation. @param {unknown} kind */
export const kindOf = (kind) => oneOf('kind', /** @type {const} */ (['zero', 'mean']), kind);

/** The ids of tokens. @param {Iterable<number>} ids */
export function idsOf(ids) {
  const given = list('input', 'a text or a list of token ids', ids);
  const position = given.findIndex((id) => !Number.isInteger(id) || id < 0 || id > 0xffffffff);
  if (position >= 0) {
    throw failure(
      'TokenOutOfRange',
      `Token ids should be whole numbers from 0, and the one at position ${position} is ${given[position]}.`,
      { data: { position, found: given[position] } },
    );
  }
  return Uint32Array.from(given);
}
