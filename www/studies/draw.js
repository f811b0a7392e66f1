/** The first draw of a repeated sequence, looked at: its tokens in words, and one head's pattern on them. */

import { parseHead } from '../base/heads.js';
import { cellFigures } from '../figures/sampled.js';
import { titleOf } from '../figures/scores.js';
import { stripesOn } from '../figures/stripes.js';
import { found, patient } from './study.js';
import { pieceShown } from '../base/tokens.js';
import { drawsOf, repeated, stripeHead } from './repeated.js';

/**
 * @typedef {object} Draw
 * @property {number[]} tokens           those of the experiment it is the first draw of
 * @property {Uint32Array} ids
 * @property {string[]} pieces
 * @property {string} head
 * @property {Float32Array} weights
 */

/** Cells of the pattern that a link keeps. */
const KEPT = 64;

/** @type {import('./study.js').Study<Draw>} */
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
      const pieces = run.pieces.map((piece, at) => pieceShown(piece, run.fragments[at]));
      return {
        tokens: of.tokens[0],
        ids: run.ids,
        pieces,
        head,
        weights: await run.pattern(at.layer, at.head),
      };
    } finally {
      run.free();
    }
  },
  figures: ({ ids, head, weights }) => [
    ...stripesOn({ ids, weights, head }, null).map(({ score, audit }) => ({
      what: `${titleOf(score)} of head ${head} on draw 1`,
      value: audit.value,
    })),
    ...cellFigures(weights, ids.length, `attention of head ${head} on draw 1`, KEPT),
  ],
};
