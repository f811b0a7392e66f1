/**
 * Every score by hand: which cells of one head's pattern it counts, what they add up to, and the formula with
 * the figures
 * filled in. Made from the pattern itself, so that it checks the engine's figure rather than repeats it.
 * Pure; every sum is a
 * single pass over the cells in question, some milliseconds at 2,048 tokens.
 *
 * @typedef {import('./scores.js').Score} Score
 * @typedef {import('./heads.js').Thresholds} Thresholds
 *
 * @typedef {object} Subject            what is audited
 * @property {Float32Array | null} weights   `[query_pos, key_pos]`; null: uniform causal attention, the null
 *   line
 * @property {number} n                 tokens
 * @property {Uint32Array | number[]} ids
 *
 * @typedef {object} Audit
 * @property {Score} score
 * @property {number} numerator
 * @property {number} denominator
 * @property {number | null} value      null where it is undefined on this text
 * @property {string} formula           with the figures filled in
 */

import { DENOMINATOR, markWords, NUMERATOR } from './marks.js';
import { count, figure } from '../base/format.js';

/** @param {Score} score @param {Subject} subject @param {Thresholds} thresholds @returns {Audit} */
export function audit(score, subject, thresholds) {
  const told = SUMS[score.family](score, subject, thresholds);
  return { score, ...told };
}

/** A sum made from the pattern and one made by the engine agree to this. */
const TOLERANCE = 1e-4;

/**
 * Whether the engine's own figure is the one made here, in words; `own` undefined where it makes none.
 * @param {number | null | undefined} own @param {number | null} value
 */
export function engineSaid(own, value) {
  if (own === undefined)
    return 'It does not make this score for a text; this figure is made here, from the pattern.';
  const differs = own === null || value === null ? own !== value : Math.abs(own - value) > TOLERANCE;
  return differs
    ? `It says ${figure(own, 4)}, which differs from ${figure(value, 4)} made here from the pattern.`
    : `It says ${figure(own, 3)} too, without the pattern.`;
}

/**
 * Where uniform attention stands on this score and this text.
 * @param {Score} score
 * @param {Omit<Subject, 'weights'>} subject
 * @param {Thresholds} thresholds
 */
export const nullValue = (score, subject, thresholds) =>
  audit(score, { ...subject, weights: null }, thresholds).value;

/**
 * The cells that a score counts: `NUMERATOR` where their weight, or their row, is in the numerator,
 * `DENOMINATOR` where it is
 * in the denominator.
 * @param {Score} score
 * @param {Subject} subject
 * @param {Thresholds} thresholds
 * @returns {Uint8Array} `[query_pos, key_pos]`
 */
export function marked(score, subject, thresholds) {
  const { n, ids } = subject;
  const cells = new Uint8Array(n * n);
  const both = NUMERATOR | DENOMINATOR;
  switch (score.family) {
    case 'dominant':
      for (let query = 0; query < n; query++) {
        const counted = counts(score, subject, thresholds, query);
        cells[query * n + keyOf(score.kind, query)] = counted ? both : DENOMINATOR;
      }
      break;
    case 'mean':
      for (let query = firstOf(score.kind); query < n; query++)
        cells[query * n + keyOf(score.kind, query)] = both;
      break;
    case 'matching': {
      // A row's weights sum to 1: the rows counted are the weights they hold, all of them.
      repeats(ids).forEach(
        (earlier, query) => earlier && cells.fill(DENOMINATOR, query * n, query * n + query + 1),
      );
      onPattern(score.kind, subject, (query, key) => (cells[query * n + key] = both));
      break;
    }
    case 'detect': {
      const { bos, current } = score.excluded;
      const abs = score.measure === 'abs';
      for (let query = 0; query < n; query++) {
        const row = query * n;
        // `abs` divides by the number of rows, of which each is the weights it holds, the excluded ones too.
        if (abs) cells.fill(DENOMINATOR, row, row + query + 1);
        const [from, to] = [row + Number(bos), row + query + Number(!current)];
        // It counts every cell that is left, by how far it is from the ideal pattern; `mul` divides by their
        // weights.
        if (from < to) cells.fill(abs ? both : DENOMINATOR, from, to);
      }
      if (abs) break;
      onPattern(score.kind, subject, (query, key) => {
        if (!isExcluded(score, query, key)) cells[query * n + key] = both;
      });
      break;
    }
    case 'stripe':
      onStripe(score, n, (query, key) => (cells[query * n + key] = both));
      break;
  }
  return cells;
}

