/**
 * What the page keeps of a run.
 *
 * @typedef {import('../state/state.js').State} State
 * @typedef {import('../state/state.js').Result} Result
 */

import { pieceShown } from '../base/tokens.js';

/**
 * @param {State} state
 * @param {import('../engine/headscope.js').Run} run
 * @param {import('../engine/headscope.js').Model} model
 * @param {Pick<Result, 'backend' | 'thumbnails' | 'notFinite' | 'wall_ms'>} rest
 * @returns {Result}
 */
export function resultOf({ view }, run, { name, sha256, config, origin }, rest) {
  const { ids, pieces, fragments, seq, dropped, uncovered, timing } = run;
  return {
    text: view.text,
    bos: view.bos,
    ids,
    pieces: pieces.map((piece, at) => pieceShown(piece, fragments[at])),
    fragments,
    seq,
    dropped,
    uncovered,
    timing,
    model: { id: view.model, name, sha256, config, origin, precision: view.precision },
    ...rest,
  };
}
