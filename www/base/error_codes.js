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
 * @typedef {'retry' | 'run again' | 'use the CPU' | 'default model' | 'example' | 'example ids' | 'download'
 *   | 'choose a file' | 'reload' | 'half precision'} RemedyName
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
 * @property {ModelFile} [file] the file of a model that is at fault
 * @property {true} [otherFileMends] another configuration or tokenizer may make the same weights load
 * @property {true} [needsVisitor] the model loads once the visitor downloads it or adds its file
 * @property {true} [nothingOpened] the link or the saved analysis changed nothing on the page
 */

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
    sentence: 'A text needs at least two tokens, so that one can look at another. Write a little more.',
    remedies: ['example'],
    concerns: ['run'],
  },
  TooManyTokens: {
    tone: 'error',
    title: 'There are too many tokens',
    sentence: 'Shorten the text, or the sequences that are drawn, to what the model can read at once.',
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
    sentence: 'It can be run on token ids, but not on text.',
    remedies: ['default model'],
    concerns: ['run', 'model'],
  },
  IdsNeeded: {
    tone: 'notice',
    title: 'This model came without a tokenizer',
    sentence:
      'It takes token ids: write numbers, with spaces or commas between them, or add its tokenizer.json.',
    remedies: ['example ids'],
    concerns: ['run', 'model'],
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
    sentence: 'It came from this link or from a fault of the page. {kept}',
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
    title: 'The GPU went away',
    sentence: 'The browser or the system took it back. {kept} The page opens it again on the next run.',
    remedies: ['run again', 'use the CPU'],
    concerns: ['run', 'backend'],
    fatal: true,
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
      'Another page or program may use most of it. The CPU does not need it. {kept} ' +
      'Weights in f32 take half of it at half precision.',
    remedies: ['retry', 'use the CPU', 'half precision'],
    concerns: ['run', 'backend'],
  },
  GpuValidation: {
    tone: 'error',
    title: 'The GPU refused the work',
    sentence: 'This is a fault of the page, not of the text. {kept}',
    remedies: ['use the CPU', 'retry'],
    concerns: ['run', 'backend'],
    fatal: true,
  },
  WorkerDied: {
    tone: 'error',
    title: 'The engine stopped',
    sentence: 'It may have run out of memory. {kept} It starts again on the next run.',
    remedies: ['run again', 'use the CPU'],
    concerns: ['run', 'backend'],
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
  LinkBroken: {
    tone: 'notice',
    title: 'Part of this link could not be read',
    sentence: 'It may have been cut or changed on its way. The page uses defaults for that part.',
    remedies: [],
    concerns: ['link'],
  },
  LinkTextBroken: {
    tone: 'notice',
    title: 'The text of this link is damaged',
    sentence: 'This is our sample text. The link may have been cut on its way: ask for it again.',
    remedies: [],
    concerns: ['link'],
  },
  LinkVersion: {
    tone: 'notice',
    title: 'This link was made by another version of Headscope',
    sentence: 'The page guessed at nothing in it and opened as new. Reloading fetches the newest page.',
    remedies: ['reload'],
    concerns: ['link'],
    nothingOpened: true,
  },
  LinkTooLarge: {
    tone: 'notice',
    title: 'This link is too large',
    sentence: 'The page read nothing in it. Ask for the text as a .headscope.json file, and drop that here.',
    remedies: [],
    concerns: ['link'],
    nothingOpened: true,
  },
  LinkHead: {
    tone: 'notice',
    title: 'The link names a head that this model does not have',
    sentence: 'The page leaves it out. While no head is pinned, the mean of all heads is shown.',
    remedies: [],
    concerns: ['link'],
  },

  // The page itself.
  ClipboardDenied: {
    tone: 'notice',
    title: 'The link could not be copied',
    sentence: 'The browser did not allow it. Copy the address from the address bar: it is the same link.',
    remedies: [],
    concerns: ['page'],
  },
  CopyDenied: {
    tone: 'notice',
    title: 'Nothing could be copied',
    sentence: 'The browser did not allow it. The Export menu saves the same as a file.',
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
