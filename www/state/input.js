/**
 * A text as a model takes it: as text, or as ids where the model came without a tokenizer.
 */

import { failure } from '../base/failure.js';
import { wellFormed } from '../base/tokens.js';
import { idsIn } from './library.js';

/**
 * Whether a run of a text is to prepend the BOS; undefined where the model's own way holds.
 * @param {Pick<import('./view.js').View, 'bos'>} view
 */
export const prependBos = ({ bos }) => (bos === 'model' ? undefined : bos === 'on');

/**
 * The input of a run. Throws `EmptyInput` for an empty text. Throws `IdsNeeded` for a text that is no list of
 * ids, where the model needs ids.
 * @param {Pick<import('../engine/headscope.js').Model, 'hasTokenizer' | 'config'>} model
 * @param {string} written
 * @returns {string | Uint32Array}
 */
export function inputOf({ hasTokenizer, config }, written) {
  const text = wellFormed(written);
  if (text === '') throw failure('EmptyInput', 'The text box is empty.');
  const input = hasTokenizer ? text : idsIn(text);
  if (input === null)
    throw failure(
      'IdsNeeded',
      `The model has ${config.d_vocab} tokens: write numbers from 0 to ${config.d_vocab - 1}.`,
    );
  return input;
}
