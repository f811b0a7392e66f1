/**
 * The path to induction: the heads with the strongest stripes, the earlier heads that feed their keys, and
 * what is left of
 * the stripes and of the second copy's loss when each feeding head is off. Some runs of the repeated
 * sequences, so it is
 * asked for.
 */

import { feeding, pairsOf, strongest } from '../figures/circuits.js';
import { parseHead } from '../base/heads.js';
import { patient } from './study.js';
import { drawsOf } from './repeated.js';

/** How many of each are drawn. */
const INDUCTION = 2;
const FEEDING = 3;

/**
 * @typedef {{ name: string, strict: number }} Induction
 * @typedef {{ name: string, lossIncrease: number, strict: number[][] }} Feeding     the figures with it off
 * @typedef {{ from: string, to: string, K: number }} Edge
 * @typedef
 *   {{ induction: Induction[], feeding: Feeding[], edges: Edge[], baseline: number, draws: number, seqLen: number }}
 *   Path
 */

/**
 * Why there is no path to trace; null when there may be one.
 * @param {import('../state/state.js').State} state
 */
export function lackOf({ view, result }) {
  const { n_layers, n_ctx } = result?.model.config ?? { n_layers: 2, n_ctx: Infinity };
  if (n_layers < 2)
    return 'This model has one layer: no head comes before another, so there is no path to trace.';
  const needed = 1 + 2 * view.seqLen;
  return needed > n_ctx
    ? `${view.seqLen} tokens said twice take ${needed} positions, and this model has ${n_ctx}: draw fewer in the Repeats tab.`
    : null;
}

/** @type {import('./study.js').Study<Path>} */
export const path = {
  kind: 'path',
  title: 'the path to induction',
  long: true,
  shown: ({ view }) => view.tab === 'circuits',
  needs: (state) => (lackOf(state) ? null : drawsOf(state)),
  async perform({ model, state, signal: stopped, onProgress }) {
    const signal = patient(stopped);
    const { seqLen, batch, seed } = state.view;
    const composition = await model.composition({ signal });
    const repeats = await model.repeated({ seqLen, batch, seed, signal });
    // A head of layer 0 has nothing before it to be fed by.
    const induction = strongest(repeats.strict, INDUCTION, (name) => (parseHead(name)?.layer ?? 0) > 0).map(
      ({ name, value }) => ({ name, strict: value }),
    );
    const pairs = pairsOf(composition);
    const names = [
      ...new Set(induction.flatMap(({ name }) => feeding(pairs, name, FEEDING).map(({ from }) => from))),
    ];
    /** @type {Feeding[]} */ const feeders = [];
    for (const name of names) {
      stopped.throwIfAborted();
      const { lossIncrease, strict } = await model.ablate({
        heads: [name],
        kind: 'zero',
        on: repeats,
        signal,
      });
      feeders.push({ name, lossIncrease, strict: strict ?? [] });
      onProgress({ done: feeders.length, total: names.length });
    }
    // A head feeds those of later layers alone: of others there is no pair, and no edge.
    const edges = names.flatMap((from) =>
      induction.flatMap(({ name: to }) =>
        pairs.filter((pair) => pair.from === from && pair.to === to).map(({ K }) => ({ from, to, K })),
      ),
    );
    return { induction, feeding: feeders, edges, baseline: composition.baseline, draws: batch, seqLen };
  },
  figures: ({ induction, feeding: feeders, edges }) => [
    ...induction.map(({ name, strict }) => ({
      what: `strict induction stripe of head ${name}`,
      value: strict,
    })),
    ...feeders.map(({ name, lossIncrease }) => ({
      what: `loss increase without head ${name}`,
      value: lossIncrease,
    })),
    ...edges.map(({ from, to, K }) => ({ what: `K-composition of ${from} with ${to}`, value: K })),
  ],
};
