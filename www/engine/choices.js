/**
 * What a caller may choose of an engine, and what an engine says of itself.
 *
 * The backend that computes: `auto` takes WebGPU where there is a real GPU. It takes the CPU where there is
 * no GPU, or only an adapter that emulates one in software. `webgpu` takes any adapter.
 * @typedef {'auto' | 'webgpu' | 'cpu'} BackendChoice
 *
 * How a GPU multiplies by weights: each invocation by itself, or the invocations of a workgroup with what
 * they have read together.
 * @typedef {'invocations' | 'workgroups'} Products
 *
 * @typedef {object} OpenOptions
 * @property {BackendChoice} [backend] default `'auto'`
 * @property {number} [helpers] {@link Headscope.helpers}, from 0 to 7; default one for each core but one
 * @property {import('./tuning.js').TuningChoice} [tuning] how a GPU multiplies; default the fastest, which is
 *   timed with the first model and remembered
 * @property {Products} [products] the family of it alone; `tuning` goes before it
 *
 * @typedef {object} EngineInfo
 * @property {'webgpu' | 'cpu'} backend
 * @property {string} adapter
 * @property {boolean} software
 * @property {string | null} [reason]
 * @property {boolean} [offersGpu]
 * @property {number} helpers
 * @property {import('./tuning.js').Told | null} [tuning]
 */
import { chosen } from './helpers.js';
import { oneOf } from './options.js';
import { CANDIDATES } from './tuning.js';

const BACKENDS = /** @type {const} */ (['auto', 'webgpu', 'cpu']);
const PRODUCTS = /** @type {const} */ (['invocations', 'workgroups']);
const TUNINGS = /** @type {const} */ (['rule', 'measure', ...CANDIDATES]);

/** A caller's choices, checked. @param {OpenOptions} options */
export function checkedChoices({ backend = 'auto', helpers, tuning, products }) {
  const family = products === undefined ? undefined : oneOf('products', PRODUCTS, products);
  return {
    backend: oneOf('backend', BACKENDS, backend),
    helpers: chosen(helpers),
    // A family has the name of its first candidate.
    tuning: tuning === undefined ? family : oneOf('tuning', TUNINGS, tuning),
  };
}
