/**
 * Every error code, one row each: its words for a person, what can be done, and what else depends on it.
 *
 * The rows are plain data. `state/errors.js` turns a row into buttons; every set of codes that a module needs
 * is derived here with {@link codesThat}.
 *
 * @typedef {'run' | 'experiment' | 'backend' | 'model' | 'files' | 'link' | 'page'} Concern
 *   `run`: another text, or a run that works, ends the problem. `files`: other dropped files end it.
 *   `backend`: another backend may not have it. The others only say what the problem is about
 * @typedef {'weights' | 'config' | 'tokenizer'} ModelFile
 * @typedef {'retry' | 'run again' | 'use the CPU' | 'default model' | 'example' | 'example ids'
 *   | 'download' | 'load'
 *   | 'choose a file' | 'reload' | 'half precision' | 'save file'} RemedyName
 *
 * @typedef {object} ErrorRow
 * @property {'error' | 'notice'} tone
 * @property {string} title
 * @property {string} sentence `{kept}` stands for a sentence that says what the failure left intact
 * @property {readonly RemedyName[]} remedies
 * @property {readonly Concern[]} concerns
 * @property {{ title: string, sentence: string }} [whenLoading] the words where a model failed to load
 * @property {true} [fatal] the engine's worker cannot be used after it: what a GPU refused leaves invalid
 *   buffers and kernels
 * @property {true} [repeated] the engine does a job that the fault stopped once more, in a new worker
 * @property {ModelFile} [file] the file of a model that is at fault
 * @property {true} [otherFileMends] another configuration or tokenizer may make the same weights load
 * @property {true} [needsVisitor] the model loads once the visitor downloads it or adds its file
 * @property {true} [nothingOpened] the link or the saved analysis changed nothing on the page
 */

import { LINK_CODES } from './link_codes.js';
import { MODEL_ERROR_CODES } from './model_error_codes.js';

