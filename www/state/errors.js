/**
 * Every error code as a person meets it: a title, a sentence, and what can be done about it. The engine's own
 * message,
 * which says what was expected and what was found, is shown under the sentence as the detail.
 *
 * @typedef
 *   {import('./state.js').Action | import('../models/models.js').Command | { type: 'reload page' } | { type: 'save file' }}
 *   Command
 * @typedef {{ label: string, command: Command }} Remedy
 * @typedef {{ tone: 'error' | 'notice', title: string, sentence: string, remedies: Remedy[] }} Explained
 */

import { DEFAULT_TEXT } from './examples.js';

/** @type {Remedy} */ const RETRY = { label: 'Try again', command: { type: 'retry' } };
/** @type {Remedy} */ const USE_CPU = { label: 'Use the CPU', command: { type: 'backend', backend: 'cpu' } };
/** @type {Remedy} */ const DEFAULT_MODEL = {
  label: 'Load the default model',
  command: { type: 'open model', model: 'default' },
};
/** @type {Remedy} */ const EXAMPLE = {
  label: 'Put the example back',
  command: { type: 'edit', text: DEFAULT_TEXT },
};
/** @type {Remedy} */ const RELOAD = { label: 'Reload the page', command: { type: 'reload page' } };

/** Ids that every vocabulary has: the same eleven twice. */
const IDS = '0 5 3 9 7 2 8 4 6 1 10 11 5 3 9 7 2 8 4 6 1 10 11';

/** What a failure has not taken, in words. @param {boolean} result whether there is one */
const keptWith = (result) =>
  result ? 'Your text and the last result are still here.' : 'Your text is still here.';

/** @param {string} title @param {string} sentence @param {Remedy[]} remedies @returns {Explained} */
const failure = (title, sentence, ...remedies) => ({ tone: 'error', title, sentence, remedies });
/** @param {string} title @param {string} sentence @param {Remedy[]} remedies @returns {Explained} */
const notice = (title, sentence, ...remedies) => ({ tone: 'notice', title, sentence, remedies });

/** @param {string} kept */
const BROKEN_MODEL = (kept) =>
  failure(
    'The model file cannot be used',
    `It is damaged, incomplete or not what its name says. ${kept}`,
    RETRY,
    DEFAULT_MODEL,
  );

/**
 * @type {Readonly<Record<string, (kept: string, loading: boolean) => Explained>>} `loading`: it was a model
 *   that failed, not a run
 */
