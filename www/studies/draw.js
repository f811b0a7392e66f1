/**
 * The first sequence of repeated tokens: its pieces, and one head's pattern on it. Its kind in links is
 * `draw`.
 */

import { parseHead } from '../base/heads.js';
import { pieceShown } from '../base/tokens.js';
import { cellFigures } from '../figures/sampled.js';
import { stripesOn } from '../figures/stripes.js';
import { shownOn } from '../state/tabs.js';
import { repeated, sequencesOf, stripeHead } from './repeated.js';
import { found, patient } from './study.js';

/**
 * @typedef {object} Draw
 * @property {number[]} tokens            the first sequence of the experiment, `[seq]`
 * @property {Uint32Array} ids            the same, `[seq]`
 * @property {string[]} pieces            as the page shows them, `[seq]`
 * @property {string} head
 * @property {Float32Array} weights       `[query_pos, key_pos]`
 */

/** Cells of the pattern in a link. */
const KEPT = 64;

/** @type {import('./study.js').Study<Draw>} */
export const draw = {
  kind: 'draw',
  title: 'the stripes on the first sequence',
  needs(state) {
    const head = shownOn('find', state) ? stripeHead(state) : null;
    return head === null ? null : [...sequencesOf(state), head];
  },
  async perform({ model, state, signal }) {
    const of = found(state, repeated);
    const head = stripeHead(state);
    const at = parseHead(head);
    if (!of || !head || !at) throw new Error('There is no sequence to run.');
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
      what: `${score.title} of head ${head} on sequence 1`,
      value: audit.value,
    })),
    ...cellFigures(weights, ids.length, `attention of head ${head} on sequence 1`, KEPT),
  ],
};
