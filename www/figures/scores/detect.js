/**
 * TransformerLens' `detect_head`: how near a pattern is to an ideal pattern P of zeros and ones.
 * `mul` is sum(A · P) / sum(A), `abs` is 1 − sum(|A − P|) / n. Options leave out column 0 and the diagonal.
 * Definition: docs/definitions.md#detect_head. Twin: src/detectors/head_detector.rs.
 *
 * @typedef {import('./cells.js').Ideal} Ideal
 * @typedef {import('./record.js').Subject} Subject
 * @typedef {import('../../engine/run.js').Scores} Scores
 * @typedef {'mul' | 'abs'} Measure
 * @typedef {'previous_token_head' | 'duplicate_token_head' | 'induction_head'} EngineName
 *
 * @typedef {Record<EngineName, Record<Measure, Scores>>} Figures   docs/definitions.md#detect_head
 * @typedef {Record<EngineName, Record<Measure, number>>} Uniform
 *
 * @typedef {{ suffix: string, bos: boolean, current: boolean }} Excluded   column 0; the diagonal
 */

import { count } from '../../base/format.js';
import { DENOMINATOR, NUMERATOR } from '../marks.js';
import { IDEAL_WORDS, isOnIdeal, onIdeal, weightAt } from './cells.js';
import { inFormula, quotient, scoreWith, weightSum } from './record.js';

const TITLE = 'TransformerLens detect_head';

/** The name of each ideal pattern in TransformerLens and in the engine. */
const ENGINE_NAMES = /** @type {const} */ ({
  previous: 'previous_token_head',
  duplicate: 'duplicate_token_head',
  induction: 'induction_head',
});

/** @type {readonly Excluded[]} */
const EXCLUDED = [
  { suffix: '', bos: false, current: false },
  { suffix: '-bos', bos: true, current: false },
  { suffix: '-current', bos: false, current: true },
  { suffix: '-bos-current', bos: true, current: true },
];

/** @param {Ideal} kind @param {Measure} measure @param {Excluded} excluded */
function scoreOf(kind, measure, excluded) {
  const options = [excluded.bos && 'exclude_bos', excluded.current && 'exclude_current_token'];
  const named = ['', ...options.filter(Boolean)].join(', ');
  return scoreWith({
    id: `detect-${kind}-${measure}${excluded.suffix}`,
    kind,
    title: `${TITLE}, ${kind}, ${measure}${named}`,
    shortTitle: `detect_head ${measure}${named}`,
    // TransformerLens gives no threshold.
    threshold: null,
    column: excluded.suffix ? null : columnOf(kind, measure),
    ...(measure === 'mul' ? byProduct(kind, excluded) : byDistance(kind, excluded)),
  });
}

/** @param {Ideal} kind @param {Measure} measure @returns {import('./record.js').Column} */
const columnOf = (kind, measure) => ({
  label: `${kind}\n${measure}`,
  hint: `${measure === 'mul' ? 'sum(A · P) / sum(A)' : '1 − sum(|A − P|) / n'}, P the detection pattern`,
  scores: ({ head_detector }) => head_detector[ENGINE_NAMES[kind]][measure],
  uniform: (detection) => detection.null.head_detector[ENGINE_NAMES[kind]][measure],
});

/**
 * `mul`: the weights on the ideal pattern by all weights.
 * @param {Ideal} kind @param {Excluded} excluded
 */
const byProduct = (kind, excluded) => ({
  proportional: true,
  words: () => ({
    numerator: `the weights on ${IDEAL_WORDS[kind]}`,
    denominator: `all weights${but(excluded)}`,
  }),
  sum(/** @type {Subject} */ subject) {
    const { sum } = onPattern(kind, subject, excluded);
    const all = total(subject, excluded);
    return quotient(sum, all, (value) => `${weightSum(sum)} / ${weightSum(all)} = ${value}`);
  },
  mark(/** @type {Uint8Array} */ cells, /** @type {Subject} */ subject) {
    const { n } = subject;
    for (let query = 0; query < n; query++) fillCounted(cells, n, query, excluded, DENOMINATOR);
    onIdeal(kind, subject, (query, key) => {
      if (!isExcluded(excluded, query, key)) cells[query * n + key] = NUMERATOR | DENOMINATOR;
    });
  },
});

