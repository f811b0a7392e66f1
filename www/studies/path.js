/**
 * The path to induction: the heads with the strongest stripes, the earlier heads that feed their keys, and
 * the stripes and the loss with each feeding head ablated. In a model of many layers the path starts from the
 * pinned head. It runs the repeated tokens several times, so on a large model the visitor asks for it.
 */

import { parseHead } from '../base/heads.js';
import { feeding, pairsOf, strongest } from '../figures/circuits.js';
import { shownOn } from '../state/tabs.js';
import { isHeavy } from './answer.js';
import { inPairs } from './composition.js';
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

/**
 * The induction heads of the diagram: those with the strongest stripes, or in a large model the pinned head.
 * No head is earlier than a head of layer 0.
 * @param {import('../state/state.js').State} state
 * @param {number[][]} strict
 * @returns {Induction[]}
 */
function inductionOf({ view, result }, strict) {
  const at = parseHead(view.head);
  const pinned = result && inPairs(result.model.config) && at && at.layer > 0;
  if (pinned && view.head) return [{ name: view.head, strict: strict[at.layer][at.head] }];
  const most = result && inPairs(result.model.config) ? 1 : INDUCTION;
  return strongest(strict, most, (name) => (parseHead(name)?.layer ?? 0) > 0).map(({ name, value }) => ({
    name,
    strict: value,
  }));
}

/**
 * The pairs of an earlier head with each induction head, and the score of random heads.
 * @param {import('./study.js').At} at
 * @param {Induction[]} induction
 * @param {(done: number, total: number) => void} tell
 */
async function pairsInto({ model, state, signal: stopped }, induction, tell) {
  const signal = patient(stopped);
  const config = state.result?.model.config;
  if (!config || !inPairs(config)) {
    const all = await model.composition({ signal });
    return { pairs: pairsOf(all), baseline: all.baseline };
  }
  const to = parseHead(induction[0]?.name)?.layer ?? 0;
  /** @type {import('../figures/circuits.js').Pair[]} */ const pairs = [];
  let baseline = 0;
  for (let from = 0; from < to; from++) {
    stopped.throwIfAborted();
    const two = await model.composition({ layers: [from, to], signal });
    pairs.push(...pairsOf(two));
    baseline = two.baseline;
    tell(from + 1, to + FEEDING);
  }
  return { pairs, baseline };
}

/** @type {import('./study.js').Study<Path>} */
export const path = {
  kind: 'path',
  foldedKind: 'path-folded',
  title: 'the path to induction',
  long: true,
  byItself: ({ result, view }) => result !== null && !isHeavy(result.model.config, view),
  shown: (state) => shownOn('explain', state),
  needs(state) {
    if (lackOf(state)) return null;
    const pinned = state.result && inPairs(state.result.model.config) ? [state.view.head] : [];
    return [...sequencesOf(state), ...pinned];
  },
  async perform(at) {
    const { model, state, signal: stopped, onProgress } = at;
    const signal = patient(stopped);
    const settings = settingsOf(state);
    const { seqLen, batch } = settings;
    const repeats = await model.repeated({ ...settings, signal });
    const induction = inductionOf(state, repeats.strict);
    let before = 0;
    const { pairs, baseline } = await pairsInto(at, induction, (done, total) => {
      before = done;
      onProgress({ done, total });
    });
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
      onProgress({ done: before + feeders.length, total: before + names.length });
    }
    // A head feeds only heads of later layers. Other heads have no pair, and no edge.
    const edges = names.flatMap((from) =>
      induction.flatMap(({ name: to }) =>
        pairs.filter((pair) => pair.from === from && pair.to === to).map(({ K }) => ({ from, to, K })),
      ),
    );
    return { induction, feeding: feeders, edges, baseline, draws: batch, seqLen };
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
