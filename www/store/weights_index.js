/**
 * The hub's index of weights that lie in several files, `model.safetensors.index.json` or
 * `pytorch_model.bin.index.json`: its `weight_map` says which file each tensor is in. The engine reads the
 * same index against the files (src/checkpoint/parts.rs).
 */
import { failure } from '../base/failure.js';

/** The ending of an index's name. */
const ENDING = '.index.json';

/** @param {string} [file] a file's name */
export const isIndex = (file) => file?.endsWith(ENDING) ?? false;

/** Anything that may lead out of the index's folder. */
const OUTSIDE = /^$|^\.|[/\\:%?#]/;

/**
 * The names of the files that an index names, sorted, and the bytes of all of them if it says so. Throws
 * `CheckpointFormat` for a text that is no index, and for an index that names files outside its folder.
 * @param {string} text
 * @returns {{ names: string[], bytes: number | undefined }}
 */
export function readIndex(text) {
  /** @type {any} */ let index;
  try {
    index = JSON.parse(text);
  } catch {
    throw wrong('it is no JSON');
  }
  const map = index?.weight_map;
  if (typeof map !== 'object' || map === null) throw wrong('it has no `weight_map`');
  const names = [...new Set(Object.values(map))].sort();
  if (!names.length) throw wrong('it names no tensor');
  const outside = names.find((name) => typeof name !== 'string' || OUTSIDE.test(name));
  if (outside !== undefined) throw wrong(`it names “${outside}”, which is no file beside it`);
  const bytes = index.metadata?.total_size;
  return { names: /** @type {string[]} */ (names), bytes: Number.isFinite(bytes) ? bytes : undefined };
}

/** @param {string} found */
const wrong = (found) =>
  failure('CheckpointFormat', `The index of the weights' files can't be used: ${found}.`, {
    data: { expected: 'an index of weights files', found },
  });
