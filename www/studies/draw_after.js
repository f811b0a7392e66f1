/**
 * The stripe before and after the ablation: one head's pattern on the first sequence of repeated tokens, by
 * the whole model and with heads ablated.
 */

import { nameOf, parseHead } from '../base/heads.js';
import { shownOn } from '../state/tabs.js';
import { answer } from './answer.js';
import { found, patient } from './study.js';

/**
 * @typedef {object} DrawAfter
 * @property {string} head
 * @property {readonly string[]} ablated
 * @property {string[]} pieces            of the sequence, `[seq]`
 * @property {Uint32Array} ids            `[seq]`
 * @property {Float32Array} before        `[query_pos, key_pos]`
 * @property {Float32Array} after         the same, with the heads ablated
 */

/**
 * The head whose stripe is compared: the pinned head, else the head with the highest strict induction score.
 * An ablated head keeps its own pattern, so another head is chosen.
 * @param {import('../state/state.js').State} state
 * @returns {string | null}
 */
export function comparedHead(state) {
  const { head, off } = state.view;
  if (head !== null && !off.includes(head)) return head;
  const strict = found(state, answer)?.repeats.strict ?? [];
  let best = { name: '', score: -1 };
  strict.forEach((row, layer) =>
    row.forEach((score, at) => {
      const name = nameOf(layer, at);
      if (score > best.score && !off.includes(name)) best = { name, score };
    }),
  );
  return best.name || null;
}

/** @type {import('./study.js').Study<DrawAfter>} */
export const drawAfter = {
  kind: 'draw-after',
  title: 'the stripe before and after',
  needs(state) {
    const { off, ablation } = state.view;
    if (!shownOn('ablate', state) || !off.length || !found(state, answer)) return null;
    const head = comparedHead(state);
    return head === null ? null : [[...off].sort(), ablation, head];
  },
  async perform({ model, state, signal }) {
    const head = comparedHead(state);
    const at = parseHead(head);
    const tokens = found(state, answer)?.repeats.tokens[0];
    if (!head || !at || !tokens) throw new Error('There is no sequence to run.');
    const { off: ablated, ablation: kind } = state.view;
    const run = await model.run(tokens, { signal: patient(signal) });
    try {
      const without = await run.ablated({ heads: ablated, kind });
      try {
        const [before, after] = [
          await run.pattern(at.layer, at.head),
          await without.pattern(at.layer, at.head),
        ];
        return { head, ablated, pieces: run.pieces, ids: run.ids, before, after };
      } finally {
        without.free();
      }
    } finally {
      run.free();
    }
  },
};
