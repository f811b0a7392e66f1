/**
 * The path to induction: the heads with the strongest stripes, the earlier heads that feed their keys, and
 * the stripes and the loss with each feeding head ablated. It runs the repeated tokens several times, so on a
 * large model the visitor asks for it.
 */

import { parseHead } from '../base/heads.js';
import { feeding, pairsOf, strongest } from '../figures/circuits.js';
import { shownOn } from '../state/tabs.js';
import { isHeavy } from './answer.js';
import { seqLenOf, sequencesOf, settingsOf } from './repeated.js';
import { patient } from './study.js';

/** The largest number of heads of each kind in the diagram. */
const INDUCTION = 2;
const FEEDING = 3;

/**
 * @typedef {{ name: string, strict: number }} Induction
 * @typedef {{ name: string, lossIncrease: number, strict: number[][] }} Feeding   the figures with it ablated
 * @typedef {{ from: string, to: string, K: number }} Edge   K: K-composition
 *
 * @typedef {object} Path
 * @property {Induction[]} induction
 * @property {Feeding[]} feeding
 * @property {Edge[]} edges
 * @property {number} baseline            the K-composition of random heads
 * @property {number} draws               sequences of repeated tokens
 * @property {number} seqLen              tokens of a copy
 */

/**
 * The reason why there is no path to trace; null when there may be one.
 * @param {import('../state/state.js').State} state
 */
export function lackOf(state) {
  const { result } = state;
  const { n_layers, n_ctx } = result?.model.config ?? { n_layers: 2, n_ctx: Infinity };
  if (n_layers < 2)
    return 'This model has one layer: no head comes before another, so there is no path to trace.';
  const seqLen = seqLenOf(state);
  const needed = 1 + 2 * seqLen;
  if (needed <= n_ctx) return null;
  return (
    `${seqLen} repeated tokens take ${needed} positions, and this model has ${n_ctx}: ` +
    'choose fewer in the Find tab.'
  );
}

/** @type {import('./study.js').Study<Path>} */
export const path = {
  kind: 'path',
  title: 'the path to induction',
  long: true,
  byItself: ({ result, view }) => result !== null && !isHeavy(result.model.config, view),
  shown: (state) => shownOn('explain', state),
  needs: (state) => (lackOf(state) ? null : sequencesOf(state)),
  async perform({ model, state, signal: stopped, onProgress }) {
    const signal = patient(stopped);
    const settings = settingsOf(state);
    const { seqLen, batch } = settings;
    const composition = await model.composition({ signal });
    const repeats = await model.repeated({ ...settings, signal });
    // No head is earlier than a head of layer 0.
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
    // A head feeds only heads of later layers. Other heads have no pair, and no edge.
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
