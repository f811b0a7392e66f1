/**
 * Which heads the detectors' figures name, kind by kind. Pure; a head is written `layer.head`, as in `1.4`.
 *
 * @typedef {import('./scores/record.js').Detection} Detection
 * @typedef {import('./scores/record.js').Scores} Scores        `[layer][head]`, null where undefined
 * @typedef {import('./scores/record.js').Thresholds} Thresholds
 * @typedef {import('./scores/record.js').Kind} Kind
 * @typedef {{ name: string, score: number, note?: string }} Named   note: as a column's, `2 back`
 *
 * @typedef {object} Verdict              on one kind of head
 * @property {Kind} kind
 * @property {string} label
 * @property {Named[]} heads              the heads above the threshold, in layer order
 * @property {Named | null} best          null where the score is undefined for every head
 * @property {number | null} uniform      the score of uniform attention on the same text
 * @property {boolean} uniformPasses      uniform attention is above the threshold: the verdict says nothing
 *
 * @typedef {{ kind: Kind, label: string, score: number, named: Kind[], words: string }} BestKind
 *   named: every kind of the head; words: the kind, or the column's note instead
 */

import { nameOf, parseHead } from '../base/heads.js';
import { columnOf, KINDS } from './scores/index.js';

/**
 * Every head whose score is above `threshold` (strictly), in layer order, and the best head.
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
 * One entry a kind: the scores that judge it on the first screen, `[layer][head]`, their threshold, and the
 * score of uniform attention.
 * @param {Detection} detection
 * @param {Thresholds} thresholds
 */
export const judgements = (detection, thresholds) =>
  KINDS.map(({ kind, label, judge }) => {
    const column = columnOf(judge);
    if (!column.threshold) throw new Error(`The score ${judge} has no threshold to judge by.`);
    const threshold = thresholds[column.threshold];
    const uniform = column.uniform(detection);
    const uniformPasses = uniform !== null && uniform > threshold;
    const { note } = column;
    return { kind, label, scores: column.scores(detection), threshold, uniform, uniformPasses, note };
  });

/**
 * The heads that are named for each kind, beside the uniform baseline.
 * @param {Detection} detection @param {Thresholds} thresholds @returns {Verdict[]}
 */
export const verdicts = (detection, thresholds) =>
  judgements(detection, thresholds).map(({ scores, threshold, note, ...judged }) => {
    const { heads, best } = above(scores, threshold);
    const noted = (/** @type {Named} */ head) => {
      const at = note && parseHead(head.name);
      return at ? { ...head, note: note(detection, at.layer, at.head) } : head;
    };
    return { ...judged, heads: heads.map(noted), best: best && noted(best) };
  });

/** A head whose best score is lower does none of the things that the page looks for. */
const LEAST = 0.1;

/** Whether a head does what its best kind says, if weakly. @param {BestKind} best */
export const does = ({ score, named }) => named.length > 0 || score >= LEAST;

/**
 * The kind a head scores highest in, and every kind it is named for. Leaves out a kind when uniform attention
 * passes its threshold on this text.
 * @param {Detection} detection @param {Thresholds} thresholds @param {number} layer @param {number} head
 * @returns {BestKind | null}
 */
export const bestKind = (detection, thresholds, layer, head) =>
  bestOf(detection, judgements(detection, thresholds), layer, head);

/**
 * The same of judgements that are there.
 * @param {Detection} detection @param {ReturnType<typeof judgements>} judged
 * @param {number} layer @param {number} head
 * @returns {BestKind | null}
 */
export function bestOf(detection, judged, layer, head) {
  /** @type {Omit<BestKind, 'named'> | null} */ let best = null;
  /** @type {Kind[]} */ const named = [];
  for (const { kind, label, scores, threshold, uniformPasses, note } of judged) {
    const score = scores[layer]?.[head] ?? null;
    if (score === null || uniformPasses) continue;
    if (score > threshold) named.push(kind);
    if (best && score <= best.score) continue;
    best = { kind, label, score, words: note ? note(detection, layer, head) : kind };
  }
  return best && { ...best, named };
}