/** @type {Readonly<Record<string, ErrorRow>>} */
export const ERROR_CODES = Object.freeze({
  // A text or a run.
  EmptyInput: {
    tone: 'notice',
    title: 'There is no text to analyse',
    sentence: 'Type or paste a text, or choose an example. The last result stays until then.',
    remedies: ['example'],
    concerns: ['run'],
  },
  TooFewTokens: {
    tone: 'notice',
    title: 'The text is too short',
    sentence: 'A text needs at least two tokens, so that one token can look at another. Write a little more.',
    remedies: ['example'],
    concerns: ['run'],
  },
  TooManyTokens: {
    tone: 'error',
    title: 'There are too many tokens',
    sentence:
      'The model reads a limited number of tokens at once. Shorten the text or the repeated sequences.',
    remedies: ['example'],
    concerns: ['run'],
  },
  TokenOutOfRange: {
    tone: 'error',
    title: 'A token is not in this model’s vocabulary',
    sentence: 'The text or the ids belong to another model’s tokenizer.',
    remedies: ['example', 'default model'],
    concerns: ['run'],
  },
  NoTokenizer: {
    tone: 'error',
    title: 'This model came without a tokenizer',
    sentence: 'The model can run on token ids, but not on text.',
    remedies: ['default model'],
    concerns: ['run', 'model'],
  },
  IdsNeeded: {
    tone: 'notice',
    title: 'This model came without a tokenizer',
    sentence: 'Write token ids, with spaces or commas between them, or add the model’s tokenizer.json.',
    remedies: ['example ids'],
    concerns: ['run', 'model'],
  },
  NoTokenFor: {
    tone: 'notice',
    title: 'No token stands for this text',
    sentence: 'The model’s vocabulary lacks it, and has no token for unknown text. The last result stays.',
    remedies: ['example'],
    concerns: ['run'],
  },
  AbortError: {
    tone: 'notice',
    title: 'Stopped',
    sentence: 'The run was stopped. {kept}',
    remedies: ['run again'],
    concerns: ['run'],
  },
  Freed: {
    tone: 'notice',
    title: 'The result was freed',
    sentence: 'The engine no longer has it. {kept}',
    remedies: ['run again'],
    concerns: ['run'],
  },

  // An experiment, or one figure.
  BatchTooLarge: {
    tone: 'notice',
    title: 'There are too many sequences at once',
    sentence: 'All of them run together. Ask for fewer or for shorter ones.',
    remedies: [],
    concerns: ['experiment'],
  },
  NotRepeated: {
    tone: 'notice',
    title: 'The tokens do not repeat',
    sentence: 'This experiment needs a first token and then the same tokens twice.',
    remedies: [],
    concerns: ['experiment'],
  },
  NotDefined: {
    tone: 'notice',
    title: 'This figure is not defined for this model',
    sentence: 'Another model may have it.',
    remedies: ['default model'],
    concerns: ['experiment'],
  },
  HeadOutOfRange: {
    tone: 'notice',
    title: 'The model does not have this head',
    sentence: 'Choose one of the heads that are shown.',
    remedies: [],
    concerns: ['experiment'],
  },
  PositionOutOfRange: {
    tone: 'notice',
    title: 'The text does not have this token',
    sentence: 'Choose one of the tokens that are shown.',
    remedies: [],
    concerns: ['experiment'],
  },
  OptionInvalid: {
    tone: 'error',
    title: 'The engine does not know an option',
    sentence: 'The option came from this link or from a fault of the page. {kept}',
    remedies: ['retry'],
    concerns: ['experiment'],
  },
  // A model.
  ...MODEL_ERROR_CODES,

  // A backend or the engine.
  GpuUnavailable: {
    tone: 'error',
    title: 'WebGPU is not available here',
    sentence: 'The browser gave this page no GPU. The same analysis runs on the CPU.',
    remedies: ['use the CPU'],
    concerns: ['run', 'backend'],
  },
  GpuLost: {
    tone: 'error',
    title: 'The GPU was lost',
    sentence:
      'The browser or the system reset the GPU. {kept} ' +
      'The page opens it again, and repeats once what was under way.',
    remedies: ['run again', 'use the CPU'],
    concerns: ['run', 'backend'],
    fatal: true,
    repeated: true,
  },
  GpuLimit: {
    tone: 'error',
    title: 'This does not fit the GPU',
    sentence: 'A shorter text may fit, and the CPU has no such limit.',
    whenLoading: {
      title: 'This model does not fit the GPU',
      sentence: 'The CPU has no such limit. Weights in f32 take half the memory at half precision.',
    },
    remedies: ['use the CPU', 'half precision'],
    concerns: ['run', 'backend'],
  },
  GpuMemory: {
    tone: 'error',
    title: 'The GPU’s memory is full',
    sentence:
      'Another page or program may use most of the memory. The CPU does not need it. {kept} ' +
      'Weights in f32 take half of it at half precision.',
    remedies: ['retry', 'use the CPU', 'half precision'],
    concerns: ['run', 'backend'],
  },
  GpuValidation: {
    tone: 'error',
    title: 'The GPU rejected the work',
    sentence: 'This is a fault of the page, not of the text. {kept}',
    remedies: ['use the CPU', 'retry'],
    concerns: ['run', 'backend'],
    fatal: true,
  },
  WorkerDied: {
    tone: 'error',
    title: 'The engine stopped',
    sentence:
      'The engine may have run out of memory. {kept} ' +
      'It starts again, and repeats once what was under way.',
    remedies: ['run again', 'use the CPU'],
    concerns: ['run', 'backend'],
    fatal: true,
    repeated: true,
  },
  BuildMixed: {
    tone: 'error',
    title: 'The page and its engine are of two versions',
    sentence: 'A new version came while the page was open. {kept} Reload the page to use the new version.',
    remedies: ['reload'],
    concerns: ['page'],
    fatal: true,
  },
  Internal: {
    tone: 'error',
    title: 'Something went wrong inside the engine',
    sentence: 'This is a fault of the page, not of the text. {kept}',
    remedies: ['retry', 'use the CPU', 'reload'],
    concerns: ['run', 'backend'],
  },

  // A link.
  ...LINK_CODES,

  // The page itself.
  NewVersion: {
    tone: 'notice',
    title: 'A new version is ready',
    sentence: 'Reload the page when you like: your text and settings stay.',
    remedies: ['reload'],
    concerns: ['page'],
  },
  ClipboardDenied: {
    tone: 'notice',
    title: 'The link could not be copied',
    sentence:
      'The browser did not allow copying. Copy the address from the address bar: it is the same link.',
    remedies: [],
    concerns: ['page'],
  },
  CopyDenied: {
    tone: 'notice',
    title: 'Nothing could be copied',
    sentence: 'The browser did not allow copying. The Export menu saves the same as a file.',
    remedies: [],
    concerns: ['page'],
  },
  ChartFetch: {
    tone: 'notice',
    title: 'A chart could not be drawn',
    sentence:
      'The code that draws charts could not be downloaded. ' +
      'The chart’s table has the same figures. The next chart tries again.',
    remedies: [],
    concerns: ['page'],
  },
});

/**
 * The codes whose rows meet a condition.
 * @param {(row: ErrorRow) => unknown} meets
 * @returns {ReadonlySet<string>}
 */
export const codesThat = (meets) =>
  new Set(Object.keys(ERROR_CODES).filter((code) => meets(ERROR_CODES[code])));

/** The codes that concern one thing. @param {Concern} concern */
export const codesOf = (concern) => codesThat(({ concerns }) => concerns.includes(concern));

/** Whether a code has a row. @param {string} code */
export const isKnown = (code) => Object.hasOwn(ERROR_CODES, code);
