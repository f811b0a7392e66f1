// Compares the figures of a program with float64.
import { forward, logProbsAt, meanWeight } from './reference.js';

/**
 * @typedef {import('./safetensors.js').Weights} Weights
 * @typedef {import('./types').Work} Work
 * @typedef {import('./types').Figures} Figures
 *
 * @typedef {object} Expected figures in float64 of some positions
 * @property {number[]} at entries of `Figures.logProbs` that were computed
 * @property {number[]} logProbs
 * @property {number[][]} [means]
 * @property {number[]} [stripe]
 * @property {number[]} [pattern]
 * @property {{ head: number, lossIncrease: number }[]} [ablated]
 */

/** A log-probability, in nats, or a weight may differ from float64 by this much. */
export const MOST_DIFFERENCE = 1e-3;

/** Heads whose loss is computed in float64: the first and the last of each layer. */
const ABLATED = [0, 11, 12, 23];

/**
 * Some figures of the work in float64. All of them would take minutes.
 * @param {Weights} weights @param {Record<string, any>} config @param {Work} work
 * @returns {Expected}
 */
export function expected(weights, config, work) {
  const { what, rows, samples, layer, head, seqLen = 0 } = work;
  const [ids] = rows;
  const last = ids.length - 1;
  const at = samples.filter((pos) => pos < last);
  if (what === 'unembed') {
    const [d_model] = weights.unembed.shape;
    const embed = (/** @type {number} */ id) =>
      weights.embed.values.subarray(id * d_model, (id + 1) * d_model);
    const stream = Float64Array.from(ids.flatMap((id) => [...embed(id)]));
    return { at, logProbs: logProbsAt(weights, stream, ids, at) };
  }
  if (what === 'repeated') {
    // The stripe of all sequences, predictions of the first.
    const passes = rows.map((row) => forward(weights, config, row));
    const mean = (/** @type {number} */ of) =>
      passes.reduce((sum, { patterns }) => sum + meanWeight(patterns[of], seqLen - 1), 0) / rows.length;
    const logProbs = logProbsAt(weights, passes[0].stream, ids, at);
    return { at, logProbs, stripe: passes[0].patterns.map((_, of) => mean(of)) };
  }
  const { stream, patterns } = forward(weights, config, ids);
  const logProbs = logProbsAt(weights, stream, ids, at);
  if (what === 'ablate') {
    const all = ids.slice(1).map((_, pos) => pos);
    const loss = (/** @type {Float64Array} */ of) =>
      -logProbsAt(weights, of, ids, all).reduce((sum, logProb) => sum + logProb, 0) / last;
    const whole = loss(stream);
    const increase = (/** @type {number} */ of) => loss(forward(weights, config, ids, of).stream) - whole;
    return { at, logProbs, ablated: ABLATED.map((of) => ({ head: of, lossIncrease: increase(of) })) };
  }
  const shown = patterns[layer * config.n_heads + head];
  const row = (/** @type {number} */ query) => [
    ...shown.subarray(query * ids.length, (query + 1) * ids.length),
  ];
  return {
    at,
    logProbs,
    means: [0, 1, null].map((distance) => patterns.map((pattern) => meanWeight(pattern, distance))),
    pattern: samples.flatMap(row),
  };
}

/**
 * The largest difference of any figure; NaN if a figure is missing or no number.
 * @param {Figures} figures @param {Expected} reference @param {Work} work
 */
export function difference(figures, { at, logProbs, means, stripe, pattern, ablated }, { rows }) {
  let largest = 0;
  const compare = (/** @type {ArrayLike<number> | undefined} */ found, /** @type {number[]} */ wanted) => {
    const off = wanted.map((value, index) => Math.abs(value - (found?.[index] ?? Number.NaN)));
    // `Math.max` of anything with NaN is NaN.
    for (const one of off) largest = Math.max(largest, one);
  };
  if (figures.logProbs.length !== rows.length * (rows[0].length - 1)) return Number.NaN;
  compare(
    at.map((pos) => figures.logProbs[pos]),
    logProbs,
  );
  for (const [kind, mean] of (means ?? []).entries()) compare(figures.means?.[kind], mean);
  if (stripe) compare(figures.stripe, stripe);
  if (pattern) compare(figures.pattern, pattern);
  for (const { head, lossIncrease } of ablated ?? [])
    compare([figures.lossIncrease?.[head] ?? Number.NaN], [lossIncrease]);
  return largest;
}
