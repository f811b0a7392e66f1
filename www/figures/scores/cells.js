/**
 * Cells of a pattern that scores count: one key for each query, the ideal patterns of `detect_head`, the
 * stripe.
 *
 * @typedef {import('./record.js').Subject} Subject
 * @typedef {'current' | 'previous' | 'first'} Simple
 * @typedef {'previous' | 'duplicate' | 'induction'} Ideal
 */

/** @type {readonly Simple[]} */
export const SIMPLE = Object.freeze(['current', 'previous', 'first']);

/**
 * One weight in single precision, as in the engine: a threshold may equal a weight.
 * @param {Float32Array | null} weights `[query_pos, key_pos]`; null: uniform causal attention
 * @param {number} n
 * @param {number} query
 * @param {number} key
 */
export const weightAt = (weights, n, query, key) =>
  weights ? weights[query * n + key] : Math.fround(1 / (query + 1));

/**
 * The key that a simple head attends to. Query 0 has only key 0.
 * @param {Simple} kind
 * @param {number} query
 */
export const keyOf = (kind, query) =>
  kind === 'current' ? query : kind === 'first' ? 0 : Math.max(0, query - 1);

/** The first query that has such a key before or at it. @param {Simple} kind */
export const firstQuery = (kind) => (kind === 'previous' ? 1 : 0);

/** The cells of each ideal pattern, in words. @type {Readonly<Record<Ideal, string>>} */
export const IDEAL_WORDS = Object.freeze({
  previous: 'the cell of the previous token',
  duplicate: 'cells of earlier occurrences of the query’s token',
  induction: 'cells of what followed earlier occurrences of the query’s token',
});

/**
 * Visits every cell where the ideal pattern is 1: the previous position, earlier equal tokens, or the tokens
 * after earlier equal tokens.
 * @param {Ideal} kind
 * @param {Pick<Subject, 'n' | 'ids'>} subject
 * @param {(query: number, key: number) => void} visit
 */
export function onIdeal(kind, { n, ids }, visit) {
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
 * Tells whether the ideal pattern is 1 on a cell.
 * @param {Ideal} kind
 * @param {Pick<Subject, 'ids'>} subject
 * @param {number} query
 * @param {number} key
 */
export function isOnIdeal(kind, { ids }, query, key) {
  if (kind === 'previous') return key === query - 1;
  const earlier = kind === 'induction' ? key - 1 : key;
  return earlier >= 0 && earlier < query && ids[earlier] === ids[query];
}

/** Counts, for each query, the earlier positions with the same token. @param {Uint32Array | number[]} ids */
export function earlierMatches(ids) {
  /** @type {Map<number, number>} */ const seen = new Map();
  return Array.from(ids, (id) => {
    const earlier = seen.get(id) ?? 0;
    seen.set(id, earlier + 1);
    return earlier;
  });
}

/**
 * Visits the induction stripe of `[BOS, x, x]`: the diagonal from each token to the token after its first
 * copy. Visits nothing when `n` is no such length.
 * @param {{ strict: boolean }} measure strict: queries of the second copy only
 * @param {number} n
 * @param {(query: number, key: number) => void} visit
 */
export function onStripe({ strict }, n, visit) {
  const length = (n - 1) / 2;
  if (!Number.isInteger(length) || length < 2) return;
  for (let query = strict ? length + 1 : length - 1; query < n; query++) visit(query, query - (length - 1));
}
