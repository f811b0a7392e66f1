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
 * The largest difference between a logit and the sum of its components.
 * @param {{ values: ArrayLike<number>[], logits: ArrayLike<number> }} attribution
 *   values: `[position][component]`, logits: `[position]`
 */
export const furthestFromSum = ({ values, logits }) =>
  values.reduce((most, row, at) => Math.max(most, Math.abs(sumOf(row) - logits[at])), 0);

/** @param {ArrayLike<number>} row */
export const sumOf = (row) => Array.from(row).reduce((sum, value) => sum + value, 0);

/**
 * The mean of each head's contribution over all positions, `[layer][head]`.
 * @param {{ components: string[], values: ArrayLike<number>[] }} attribution
 * @param {number} nLayers
 * @param {number} nHeads
 */
export function meanPerHead({ components, values }, nLayers, nHeads) {
  const columns = new Map(components.map((name, column) => [name, column]));
  /** @param {string} name */
  const mean = (name) => {
    const column = columns.get(name) ?? 0;
    return values.reduce((sum, row) => sum + row[column], 0) / values.length;
  };
  return Array.from({ length: nLayers }, (_, layer) =>
    Array.from({ length: nHeads }, (_, head) => mean(nameOf(layer, head))),
  );
}
