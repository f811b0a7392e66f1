/**
 * The arrays of a run that can be saved, with their names and shapes. Patterns are asked for head by head:
 * the patterns of a long text are never in memory together.
 *
 * @typedef {{ patterns: boolean, logProbs: boolean, residuals: boolean }} Chosen
 * @typedef {{ n_layers: number, n_heads: number, d_model: number }} Sizes
 * @typedef {import('../engine/headscope.js').Run} EngineRun
 * @typedef {Pick<EngineRun, 'ids' | 'seq' | 'pattern' | 'logProbs' | 'residual'>} Run
 * @typedef {import('./arrays.js').NamedArray} NamedArray
 */
import { bytesOf } from './arrays.js';

/**
 * @param {Run} run
 * @param {Sizes} sizes
 * @param {Chosen} chosen
 * @param {() => void} [step] called before each part is computed; it may throw to stop
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
  /** @param {string} name @param {number[]} shape @param {AsyncIterable<Float32Array>} parts */
  const f32 = (name, shape, parts) => arrays.push({ name, dtype: 'f32', shape, parts });
  /** @type {NamedArray[]} */ const arrays = [
    { name: 'tokens', dtype: 'i64', shape: [seq], parts: [BigInt64Array.from(run.ids, BigInt)] },
  ];
  if (chosen.logProbs)
    f32(
      'log_probs',
      [seq - 1],
      one(() => run.logProbs()),
    );
  for (let layer = 0; layer < n_layers; layer++) {
    const block = `blocks.${layer}`;
    const residual = (/** @type {'pre' | 'post'} */ at) =>
      f32(
        `${block}.hook_resid_${at}`,
        [seq, d_model],
        one(() => run.residual(layer, at)),
      );
    if (chosen.residuals) residual('pre');
    if (chosen.patterns) f32(`${block}.attn.hook_pattern`, [n_heads, seq, seq], heads(layer));
    if (chosen.residuals) residual('post');
  }
  return arrays;
}

/**
 * The bytes of the chosen arrays, and the steps that they take.
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
