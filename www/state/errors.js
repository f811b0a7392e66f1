/**
 * An error code as a person meets it: a title, a sentence, and buttons that may help. The words stand in
 * base/error_codes.js. The page shows the engine's own message under the sentence, as the detail.
 *
 * @typedef {import('./state.js').Action | import('../models/models.js').Command | { type: 'reload page' }
 *   | { type: 'save file' }} Command
 * @typedef {{ label: string, command: Command }} Remedy
 * @typedef {{ tone: 'error' | 'notice', title: string, sentence: string, remedies: Remedy[] }} Explained
 */

import { ERROR_CODES, isKnown } from '../base/error_codes.js';
import { legible } from '../base/tokens.js';
import { DEFAULT_TEXT } from './examples.js';

/** Ids that every vocabulary has: a first one, and then the same eleven twice. */
const IDS = '0 5 3 9 7 2 8 4 6 1 10 11 5 3 9 7 2 8 4 6 1 10 11';

/**
 * The button of each remedy.
 * @type {Readonly<Record<import('../base/error_codes.js').RemedyName, Remedy>>}
 */
const REMEDIES = Object.freeze({
  retry: { label: 'Try again', command: { type: 'retry' } },
  'run again': { label: 'Run again', command: { type: 'retry' } },
  'use the CPU': { label: 'Use the CPU', command: { type: 'backend', backend: 'cpu' } },
  'default model': { label: 'Load the default model', command: { type: 'open model', model: 'default' } },
  example: { label: 'Put the example back', command: { type: 'edit', text: DEFAULT_TEXT, replaces: true } },
  'example ids': { label: 'Put an example', command: { type: 'edit', text: IDS, replaces: true } },
  download: { label: 'Download it', command: { type: 'download model', model: null } },
  load: { label: 'Load it', command: { type: 'download model', model: null } },
  'choose a file': { label: 'Choose the file', command: { type: 'show models', open: true } },
  'half precision': { label: 'Use half precision', command: { type: 'halve' } },
  'save file': { label: 'Save as a file', command: { type: 'save file' } },
  reload: { label: 'Reload the page', command: { type: 'reload page' } },
});

/**
 * The words and buttons of a code. A code without a row is told as an internal error.
 * @param {string} code
 * @param {boolean} [result] whether an earlier result is still shown
 * @param {boolean} [loading] whether a model failed to load, not a text to run
 * @returns {Explained}
 */
export function explain(code, result = false, loading = false) {
  const row = ERROR_CODES[isKnown(code) ? code : 'Internal'];
  const { title, sentence } = (loading && row.whenLoading) || row;
  const kept = result ? 'Your text and the last result are still here.' : 'Your text is still here.';
  return {
    tone: row.tone,
    title,
    sentence: sentence.replace('{kept}', kept),
    remedies: row.remedies.map((name) => REMEDIES[name]),
  };
}

/** Whether a code has words of its own. */
export const known = isKnown;

/**
 * The code and the words of anything that was thrown.
 * @param {unknown} thrown
 * @returns {import('./state.js').Problem}
 */
export function problemOf(thrown) {
  const {
    name = 'Internal',
    message = String(thrown),
    data,
  } = /** @type {{ name?: string, message?: string, data?: Record<string, unknown> }} */ (thrown ?? {});
  return isKnown(name)
    ? { code: name, detail: legible(message), data }
    : { code: 'Internal', detail: legible(`${name}: ${message}`) };
}
