/** The first draw of a repeated sequence, looked at: its tokens in words, and one head's pattern on them. */

import { parseHead } from '../figures/heads.js';
import { found, patient } from '../study.js';
import { drawsOf, repeated, stripeHead } from './repeated.js';

/** @typedef {{ ids: Uint32Array, pieces: string[], head: string, weights: Float32Array }} Draw */

/** @type {import('../study.js').Study<Draw>} */
export const draw = {
  kind: 'draw',
  title: 'the first draw’s stripes',
  needs(state) {
    const head = state.view.tab === 'repeats' ? stripeHead(state) : null;
    return head === null ? null : [...drawsOf(state), head];
  },
  async perform({ model, state, signal }) {
    const of = found(state, repeated);
    const head = stripeHead(state);
    const at = parseHead(head);
    if (!of || !head || !at) throw new Error('There is no draw to look at.');
    const run = await model.run(of.tokens[0], { signal: patient(signal) });
    try {
      return { ids: run.ids, pieces: run.pieces, head, weights: await run.pattern(at.layer, at.head) };
    } finally {
      run.free();
    }
  },
};
