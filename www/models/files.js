/**
 * Sorts the files that the visitor drops or chooses: by name, and files that end in .json by content. The
 * files of a model go to the models, a saved analysis is opened, and the page says which files it did not
 * use.
 *
 * @typedef {import('../state/library.js').Slot} Slot
 * @typedef {Partial<Record<Exclude<Slot, 'weights'>, File> & { weights: File[] }>} Slots   the weights in one
 *   file or in several
 */

import { ERROR_CODES } from '../base/error_codes.js';
import { failure, wordsOf } from '../base/failure.js';
import { fromFile, MOST } from '../link/link.js';
import { problemOf } from '../state/errors.js';

/** Files of weights, by their ending. */
const WEIGHTS = /\.(pth|pt|bin|ckpt|safetensors)$/i;

/** The name of one of several files of weights, as the hub names them: `model-00001-of-00002.safetensors`. */
const PART = /-\d+-of-\d+\.\w+$/;

const ANALYSIS = /\.headscope\.json$/i;

/** Largest .json file that is read, in bytes. A tokenizer.json of a large vocabulary has some megabytes. */
const MOST_JSON = 128 * 1024 * 1024;

/** Fields by which a configuration is recognised. */
const OF_CONFIG = [
  'd_model',
  'n_layers',
  'n_heads',
  'd_head',
  'normalization_type',
  'normalization',
  'positional_embedding_type',
  'model_type',
  'architectures',
];

/** Fields of a tokenizer_config.json or a special_tokens_map.json. */
const OF_SPECIAL_TOKENS = ['bos_token', 'eos_token', 'tokenizer_class'];

/** A tokenizer_config.json says all that a special_tokens_map.json says. @param {File} file */
const saysMore = (file) => /tokenizer_config/i.test(file.name);

/**
 * The error of a file that is gone, or that this page may not read.
 * @param {string} name
 * @param {unknown} cause
 */
export const unread = (name, cause) =>
  failure('FileRead', `${name} could not be read: ${wordsOf(cause)}`, { data: { name }, cause });

/**
 * Sorts files, and opens a saved analysis among them.
 * @param {readonly File[]} files @param {import('../state/state.js').Emit} emit
 * @returns {Promise<Slots>} the files of a model
 */
export async function sorted(files, emit) {
  /** @type {Partial<Record<Exclude<Slot, 'weights'> | 'analysis', File>>} */ const found = {};
  /** @type {File[]} */ const weights = [];
  /** Told last: a saved analysis replaces earlier problems by its own. @type {unknown[]} */
  const aside = [];
  for (const file of files) {
    try {
      const kind = await kindOf(file);
      if (kind === 'weights') {
        weights.push(file);
        continue;
      }
      const other = found[kind];
      if (other && kind === 'specialTokens' && saysMore(other) !== saysMore(file)) {
        if (saysMore(file)) found[kind] = file;
        continue;
      }
      if (other) aside.push(notUsed(other, file));
      found[kind] = file;
    } catch (thrown) {
      aside.push(thrown);
    }
  }
  const { analysis, ...others } = found;
  const used = partsAmong(weights, found.index !== undefined);
  for (const file of weights) if (!used.includes(file)) aside.push(notUsed(file, used[0]));
  const slots = { ...others, ...(used.length && { weights: used }) };
  if (analysis) await openAnalysis(analysis, emit).catch((thrown) => aside.push(thrown));
  for (const thrown of aside) emit({ type: 'problem', problem: problemOf(thrown) });
  return slots;
}

/**
 * The weights of one model among some files: all parts of it, else the last file.
 * @param {File[]} weights
 * @param {boolean} indexed whether an index says which files they are
 */
function partsAmong(weights, indexed) {
  if (indexed) return weights;
  const parts = weights.filter(({ name }) => PART.test(name));
  return parts.length ? parts : weights.slice(-1);
}

/** @param {File} file @param {File} instead */
const notUsed = (file, instead) =>
  failure('FileUnknown', `${file.name} was not used: ${instead.name} came with it and is of the same kind.`);

/** @param {File} file @returns {Promise<Slot | 'analysis'>} */
async function kindOf(file) {
  const { name, size } = file;
  if (WEIGHTS.test(name)) return 'weights';
  if (ANALYSIS.test(name)) return 'analysis';
  const unknown = failure('FileUnknown', `${name} is neither a file of a model nor a saved analysis.`);
  if (size > MOST_JSON || !/\.json$/i.test(name)) throw unknown;
  const found = parsed(await textOf(file));
  if (typeof found === 'object' && found !== null) {
    if ('headscope' in found) return 'analysis';
    if ('weight_map' in found) return 'index';
    if ('model' in found && typeof found.model === 'object') return 'tokenizer';
    if (OF_CONFIG.some((field) => field in found)) return 'config';
    if (OF_SPECIAL_TOKENS.some((field) => field in found)) return 'specialTokens';
  }
  // A broken file counts as what its name says: the engine tells what is wrong with it.
  if (found === undefined && /\.index\.json$/i.test(name)) return 'index';
  if (found === undefined && /tokenizer/i.test(name)) return 'tokenizer';
  if (found === undefined && /config/i.test(name)) return 'config';
  throw unknown;
}

/** @param {File} file */
const textOf = (file) => file.text().catch((cause) => Promise.reject(unread(file.name, cause)));

/** @param {string} text @returns {unknown} undefined where the text is no JSON */
function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** @param {File} file @param {import('../state/state.js').Emit} emit */
async function openAnalysis(file, emit) {
  if (file.size > MOST.file)
    throw failure(
      'FileTooLarge',
      `${file.name} has ${file.size} bytes; a saved analysis has at most ${MOST.file}.`,
    );
  const opened = fromFile(await textOf(file));
  const unusable = opened.problems.find(({ code }) => ERROR_CODES[code]?.nothingOpened);
  if (unusable) emit({ type: 'problem', problem: unusable });
  else emit({ type: 'restore', ...opened, ours: false, unasked: opened.view.model ?? null });
}
