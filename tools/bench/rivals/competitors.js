// The programs that are compared.

/**
 * @typedef {import('./types').Competitor} Competitor
 */

/** @type {Competitor[]} */
export const COMPETITORS = [
  {
    id: 'ours-1',
    label: 'Headscope, CPU, one core',
    kind: 'cpu',
    module: 'ours',
    options: { backend: 'cpu', helpers: 0 },
  },
  {
    id: 'ours',
    label: 'Headscope, CPU, all cores',
    kind: 'cpu',
    module: 'ours',
    options: { backend: 'cpu' },
  },
  { id: 'ort', label: 'ONNX Runtime Web, wasm', kind: 'cpu', module: 'ort', options: { backend: 'wasm' } },
  { id: 'jax', label: 'jax-js, wasm', kind: 'cpu', module: 'jax', options: { backend: 'wasm' } },
  {
    id: 'lens-1',
    label: 'TransformerLens, one thread',
    kind: 'native',
    module: null,
    options: { threads: 1 },
  },
  {
    id: 'lens',
    label: 'TransformerLens, all threads',
    kind: 'native',
    module: null,
    options: { threads: 0 },
  },
  {
    id: 'ours-gpu',
    label: 'Headscope, WebGPU',
    kind: 'webgpu',
    module: 'ours',
    options: { backend: 'webgpu' },
  },
  {
    id: 'ort-gpu',
    label: 'ONNX Runtime Web, WebGPU',
    kind: 'webgpu',
    module: 'ort',
    options: { backend: 'webgpu' },
  },
  { id: 'jax-gpu', label: 'jax-js, WebGPU', kind: 'webgpu', module: 'jax', options: { backend: 'webgpu' } },
  {
    id: 'tfjs-gpu',
    label: 'TensorFlow.js, WebGPU',
    kind: 'webgpu',
    module: 'tfjs',
    options: { backend: 'webgpu' },
  },
];

/** Programs named by the command line; all when none is. @param {string | undefined} names */
export function chosen(names) {
  if (names === undefined) return COMPETITORS;
  return names.split(',').map((name) => {
    const found = COMPETITORS.find(({ id }) => id === name);
    if (!found) throw new Error(`--only takes ${COMPETITORS.map(({ id }) => id).join(', ')}; found ${name}`);
    return found;
  });
}