/**
 * What a score made of one cell, in words: its mark, and for `abs` what of its weight is counted.
 * @param {Score} score
 * @param {Omit<Subject, 'weights'>} subject
 * @param {number} mark
 * @param {number} query
 * @param {number} key
 */
export function cellWords(score, subject, mark, query, key) {
  const words = markWords(mark) ?? 'not counted';
  if (score.family !== 'detect' || score.measure !== 'abs' || !(mark & NUMERATOR)) return words;
  return `${words}, ${isOnPattern(score.kind, subject, query, key) ? 'as what it lacks to 1' : 'as a weight beside the ideal pattern'}`;
}

/**
 * @type
 *   {Record<Score['family'], (score: any, subject: Subject, thresholds: Thresholds) => Omit<Audit, 'score'>>}
 */
const SUMS = {
  dominant(/** @type {import('./scores.js').Dominant} */ score, subject, thresholds) {
    const { n } = subject;
    let numerator = 0;
    for (let query = 0; query < n; query++) numerator += Number(counts(score, subject, thresholds, query));
    return quotient(
      numerator,
      n,
      (value) => `${count(numerator)} ${numerator === 1 ? 'row' : 'rows'} of ${count(n)} = ${value}`,
    );
  },

  mean(/** @type {import('./scores.js').Mean} */ score, { weights, n }) {
    let numerator = 0;
    const from = firstOf(score.kind);
    for (let query = from; query < n; query++)
      numerator += weightAt(weights, n, query, keyOf(score.kind, query));
    return quotient(
      numerator,
      n - from,
      (value) => `${sum(numerator)} / ${count(n - from)} cells = ${value}`,
    );
  },

  matching(/** @type {import('./scores.js').Matching} */ score, subject) {
    const { weights, n, ids } = subject;
    let numerator = 0;
    onPattern(score.kind, subject, (query, key) => (numerator += weightAt(weights, n, query, key)));
    const rows = repeats(ids).filter((earlier) => earlier > 0).length;
    return quotient(numerator, rows, (value) => `${sum(numerator)} / ${count(rows)} rows = ${value}`);
  },

  detect(/** @type {import('./scores.js').Detect} */ score, subject) {
    const { weights, n } = subject;
    const all = total(subject, score.excluded);
    let [on, ones] = [0, 0];
    onPattern(score.kind, subject, (query, key) => {
      if (isExcluded(score, query, key)) return;
      on += weightAt(weights, n, query, key);
      ones++;
    });
    if (score.measure === 'mul') return quotient(on, all, (value) => `${sum(on)} / ${sum(all)} = ${value}`);
    const [missed, beside] = [ones - on, all - on];
    const value = n > 0 ? 1 - (missed + beside) / n : null;
    const formula = `1 − (${sum(missed)} missing + ${sum(beside)} beside) / ${count(n)} ${n === 1 ? 'row' : 'rows'} = ${shown(value)}`;
    return { numerator: missed + beside, denominator: n, value, formula };
  },

  stripe(/** @type {import('./scores.js').Stripe} */ score, { weights, n }) {
    let [numerator, cells] = [0, 0];
    onStripe(score, n, (query, key) => {
      numerator += weightAt(weights, n, query, key);
      cells++;
    });
    return quotient(numerator, cells, (value) => `${sum(numerator)} / ${count(cells)} cells = ${value}`);
  },
};

/**
 * @param {number} numerator
 * @param {number} denominator
 * @param {(value: string) => string} told
 * @returns {Omit<Audit, 'score'>}
 */
function quotient(numerator, denominator, told) {
  const value = denominator > 0 ? numerator / denominator : null;
  return {
    numerator,
    denominator,
    value,
    formula: value === null ? 'nothing to divide by' : told(shown(value)),
  };
}

