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
 * @property {Products} [products] default those that suit the adapter
 *
 * @typedef {object} EngineInfo
 * @property {'webgpu' | 'cpu'} backend
 * @property {string} adapter
 * @property {boolean} software
 * @property {string | null} [reason]
 * @property {boolean} [offersGpu]
 * @property {number} helpers
 * @property {Products | null} [products]
 */
import { chosen } from './helpers.js';
import { oneOf } from './options.js';

const BACKENDS = /** @type {const} */ (['auto', 'webgpu', 'cpu']);
const PRODUCTS = /** @type {const} */ (['invocations', 'workgroups']);

/** A caller's choices, checked. @param {OpenOptions} options */
export const checkedChoices = ({ backend = 'auto', helpers, products }) => ({
  backend: oneOf('backend', BACKENDS, backend),
  helpers: chosen(helpers),
  products: products === undefined ? undefined : oneOf('products', PRODUCTS, products),
});
