/**
 * The rows of codes that concern a model: getting it, its files, and files that were dropped or chosen.
 * `error_codes.js` has the shape of a row, and all rows together.
 */

const REFUSED_MODEL = /** @type {const} */ ({
  tone: 'error',
  remedies: ['retry', 'default model'],
  concerns: ['model'],
});

const BROKEN_MODEL = /** @type {const} */ ({
  ...REFUSED_MODEL,
  title: 'The model file cannot be used',
  sentence: 'The file is damaged, incomplete or not what its name says. {kept}',
  file: 'weights',
});

/** @type {Readonly<Record<string, import('./error_codes.js').ErrorRow>>} */
export const MODEL_ERROR_CODES = Object.freeze({
  // Getting a model.
  ModelFetch: {
    tone: 'error',
    title: 'The model could not be downloaded',
    sentence: 'Check the connection and try again. {kept}',
    remedies: ['retry', 'default model'],
    concerns: ['run', 'model'],
  },
  DigestFailed: {
    tone: 'error',
    title: 'The model file could not be checked',
    sentence: 'The browser could not compute the file’s SHA-256. {kept}',
    remedies: ['retry', 'default model'],
    concerns: ['run', 'model'],
  },
  ModelNotFound: {
    tone: 'error',
    title: 'There is no such model here',
    sentence: 'Neither this page’s catalogue nor the hub has it. You can load the default model instead.',
    remedies: ['default model'],
    concerns: ['model'],
  },
  ModelGated: {
    tone: 'error',
    title: 'This model needs a permission of its authors',
    sentence:
      'Ask for access on huggingface.co, download the files there, and drop them on this page. ' +
      'This page does not use your account on the hub. {kept}',
    remedies: ['default model'],
    concerns: ['model'],
  },
  ModelNotHere: {
    tone: 'notice',
    title: 'This model is not in this browser yet',
    sentence:
      'The page downloads the model once from huggingface.co and keeps it here. Your text is not sent.',
    remedies: ['download', 'default model'],
    concerns: ['run', 'model'],
    needsVisitor: true,
  },
  ModelUnasked: {
    tone: 'notice',
    title: 'This link asks for a large model',
    sentence: 'The model is kept in this browser. Loading it takes memory and time, so the page asks first.',
    remedies: ['load', 'default model'],
    concerns: ['run', 'model'],
    needsVisitor: true,
  },
  ModelBusy: {
    tone: 'notice',
    title: 'Another tab is downloading this model',
    sentence: 'You can delete the model when that download is done or stopped.',
    remedies: [],
    concerns: ['model'],
  },
  OwnFileNeeded: {
    tone: 'notice',
    title: 'This link needs a model file from its author',
    sentence: 'Ask the author for the file, and drop the file on this page.',
    remedies: ['choose a file', 'default model'],
    concerns: ['run', 'model'],
    needsVisitor: true,
  },

  // The files of a model.
  KeysMismatch: { ...BROKEN_MODEL, otherFileMends: true },
  TensorDtype: BROKEN_MODEL,
  NonFiniteWeight: BROKEN_MODEL,
  CheckpointFormat: BROKEN_MODEL,
  UnsafePickle: {
    tone: 'error',
    title: 'This checkpoint holds more than weights',
    sentence:
      'The file asks Python to run code, which this page never does. ' +
      'Save the model’s state dict alone, and load that file. {kept}',
    remedies: ['retry', 'default model'],
    concerns: ['model'],
    file: 'weights',
  },
  ConfigNeeded: {
    ...REFUSED_MODEL,
    title: 'The weights do not say what kind of model this is',
    sentence: 'Add the model’s config.json, which names its normalization and its kind of positions. {kept}',
  },
  ConfigFileNeeded: {
    ...REFUSED_MODEL,
    title: 'The model’s config.json is needed',
    sentence: 'The weights do not say everything about this model. Add its config.json. {kept}',
  },
  ModelUnsupported: {
    tone: 'error',
    title: 'This page does not run this kind of model',
    sentence: 'The engine does not compute this architecture. {kept}',
    remedies: ['default model'],
    concerns: ['model'],
  },
  PartsMissing: {
    ...REFUSED_MODEL,
    title: 'Files of this model are missing',
    sentence: 'The weights are in several files. Add all files at once. {kept}',
  },
  ConfigInvalid: {
    ...REFUSED_MODEL,
    title: 'The model’s configuration cannot be used',
    sentence: 'The configuration does not describe a model that this page can run. {kept}',
    file: 'config',
    otherFileMends: true,
  },
  TokenizerInvalid: {
    tone: 'error',
    title: 'The tokenizer file cannot be read',
    sentence:
      'The file is damaged, or of a kind that this page does not know. A model without a tokenizer runs on ' +
      'token ids. {kept}',
    remedies: ['retry', 'default model'],
    concerns: ['model'],
    file: 'tokenizer',
    otherFileMends: true,
  },

  // Files that were dropped or chosen.
  FileUnknown: {
    tone: 'notice',
    title: 'A file was not used',
    sentence: 'A model consists of weights (.safetensors, .bin or .pth), a config.json and a tokenizer.json.',
    remedies: [],
    concerns: ['files'],
  },
  FileRead: {
    tone: 'error',
    title: 'A file could not be read',
    sentence: 'The file may have been moved or changed since you chose it. {kept}',
    remedies: ['choose a file', 'retry', 'default model'],
    concerns: ['files'],
  },
  FileBroken: {
    tone: 'notice',
    title: 'This is not a saved analysis',
    sentence: 'Drop a .headscope.json file that this page saved, or the files of a model.',
    remedies: [],
    concerns: ['files'],
    nothingOpened: true,
  },
  FileTooLarge: {
    tone: 'notice',
    title: 'This file is too large',
    sentence: 'A saved analysis is a smaller file: a .headscope.json that this page saved.',
    remedies: [],
    concerns: ['files'],
    nothingOpened: true,
  },
});
