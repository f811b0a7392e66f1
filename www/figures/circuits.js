/**
 * Figures of circuits: pairs of heads that compose, heads on the path to induction, and sums of direct logit
 * attribution. Pure. Definitions: docs/definitions.md#composition,
 * docs/definitions.md#direct-logit-attribution.
 *
 * @typedef {import('../engine/experiments.js').Composition} Composition
 * @typedef {'Q' | 'K' | 'V'} Through     the input of the later head
 * @typedef {{ from: string, to: string, Q: number, K: number, V: number }} Pair   of head names, with scores
 * @typedef {{ from: number, to: number }} LayerPair
 */

import { nameOf, parseHead } from '../base/heads.js';

/**
 * Every pair of an earlier and a later head.
 * @param {Composition} composition
 * @returns {Pair[]}
 */
export function pairsOf({ layers: [earlier, later], Q, K, V, deeper }) {
  const first = K.flatMap((row, from) =>
    row.map((_, to) => ({
      from: nameOf(earlier, from),
      to: nameOf(later, to),
      Q: Q[from][to],
      K: K[from][to],
      V: V[from][to],
    })),
  );
  return [...first, ...deeper];
}

/**
 * The scores between two layers as a matrix, `[head of the earlier][head of the later]`.
 * @param {Pair[]} pairs
 * @param {LayerPair} layers
 * @param {Through} through
 * @param {number} nHeads
 * @returns {(number | null)[][]}
 */
export function matrixOf(pairs, { from, to }, through, nHeads) {
  /** @type {(number | null)[][]} */ const matrix = Array.from({ length: nHeads }, () =>
    new Array(nHeads).fill(null),
  );
  for (const pair of pairs) {
    const [a, b] = [parseHead(pair.from), parseHead(pair.to)];
    if (a?.layer === from && b?.layer === to) matrix[a.head][b.head] = pair[through];
  }
  return matrix;
}

/**
 * The heads with the largest figures, largest first.
 * @param {number[][]} perHead `[layer][head]` @param {number} most @param {(name: string) => boolean} [fits]
 */
export function strongest(perHead, most, fits = () => true) {
  return perHead
    .flatMap((row, layer) => row.map((value, head) => ({ name: nameOf(layer, head), value })))
    .filter(({ name }) => fits(name))
    .sort((left, right) => right.value - left.value)
    .slice(0, most);
}

/**
 * The pairs with the largest K-composition into a head, largest first.
 * @param {Pair[]} pairs @param {string} to a head's name @param {number} most
 */
export const feeding = (pairs, to, most) =>
  pairs
    .filter((pair) => pair.to === to)
    .sort((left, right) => right.K - left.K)
    .slice(0, most);

/**
 * The largest difference between a logit and the sum of its components.
 * @param {{ values: ArrayLike<number>[], logits: ArrayLike<number> }} attribution
 *   values: `[position][component]`, logits: `[position]`
 */
export const furthestFromSum = ({ values, logits }) =>
  values.reduce((most, row, at) => Math.max(most, Math.abs(sumOf(row) - logits[at])), 0);

/** A plain loop: 2,048 tokens have half a million figures. @param {ArrayLike<number>} row */
export function sumOf(row) {
  let sum = 0;
  for (let at = 0; at < row.length; at++) sum += row[at];
  return sum;
}

/**
 * The mean contribution of each component over all positions, by its name.
 * @param {{ components: string[], values: ArrayLike<number>[] }} attribution
 * @returns {Map<string, number>}
 */
function meansOf({ components, values }) {
  const sums = new Float64Array(components.length);
  // Position by position, as the figures lie in memory.
  for (const row of values) for (let column = 0; column < sums.length; column++) sums[column] += row[column];
  return new Map(components.map((name, column) => [name, sums[column] / values.length]));
}

/**
 * The mean of each head's contribution over all positions, `[layer][head]`.
 * @param {{ components: string[], values: ArrayLike<number>[] }} attribution
 * @param {number} nLayers
 * @param {number} nHeads
 */
export function meanPerHead(attribution, nLayers, nHeads) {
  const means = meansOf(attribution);
  return Array.from({ length: nLayers }, (_, layer) =>
    Array.from({ length: nHeads }, (_, head) => means.get(nameOf(layer, head)) ?? 0),
  );
}

/**
 * The same of each layer's MLP, `[layer]`; empty for a model without MLPs.
 * @param {{ components: string[], values: ArrayLike<number>[] }} attribution
 */
export const meanPerMlp = (attribution) =>
  [...meansOf(attribution)].filter(([name]) => name.endsWith('.mlp')).map(([, mean]) => mean);
