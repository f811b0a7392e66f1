/**
 * Heads by name, the kinds of head this page knows, and which heads a set of detector figures names.
 * All pure; a head is written `layer.head` everywhere, as in `1.4`.
 *
 * @typedef {(number | null)[][]} Scores      [layer][head], null where the score is undefined
 * @typedef {{ fraction: number[][], heads: string[] }} Dominant
 * @typedef {{ mul: Scores, abs: Scores }} Matched
 * @typedef {{ mul: number | null, abs: number | null }} MatchedNull
 * @typedef {{
 *   dominant: { current: number, previous: number, first: number },
 *   mean: { current: number | null, previous: number | null, first: number | null },
 *   token_matching: { induction: number | null, duplicate: number | null },
 *   head_detector:
 *   { previous_token_head: MatchedNull, duplicate_token_head: MatchedNull, induction_head: MatchedNull },
 * }} NullLine
 * @typedef {{
 *   dominant: { current: Dominant, previous: Dominant, first: Dominant },
 *   mean: { current: Scores, previous: Scores, first: Scores },
 *   token_matching: { induction: Scores, duplicate: Scores },
 *   head_detector: { previous_token_head: Matched, duplicate_token_head: Matched, induction_head: Matched },
 *   null: NullLine,
 * }} Detection
 * @typedef {{ active: number, fraction: number, mean: number }} Thresholds
 * @typedef {'current' | 'previous' | 'first' | 'induction' | 'duplicate'} Kind
 * @typedef {{ name: string, score: number }} Named
 * @typedef
 *   {{ kind: Kind, label: string, heads: Named[], best: Named | null, nullLine: number | null, nullPasses: boolean }}
 *   Verdict
 */

import { nameOf } from '../base/heads.js';

/**
 * The kinds in the order they are told, and what each looks at.
 * @type {readonly { kind: Kind, label: string }[]}
 */
export const KINDS = Object.freeze([
  { kind: 'current', label: 'Current token' },
  { kind: 'previous', label: 'Previous token' },
  { kind: 'first', label: 'First token' },
  { kind: 'induction', label: 'Induction' },
  { kind: 'duplicate', label: 'Duplicate token' },
]);

/**
 * Every head whose score is above `threshold` (strictly), in layer order, and the best one.
 * @param {Scores} scores @param {number} threshold
 * @returns {{ heads: Named[], best: Named | null }}
 */
export function above(scores, threshold) {
  /** @type {Named[]} */ const heads = [];
  /** @type {Named | null} */ let best = null;
  scores.forEach((row, layer) =>
    row.forEach((score, head) => {
      if (score === null) return;
      const named = { name: nameOf(layer, head), score };
      if (score > threshold) heads.push(named);
      if (!best || score > best.score) best = named;
    }),
  );
  return { heads, best };
}

/**
 * The scores a kind is judged by on the first screen: the notebook's dominant-weight fraction for the three
 * positional kinds (DEFINITIONS 1), token matching for induction and duplicates (DEFINITIONS 4).
 * @param {Detection} detection @param {Kind} kind @returns {Scores}
 */
export function scoresOf(detection, kind) {
  return kind === 'induction' || kind === 'duplicate'
    ? detection.token_matching[kind]
    : detection.dominant[kind].fraction;
}

/** @param {Kind} kind @param {Thresholds} thresholds */
export const thresholdOf = (kind, thresholds) =>
  kind === 'induction' || kind === 'duplicate' ? thresholds.mean : thresholds.fraction;

/**
 * Who is named for each kind, with the null line (uniform attention on the same text) beside it.
 * @param {Detection} detection @param {Thresholds} thresholds @returns {Verdict[]}
 */
export function verdicts(detection, thresholds) {
  return KINDS.map(({ kind, label }) => {
    const threshold = thresholdOf(kind, thresholds);
    const nullLine = nullOf(detection, kind);
    const found = above(scoresOf(detection, kind), threshold);
    return { kind, label, ...found, nullLine, nullPasses: nullLine !== null && nullLine > threshold };
  });
}

/** What uniform attention scores for a kind on this text. @param {Detection} detection @param {Kind} kind */
const nullOf = (detection, kind) =>
  kind === 'induction' || kind === 'duplicate'
    ? detection.null.token_matching[kind]
    : detection.null.dominant[kind];

/**
 * The kind a head scores highest in, and every kind it is named for. A kind for which uniform attention
 * passes on this
 * text says nothing about any head, and is left out.
 * @param {Detection} detection @param {Thresholds} thresholds @param {number} layer @param {number} head
 * @returns {{ kind: Kind, label: string, score: number, named: Kind[] } | null}
 */
export function bestKind(detection, thresholds, layer, head) {
  /** @type {{ kind: Kind, label: string, score: number } | null} */ let best = null;
  /** @type {Kind[]} */ const named = [];
  for (const { kind, label } of KINDS) {
    const score = scoresOf(detection, kind)[layer]?.[head] ?? null;
    const threshold = thresholdOf(kind, thresholds);
    if (score === null || (nullOf(detection, kind) ?? 0) > threshold) continue;
    if (score > threshold) named.push(kind);
    if (!best || score > best.score) best = { kind, label, score };
  }
  return best && { ...best, named };
}
