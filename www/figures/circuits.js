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

/** Every pair of an earlier and a later head. @param {Composition} composition @returns {Pair[]} */
export function pairsOf({ Q, K, V, deeper }) {
  const first = K.flatMap((row, from) =>
    row.map((_, to) => ({
      from: nameOf(0, from),
      to: nameOf(1, to),
      Q: Q[from][to],
      K: K[from][to],
      V: V[from][to],
    })),
  );
  return [...first, ...deeper];
}

/** Every pair of an earlier and a later layer. @param {number} nLayers @returns {LayerPair[]} */
export const layerPairs = (nLayers) =>
  Array.from({ length: nLayers }, (_, from) =>
    Array.from({ length: nLayers - from - 1 }, (_, step) => ({ from, to: from + step + 1 })),
  ).flat();

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
 * The largest difference between a logit and the sum of its components and bias.
 * @param {{ components: number[][], biases: number[], logits: number[] }} attribution
 *   components: `[seq - 1][1 + n_layers * n_heads]`, the others: `[seq - 1]`
 */
export const furthestFromSum = ({ components, biases, logits }) =>
  components.reduce((most, row, at) => Math.max(most, Math.abs(sumOf(row) + biases[at] - logits[at])), 0);

/** @param {number[]} row */
export const sumOf = (row) => row.reduce((sum, value) => sum + value, 0);

/**
 * The mean of each head's contribution over all tokens, `[layer][head]`.
 * @param {number[][]} components `[seq - 1][1 + n_layers * n_heads]`
 * @param {number} nLayers
 * @param {number} nHeads
 */
export const meanPerHead = (components, nLayers, nHeads) =>
  Array.from({ length: nLayers }, (_, layer) =>
    Array.from(
      { length: nHeads },
      (_, head) =>
        components.reduce((sum, row) => sum + row[1 + layer * nHeads + head], 0) / components.length,
    ),
  );
