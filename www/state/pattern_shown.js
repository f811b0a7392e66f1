/**
 * The content of the large pattern: the head in words, the weights and their scale, and the cell in words.
 * Pure.
 *
 * @typedef {import('./types.js').State} State
 * @typedef {import('./types.js').Result} Result
 * @typedef {import('./view.js').Weighting} Weighting
 *
 * @typedef {object} Picture
 * @property {Result} result
 * @property {import('./types.js').Thumbnails} thumbnails   before or after the ablation
 * @property {Float32Array | null} weights   `[query_pos, key_pos]`; null until they arrive
 * @property {number} max                 the weight at the end of the colour scale
 * @property {string | null} thumbnail    the head whose thumbnail stands in; null: the mean of all heads
 * @property {boolean} plain              the weights are attention, as the thumbnails are
 * @property {import('./types.js').Cell} cell   of the crosshair
 *
 * @typedef {object} PatternShown
 * @property {string} title
 * @property {string} subtitle
 * @property {boolean} pinned
 * @property {string | null} ablate       the label of the button that ablates the pinned head; null hides it
 * @property {{ chosen: Weighting, hint: string }} weighting   hint: empty hides it
 * @property {{ name: string, end: string }} scale
 * @property {Picture | null} picture     null before the first run
 */

import { figure } from '../base/format.js';
import { parseHead } from '../base/heads.js';
import { quoted } from '../base/tokens.js';
import { cellWords } from '../figures/audit.js';
import { bestKind, does } from '../figures/heads.js';
import { WEIGHTED } from '../figures/weighted.js';
import { audited } from './audited.js';
import {
  exactPattern,
  shownCell,
  shownDetection,
  shownHead,
  shownThumbnails,
  shownWeighting,
} from './shown.js';
import { thresholdsOf } from './view.js';

/** @param {State} state @returns {PatternShown} */
export function patternShown(state) {
  const { result, view } = state;
  const head = shownHead(state);
  const weights = exactPattern(state);
  const by = shownWeighting(state);
  const max = weights ? (state.pattern?.max ?? 1) : 1;
  return {
    title: head ? `Head ${head}` : 'Mean of all heads',
    subtitle: subtitleOf(state, head),
    pinned: view.head !== null,
    ablate: view.head && `${view.off.includes(view.head) ? 'Restore' : 'Ablate'} head ${view.head}`,
    weighting: { chosen: view.weighted, hint: weightingHint(state, by, max) },
    scale: { name: WEIGHTED[by].scale, end: by === 'attention' ? '1' : figure(max) },
    picture: result && {
      result,
      thumbnails: shownThumbnails(state) ?? result.thumbnails,
      weights,
      max,
      thumbnail: head,
      plain: by === 'attention',
      cell: shownCell(state),
    },
  };
}

/** @param {State} state @param {string | null} head */
function subtitleOf(state, head) {
  const { view, preview } = state;
  const detection = shownDetection(state);
  const at = parseHead(head);
  if (!at) return 'Choose a head to pin it; pointing at a head previews it';
  const best = detection && bestKind(detection, thresholdsOf(view), at.layer, at.head);
  const score = best && does(best) ? `${best.words} ${figure(best.score)}` : 'none of the kinds';
  return preview ? `${score} · click to pin` : score;
}

/** @param {State} state @param {Weighting} by @param {number} max */
function weightingHint({ view, pattern }, by, max) {
  if (by !== 'attention') {
    const most = ` The darkest cell is ${figure(max, 3)}, in the units of the residual stream.`;
    return WEIGHTED[by].hint + (pattern?.by === by ? most : '');
  }
  return view.weighted === 'attention'
    ? ''
    : 'Choose a head: the mean of all heads shows plain attention only.';
}

/**
 * The cell of the crosshair in words: its tokens, its weight, and how the selected score counts it.
 * @param {State} state
 * @param {Uint8Array | null} marks of the selected score, `[query_pos, key_pos]`; null without marks
 */
export function readoutOf(state, marks) {
  const { result } = state;
  const { query, key } = shownCell(state);
  if (!result) return '';
  /** @param {number} position */
  const token = (position) => `${position} ${quoted(result.pieces[position] ?? '')}`;
  if (query === null && key === null) return 'Point at a cell for its weight';
  if (query === null || key === null)
    return query === null ? `key ${token(Number(key))}` : `query ${token(query)}`;
  if (key > query) return comesBefore(token(query), token(key));
  const at = query * result.seq + key;
  const by = shownWeighting(state);
  const weights = exactPattern(state);
  const weight = weights ? figure(weights[at], 3) : '…';
  const unit = by === 'attention' ? '' : ` (${WEIGHTED[by].scale})`;
  const found = audited(state);
  const counted =
    'lacks' in found || !marks
      ? ''
      : `, ${cellWords(found.score, { n: result.seq, ids: result.ids }, marks[at], query, key)}`;
  return `query ${token(query)} → key ${token(key)}   ${weight}${unit}${counted}`;
}

/**
 * The cell of the crosshair in few words, for a tip beside the cell; empty without a weight.
 * @param {State} state
 */
export function tipOf(state) {
  const { result } = state;
  const { query, key } = shownCell(state);
  const weights = exactPattern(state);
  if (!result || !weights || query === null || key === null || key > query) return '';
  const token = (/** @type {number} */ position) => quoted(result.pieces[position] ?? '');
  return `${figure(weights[query * result.seq + key], 3)}  ${token(query)} → ${token(key)}`;
}

/** A cell above the diagonal in words. @param {string} query @param {string} key tokens in words */
export const comesBefore = (query, key) => `query ${query} comes before key ${key}: it cannot look ahead`;

/**
 * The thumbnail of a head, or the mean of all thumbnails: `[side, side]`, weight * 255.
 * Definition: docs/definitions.md#thumbnails.
 * @param {Pick<Result, 'thumbnails' | 'model'>} of
 * @param {string | null} head
 */
export function thumbnailOf({ thumbnails: { side, cells }, model }, head) {
  const at = parseHead(head);
  const size = side * side;
  if (at) {
    const index = at.layer * model.config.n_heads + at.head;
    return cells.subarray(index * size, (index + 1) * size);
  }
  const heads = cells.length / size;
  return Uint8Array.from({ length: size }, (_, cell) => {
    let sum = 0;
    for (let from = cell; from < cells.length; from += size) sum += cells[from];
    return sum / heads;
  });
}