const EXPLAINED = Object.freeze({
  EmptyInput: () =>
    notice(
      'There is no text to analyse',
      'Type or paste some, or choose an example. The last result stays until then.',
      EXAMPLE,
    ),
  TooFewTokens: () =>
    notice(
      'The text is too short',
      'It takes at least two tokens for one to look at another. Write a little more.',
      EXAMPLE,
    ),
  TooManyTokens: () =>
    failure(
      'There are too many tokens',
      'Shorten the text, or the sequences that are drawn, to what the model can read at once.',
      EXAMPLE,
    ),
  BatchTooLarge: () =>
    notice(
      'There are too many sequences at once',
      'Ask for fewer, or for shorter ones: all of them are run together.',
    ),
  NotRepeated: () =>
    notice('The tokens do not repeat', 'This experiment takes a first token and then twice the same tokens.'),
  NormalizedModel: () =>
    notice(
      'This figure is not defined for this model',
      'The model normalizes its stream, and the figure adds up only in models that do not.',
      DEFAULT_MODEL,
    ),
  HeadOutOfRange: () => notice('The model does not have this head', 'Choose one of those that are shown.'),
  PositionOutOfRange: () =>
    notice('The text does not have this token', 'Choose one of those that are shown.'),
  OptionInvalid: (kept) =>
    failure(
      'Something was asked for that there is not',
      `It came from this link or from a fault of the page. ${kept}`,
      RETRY,
    ),
  TokenOutOfRange: () =>
    failure(
      'A token is not in this model’s vocabulary',
      'The text or the ids belong to another model’s tokenizer.',
      EXAMPLE,
      DEFAULT_MODEL,
    ),
  NoTokenizer: () =>
    failure(
      'This model came without a tokenizer',
      'It can be run on token ids, but not on text.',
      DEFAULT_MODEL,
    ),
  TokenizerInvalid: (kept) =>
    failure(
      'The tokenizer file cannot be read',
      `It is damaged or of a kind this page does not know. ${kept}`,
      RETRY,
      DEFAULT_MODEL,
    ),

  ModelFetch: (kept) =>
    failure(
      'The model could not be fetched',
      `Check the connection and try again. ${kept}`,
      RETRY,
      DEFAULT_MODEL,
    ),
  ChartFetch: () =>
    notice(
      'A chart could not be drawn',
      'What draws it could not be fetched. Its figures are in the table that comes with it; the next chart tries again.',
    ),
  ModelNotFound: () =>
    failure(
      'There is no such model here',
      'This page’s catalogue does not have it; the default model can be loaded instead.',
      DEFAULT_MODEL,
    ),
  ModelNotHere: () =>
    notice(
      'This model is not in this browser yet',
      'It is fetched once from huggingface.co and then kept here. Nothing of yours is sent there.',
      { label: 'Download it', command: { type: 'download model', model: null } },
      DEFAULT_MODEL,
    ),
  ModelBusy: () =>
    notice(
      'Another tab is at this model',
      'What is being downloaded there can be deleted here once that is done or stopped.',
    ),
  OwnFileNeeded: () =>
    notice(
      'This link is about a model file of someone’s own',
      'Ask for the file, and drop it on this page.',
      { label: 'Choose the file', command: { type: 'show models', open: true } },
      DEFAULT_MODEL,
    ),
  IdsNeeded: () =>
    notice(
      'This model came without a tokenizer',
      'It takes token ids: write numbers, with blanks or commas between them, or add its tokenizer.json.',
      {
        label: 'Put an example',
        command: { type: 'edit', text: IDS },
      },
    ),
  FileUnknown: () =>
    notice(
      'A file was left aside',
      'A model is made of weights (.pth or .safetensors), a config.json and a tokenizer.json.',
    ),
  FileRead: (kept) =>
    failure(
      'A file could not be read',
      `It may have been moved or changed since it was chosen. ${kept}`,
      RETRY,
      DEFAULT_MODEL,
    ),
  KeysMismatch: BROKEN_MODEL,
  UnsafePickle: (kept) =>
    failure(
      'This checkpoint holds more than weights',
      `It asks Python to run something, which this page never does. Save the model’s state dict alone and load that. ${kept}`,
      RETRY,
      DEFAULT_MODEL,
    ),
  TensorDtype: BROKEN_MODEL,
  NonFiniteWeight: BROKEN_MODEL,
  CheckpointFormat: BROKEN_MODEL,
  ConfigNeeded: (kept) =>
    failure(
      'The weights do not tell what kind of model this is',
      `Add the model’s config.json, which says how it normalizes and where positions enter. ${kept}`,
      RETRY,
      DEFAULT_MODEL,
    ),
  ConfigInvalid: (kept) =>
    failure(
      'The model’s configuration cannot be used',
      `It does not describe an attention-only model this page can run. ${kept}`,
      RETRY,
      DEFAULT_MODEL,
    ),

  GpuUnavailable: () =>
    failure(
      'WebGPU is not available here',
      'The browser gave this page no GPU. The same analysis runs on the CPU.',
      USE_CPU,
    ),
  GpuLost: (kept) =>
    failure(
      'The GPU went away',
      `The browser or the system took it back. ${kept} It is opened afresh on the next run.`,
      { ...RETRY, label: 'Run again' },
      USE_CPU,
    ),
  GpuLimit: (_, loading) =>
    loading
      ? failure('This model does not fit the GPU', 'The CPU has no such limit.', USE_CPU)
      : failure(
          'This does not fit the GPU',
          'A shorter text may fit, and the CPU has no such limit.',
          USE_CPU,
        ),
  GpuMemory: (kept) =>
    failure(
      'The GPU’s memory is full',
      `Another page or program may have most of it. The CPU needs none of it. ${kept}`,
      RETRY,
      USE_CPU,
    ),
  GpuValidation: (kept) =>
    failure(
      'The GPU refused the work',
      `This is a fault of the page, not of the text. ${kept}`,
      USE_CPU,
      RETRY,
    ),
  WorkerDied: (kept) =>
    failure(
      'The engine stopped',
      `It may have run out of memory. ${kept} It starts afresh on the next run.`,
      { ...RETRY, label: 'Run again' },
      USE_CPU,
    ),
  Freed: (kept) =>
    notice('The result was let go of', `The engine no longer holds it. ${kept}`, {
      ...RETRY,
      label: 'Run again',
    }),
  AbortError: (kept) => notice('Stopped', `The run was stopped. ${kept}`, { ...RETRY, label: 'Run again' }),
  Internal: (kept) =>
    failure(
      'Something went wrong inside the engine',
      `This is a fault of the page, not of the text. ${kept}`,
      RETRY,
      USE_CPU,
      RELOAD,
    ),

  LinkBroken: () =>
    notice(
      'Part of this link could not be read',
      'It may have been cut or changed on its way. What could be read is shown; the rest is at its default.',
    ),
  LinkVersion: () =>
    notice(
      'This link was made by another version of Headscope',
      'Nothing in it was guessed at; the page opened as new. Reloading fetches the newest page.',
      RELOAD,
    ),
  LinkTooLarge: () =>
    notice(
      'This link is too large',
      'Nothing in it was read. Ask for the text as a .headscope.json file, and drop that on this page.',
    ),
  LinkHead: () =>
    notice(
      'The link points at a head this model does not have',
      'It is left out. While no head is chosen, the mean of all is shown.',
    ),
  FileBroken: () =>
    notice(
      'This is not a saved analysis',
      'Drop a .headscope.json file that this page saved, or the files of a model.',
    ),
  FileTooLarge: () =>
    notice(
      'This file is too large',
      'A saved analysis is smaller. Drop a .headscope.json file that this page saved.',
    ),
  ClipboardDenied: () =>
    notice(
      'The link could not be copied',
      'The browser did not allow it. Copy the address from the address bar: it is the same link.',
    ),
});

/** @param {string} code */
export const known = (code) => Object.hasOwn(EXPLAINED, code);

/**
 * What to tell a person about a code. A code this table lacks is told as an internal error.
 * @param {string} code @param {boolean} [result] whether an earlier result is still shown
 * @param {boolean} [loading] whether it was a model that could not be loaded, not a text that could not be
 *   run
 * @returns {Explained}
 */
export const explain = (code, result = false, loading = false) =>
  EXPLAINED[known(code) ? code : 'Internal'](keptWith(result), loading);

/**
 * The code and the words of anything that was thrown.
 * @param {unknown} thrown @returns {import('./state.js').Problem}
 */
export function problemOf(thrown) {
  const {
    name = 'Internal',
    message = String(thrown),
    data,
  } = /** @type {{ name?: string, message?: string, data?: Record<string, unknown> }} */ (thrown ?? {});
  return known(name)
    ? { code: name, detail: message, data }
    : { code: 'Internal', detail: `${name}: ${message}` };
}