/** @param {number} value */
const sum = (value) => value.toFixed(2).replace('-', '−');
/** @param {number | null} value */
const shown = (value) => (value === null ? '–' : value.toFixed(3).replace('-', '−'));

/**
 * Single precision, as the engine's, since a threshold may sit on a weight.
 * @param {Float32Array | null} weights
 * @param {number} n
 * @param {number} query
 * @param {number} key
 */
const weightAt = (weights, n, query, key) =>
  weights ? weights[query * n + key] : Math.fround(1 / (query + 1));

/**
 * All weights but the excluded ones. A loop of its own, plain, since at 2,048 tokens there are two million.
 * @param {Subject} subject
 * @param {import('./scores.js').Excluded} excluded
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
 * The key that a simple head looks at; for query 0 it can only be itself.
 * @param {'current' | 'previous' | 'first'} kind
 * @param {number} query
 */
const keyOf = (kind, query) => (kind === 'current' ? query : kind === 'first' ? 0 : Math.max(0, query - 1));

/** The first query with such a key. @param {'current' | 'previous' | 'first'} kind */
const firstOf = (kind) => (kind === 'previous' ? 1 : 0);

/**
 * Whether a row counts: the candidate's weight is its largest, ties included, and above the threshold.
 * @param {import('./scores.js').Dominant} score
 * @param {Subject} subject
 * @param {Thresholds} thresholds
 * @param {number} query
 */
function counts(score, { weights, n }, { active }, query) {
  const candidate = weightAt(weights, n, query, keyOf(score.kind, query));
  if (!(candidate > active)) return false;
  if (!weights) return true;
  for (let at = query * n; at <= query * n + query; at++) if (weights[at] > candidate) return false;
  return true;
}

/** @param {import('./scores.js').Detect} score @param {number} query @param {number} key */
const isExcluded = ({ excluded }, query, key) =>
  (excluded.bos && key === 0) || (excluded.current && key === query);

/**
 * Every cell on which the ideal pattern is one: the previous position, earlier equal tokens, or what followed
 * those.
 * @param {'previous' | 'duplicate' | 'induction'} kind
 * @param {Omit<Subject, 'weights'>} subject
 * @param {(query: number, key: number) => void} visit
 */
function onPattern(kind, { n, ids }, visit) {
  if (kind === 'previous') {
    for (let query = 1; query < n; query++) visit(query, query - 1);
    return;
  }
  const shift = kind === 'induction' ? 1 : 0;
  /** @type {Map<number, number[]>} */ const places = new Map();
  for (let query = 0; query < n; query++) {
    const earlier = places.get(ids[query]);
    if (!earlier) {
      places.set(ids[query], [query]);
      continue;
    }
    for (const position of earlier) visit(query, position + shift);
    earlier.push(query);
  }
}

/**
 * Whether the ideal pattern is one on a cell.
 * @param {import('./scores.js').Ideal} kind
 * @param {Omit<Subject, 'weights'>} subject
 * @param {number} query
 * @param {number} key
 */
function isOnPattern(kind, { ids }, query, key) {
  if (kind === 'previous') return key === query - 1;
  const earlier = kind === 'induction' ? key - 1 : key;
  return earlier >= 0 && earlier < query && ids[earlier] === ids[query];
}

/** For each query, how many earlier positions hold its token. @param {Uint32Array | number[]} ids */
function repeats(ids) {
  /** @type {Map<number, number>} */ const seen = new Map();
  return Array.from(ids, (id) => {
    const earlier = seen.get(id) ?? 0;
    seen.set(id, earlier + 1);
    return earlier;
  });
}

/**
 * The diagonal on which `[BOS, x, x]` has what followed a token the first time. None where the length is not
 * that of one.
 * @param {Pick<import('./scores.js').Stripe, 'strict'>} score
 * @param {number} n
 * @param {(query: number, key: number) => void} visit
 */
export function onStripe({ strict }, n, visit) {
  const length = (n - 1) / 2;
  if (!Number.isInteger(length) || length < 2) return;
  for (let query = strict ? length + 1 : length - 1; query < n; query++) visit(query, query - (length - 1));
}
