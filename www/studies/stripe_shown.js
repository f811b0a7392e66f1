/**
 * What the section of the stripe shows: one head's pattern on the first sequence of repeated tokens, the
 * cells of both stripes, and their sums. Pure.
 *
 * @typedef {import('../state/types.js').State} State
 * @typedef {import('./draw.js').Draw} Draw
 * @typedef {import('./repeated.js').Repeated} Repeated
 *
 * @typedef {object} StripeShown
 * @property {Draw | null} draw           null until the first sequence was run
 * @property {boolean} stale              the sequence is of other settings, and a new one is computed
 * @property {string} why                 why this head is shown
 * @property {Repeated | null} all        all sequences; null while they are not those of `draw`
 */

import { figure } from '../base/format.js';
import { quoted } from '../base/tokens.js';
import { DENOMINATOR, NUMERATOR } from '../figures/marks.js';
import { onStripe } from '../figures/scores/cells.js';
import { comesBefore } from '../state/pattern_shown.js';
import { draw } from './draw.js';
import { repeated } from './repeated.js';
import { latest } from './study.js';

/** @param {State} state @returns {StripeShown} */
export function stripeShown(state) {
  const of = latest(state, draw);
  const all = latest(state, repeated);
  const pinned = of !== null && state.view.head === of.value.head;
  return {
    draw: of?.value ?? null,
    stale: of !== null && !of.current,
    why: pinned
      ? 'The pinned head, on the first sequence.'
      : 'The head with the strongest stripe, on the first sequence. Choose another head in the maps above.',
    all: all?.current && of?.current ? all.value : null,
  };
}

/**
 * The cells of the stripes, `[query_pos, key_pos]`: `NUMERATOR` in both, `DENOMINATOR` in the notebook's
 * only.
 * @param {number} n tokens
 */
export function stripeCells(n) {
  const cells = new Uint8Array(n * n);
  onStripe({ strict: false }, n, (query, key) => (cells[query * n + key] = DENOMINATOR));
  onStripe({ strict: true }, n, (query, key) => (cells[query * n + key] = NUMERATOR));
  return cells;
}

/**
 * A cell in words: its tokens, its weight, and the stripe that it is on.
 * @param {Draw} of
 * @param {import('../state/types.js').Cell} cell
 * @param {Uint8Array} cells of `stripeCells`
 */
export function stripeReadout({ pieces, weights, ids }, { query, key }, cells) {
  if (query === null || key === null) return 'Point at a cell for its weight';
  /** @param {number} position */
  const token = (position) => `${position} ${quoted(pieces[position] ?? '')}`;
  if (key > query) return comesBefore(token(query), token(key));
  const at = query * ids.length + key;
  const beside = cells[at] ? ', one of the two cells that only the notebook counts' : '';
  const where = cells[at] === NUMERATOR ? ', on the stripe' : beside;
  return `query ${token(query)} → key ${token(key)}   ${figure(weights[at], 3)}${where}`;
}
