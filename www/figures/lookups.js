/**
 * Where a head attends, and where an induction head should attend: from each token that occurred before, to
 * the tokens after its earlier occurrences. Pure. Definition: docs/definitions.md#own-repeats.
 *
 * @typedef {object} Lookups              `[seq]` each: one entry a query position
 * @property {Uint32Array} places         the number of expected positions: how often the token occurred
 *   before
 * @property {Float32Array} expected      the sum of the weights on them; NaN where there is none
 * @property {Uint32Array} top            the key position with the largest weight; the first of several
 * @property {Float32Array} weight        that weight
 */

/**
 * Yields after every row: the pattern of a long text has millions of cells.
 * @param {ArrayLike<number>} ids
 * @param {Float32Array} weights `[query_pos, key_pos]`
 * @returns {Generator<void, Lookups>}
 */
export function* looking(ids, weights) {
  const n = ids.length;
  const found = {
    places: new Uint32Array(n),
    expected: new Float32Array(n),
    top: new Uint32Array(n),
    weight: new Float32Array(n),
  };
  /** @type {Map<number, number[]>} */ const after = new Map();
  for (let query = 0; query < n; query++) {
    const row = query * n;
    const keys = after.get(ids[query]) ?? [];
    let sum = keys.length ? 0 : Number.NaN;
    for (const key of keys) sum += weights[row + key];
    found.places[query] = keys.length;
    found.expected[query] = sum;
    let [top, most] = [0, weights[row]];
    for (let key = 1; key <= query; key++) {
      const weight = weights[row + key];
      if (weight > most) {
        most = weight;
        top = key;
      }
    }
    found.top[query] = top;
    found.weight[query] = most;
    keys.push(query + 1);
    after.set(ids[query], keys);
    yield;
  }
  return found;
}

/**
 * Tells whether the head attends to the expected positions: one of them has its largest weight, or all of
 * them together have more than `active`.
 * @param {ArrayLike<number>} ids @param {Lookups} of @param {number} query @param {number} active
 */
export function didLook(ids, { places, expected, top }, query, active) {
  if (!places[query]) return false;
  const key = top[query];
  return (key > 0 && key <= query && ids[key - 1] === ids[query]) || expected[query] > active;
}
