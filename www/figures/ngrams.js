/**
 * What a text says again: runs of tokens that occurred before. Pure, and linear in the text but for the lists it gives.
 *
 * @typedef {object} Repeat               a run of tokens that occurred before, as long as it can be
 * @property {number} start               where this occurrence begins
 * @property {number} length              in tokens
 * @property {number} first               where the first occurrence of the same tokens begins
 *
 * @typedef {object} Ngram                tokens that occur more than once
 * @property {number} first               where they occur first
 * @property {number} length
 * @property {number[]} again             where each later occurrence begins, in text order
 */

/** The fewest tokens that are told: a single one that comes again is most of any text. */
export const SHORTEST = 2;

/** The most runs that are told, the longest ones. */
export const MOST_NGRAMS = 200;

/**
 * Every run of at least `shortest` tokens that occurred before, in text order: each as long as it can be on both sides, and
 * with its first occurrence. The two may overlap, as in a token that is said many times over.
 *
 * A suffix automaton is grown token by token; the link of its last state is the longest end of the text so far that occurred
 * before, and the state knows where first (Blumer et al., 1985).
 * @param {ArrayLike<number>} ids @param {number} [shortest] @returns {Repeat[]}
 */
export function repeats(ids, shortest = SHORTEST) {
  /** @typedef {{ length: number, link: State | null, next: Map<number, State>, firstEnd: number }} State */
  /** @type {State} */ const root = { length: 0, link: null, next: new Map(), firstEnd: -1 };
  let last = root;
  /** @type {Repeat[]} */ const found = [];
  /** @type {Repeat | null} */ let open = null;
  const close = () => {
    if (open && open.length >= shortest) found.push(open);
    open = null;
  };
  for (let end = 0; end < ids.length; end++) {
    const id = ids[end];
    /** @type {State} */ const grown = { length: last.length + 1, link: root, next: new Map(), firstEnd: end };
    /** @type {State | null} */ let from = last;
    for (; from && !from.next.has(id); from = from.link) from.next.set(id, grown);
    const reached = from?.next.get(id);
    if (from && reached) {
      if (reached.length === from.length + 1) grown.link = reached;
      else {
        /** @type {State} */ const copy = { length: from.length + 1, link: reached.link, next: new Map(reached.next), firstEnd: reached.firstEnd };
        for (; from && from.next.get(id) === reached; from = from.link) from.next.set(id, copy);
        reached.link = grown.link = copy;
      }
    }
    last = grown;
    const { length, firstEnd } = grown.link ?? root;
    // A run that goes on is one token longer than it was; anything else ends it.
    if (!open || length !== open.length + 1) close();
    if (length > 0) open = { start: end - length + 1, length, first: firstEnd - length + 1 };
    else close();
  }
  close();
  return found;
}

/**
 * The runs of {@link repeats} by what they say, the longest first, equally long ones by where they begin; at most `most`.
 * @param {ArrayLike<number>} ids @param {number} [shortest] @param {number} [most] @returns {Ngram[]}
 */
export function ngrams(ids, shortest = SHORTEST, most = MOST_NGRAMS) {
  /** @type {Map<string, Ngram>} */ const byPlace = new Map();
  for (const { start, length, first } of repeats(ids, shortest)) {
    // The same tokens have the same first occurrence.
    const place = `${first} ${length}`;
    const known = byPlace.get(place);
    if (known) known.again.push(start);
    else byPlace.set(place, { first, length, again: [start] });
  }
  return [...byPlace.values()].sort((a, b) => b.length - a.length || a.first - b.first).slice(0, most);
}
