/**
 * What of a run can be saved: which arrays, under which names and of which shapes. Patterns are asked for
 * head by head, so
 * that a long text's are never together in memory.
 *
 * @typedef {{ patterns: boolean, logProbs: boolean, residuals: boolean }} Chosen
 * @typedef {{ n_layers: number, n_heads: number, d_model: number }} Sizes
 * @typedef {Pick<import('../engine/headscope.js').Run, 'ids' | 'seq' | 'pattern' | 'logProbs' | 'residual'>}
 *   Run
 * @typedef {import('./arrays.js').NamedArray} NamedArray
 */
import { bytesOf } from './arrays.js';

/**
 * @param {Run} run
 * @param {Sizes} sizes
 * @param {Chosen} chosen
 * @param {() => void} [step] called before each part is asked
 *   for; it may throw to stop
 * @returns {NamedArray[]}
 */
export function arraysOf(run, { n_layers, n_heads, d_model }, chosen, step = () => {}) {
  const { seq } = run;
  /** @param {() => Promise<Float32Array>} ask @returns {AsyncGenerator<Float32Array>} */
  const one = async function* (ask) {
    step();
    yield await ask();
  };
  /** @param {number} layer @returns {AsyncGenerator<Float32Array>} */
  const heads = async function* (layer) {
    for (let head = 0; head < n_heads; head++) yield* one(() => run.pattern(layer, head));
  };
  /** @type {NamedArray[]} */ const arrays = [
    { name: 'tokens', dtype: 'i64', shape: [seq], parts: [BigInt64Array.from(run.ids, BigInt)] },
  ];
  if (chosen.logProbs)
    arrays.push({ name: 'log_probs', dtype: 'f32', shape: [seq - 1], parts: one(() => run.logProbs()) });
  for (let layer = 0; layer < n_layers; layer++) {
    const block = `blocks.${layer}`;
    if (chosen.residuals)
      arrays.push({
        name: `${block}.hook_resid_pre`,
        dtype: 'f32',
        shape: [seq, d_model],
        parts: one(() => run.residual(layer, 'pre')),
      });
    if (chosen.patterns)
      arrays.push({
        name: `${block}.attn.hook_pattern`,
        dtype: 'f32',
        shape: [n_heads, seq, seq],
        parts: heads(layer),
      });
    if (chosen.residuals)
      arrays.push({
        name: `${block}.hook_resid_post`,
        dtype: 'f32',
        shape: [seq, d_model],
        parts: one(() => run.residual(layer, 'post')),
      });
  }
  return arrays;
}

/**
 * How many bytes of numbers that is, and how many steps.
 * @param {number} seq
 * @param {Sizes} sizes
 * @param {Chosen} chosen
 */
export function extent(seq, { n_layers, n_heads, d_model }, { patterns, logProbs, residuals }) {
  const bytes =
    bytesOf({ dtype: 'i64', shape: [seq] }) +
    Number(logProbs) * 4 * (seq - 1) +
    Number(patterns) * 4 * n_layers * n_heads * seq * seq +
    Number(residuals) * 8 * n_layers * seq * d_model;
  return { bytes, steps: Number(logProbs) + n_layers * (Number(patterns) * n_heads + Number(residuals) * 2) };
}