/**
 * `abs`: 1 minus the mean distance of a row from the ideal pattern. The numerator is that distance.
 * @param {Ideal} kind @param {Excluded} excluded
 */
const byDistance = (kind, excluded) => ({
  signed: true,
  words: () => ({
    numerator:
      `every cell${but(excluded)}, by its distance from the ideal pattern: ` +
      `1 minus the weight on ${IDEAL_WORDS[kind]}, and the weight itself elsewhere`,
    denominator: 'the number of rows; the weights of each row sum to 1',
  }),
  sum(/** @type {Subject} */ subject) {
    const { n } = subject;
    const { sum, ones } = onPattern(kind, subject, excluded);
    const [missing, beside] = [ones - sum, total(subject, excluded) - sum];
    const value = n > 0 ? 1 - (missing + beside) / n : null;
    const distance = `${weightSum(missing)} missing + ${weightSum(beside)} beside`;
    const formula = `1 − (${distance}) / ${count(n)} ${n === 1 ? 'row' : 'rows'} = ${inFormula(value)}`;
    return { numerator: missing + beside, denominator: n, value, formula };
  },
  mark(/** @type {Uint8Array} */ cells, /** @type {Subject} */ { n }) {
    for (let query = 0; query < n; query++) {
      // The denominator counts rows, and the weights of a row sum to 1, excluded weights included.
      cells.fill(DENOMINATOR, query * n, query * n + query + 1);
      fillCounted(cells, n, query, excluded, NUMERATOR | DENOMINATOR);
    }
  },
  cellWords: (
    /** @type {Pick<Subject, 'ids'>} */ subject,
    /** @type {number} */ query,
    /** @type {number} */ key,
  ) =>
    isOnIdeal(kind, subject, query, key) ? 'as 1 minus its weight' : 'as a weight beside the ideal pattern',
});

/** The excluded cells in words. @param {Excluded} excluded */
function but({ bos, current }) {
  const words = [bos && 'column 0', current && 'the diagonal'].filter(Boolean).join(' and ');
  return words && ` but ${words}`;
}

/** @param {Excluded} excluded @param {number} query @param {number} key */
const isExcluded = ({ bos, current }, query, key) => (bos && key === 0) || (current && key === query);

/**
 * The weights on the ideal pattern, and the number of its ones, without the excluded cells.
 * @param {Ideal} kind
 * @param {Subject} subject
 * @param {Excluded} excluded
 */
function onPattern(kind, subject, excluded) {
  let [sum, ones] = [0, 0];
  onIdeal(kind, subject, (query, key) => {
    if (isExcluded(excluded, query, key)) return;
    sum += weightAt(subject.weights, subject.n, query, key);
    ones++;
  });
  return { sum, ones };
}

/**
 * All weights but the excluded ones. A plain loop: 2,048 tokens have two million cells.
 * @param {Subject} subject
 * @param {Excluded} excluded
 */
function total({ weights, n }, { bos, current }) {
  let all = 0;
  for (let query = 0; query < n; query++) {
    const [from, to] = [Number(bos), query + Number(!current)];
    if (weights) for (let at = query * n + from; at < query * n + to; at++) all += weights[at];
    else all += Math.max(0, to - from) / (query + 1);
  }
  return all;
}

/**
 * Marks the cells of a row that are not excluded.
 * @param {Uint8Array} cells
 * @param {number} n
 * @param {number} query
 * @param {Excluded} excluded
 * @param {number} mark
 */
function fillCounted(cells, n, query, { bos, current }, mark) {
  const [from, to] = [query * n + Number(bos), query * n + query + Number(!current)];
  if (from < to) cells.fill(mark, from, to);
}

const KINDS = /** @type {const} */ (['previous', 'duplicate', 'induction']);
const MEASURES = /** @type {const} */ (['mul', 'abs']);

/** @type {import('./record.js').Family} */
export const detect = Object.freeze({
  name: 'detect',
  title: TITLE,
  anchor: 'detect_head',
  printed: null,
  scores: KINDS.flatMap((kind) =>
    MEASURES.flatMap((measure) => EXCLUDED.map((excluded) => scoreOf(kind, measure, excluded))),
  ),
});
