/**
 * What a text says again: runs of tokens that occurred before. Pure, and linear in the text but for the lists
 * it gives.
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
 *
 * @typedef {{ query: number, first: number }} Step     a token of an occurrence whose next one is in it too,
 *   and its first time
 */

/** The fewest tokens that are told: a single one that comes again is most of any text. */
const SHORTEST = 2;

/**
 * Every run of at least `shortest` tokens that occurred before, in text order: each as long as it can be on
 * both sides, and
 * with its first occurrence. The two may overlap, as in a token that is said many times over.
 *
 * A suffix automaton is grown token by token; the link of its last state is the longest end of the text so
 * far that occurred
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
    /** @type {State} */ const grown = {
      length: last.length + 1,
      link: root,
      next: new Map(),
      firstEnd: end,
    };
    /** @type {State | null} */ let from = last;
    for (; from && !from.next.has(id); from = from.link) from.next.set(id, grown);
    const reached = from?.next.get(id);
    if (from && reached) {
      if (reached.length === from.length + 1) grown.link = reached;
      else {
        /** @type {State} */ const copy = {
          length: from.length + 1,
          link: reached.link,
          next: new Map(reached.next),
          firstEnd: reached.firstEnd,
        };
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
 * The runs of {@link repeats} by what they say, the longest first, equally long ones by where they begin.
 * @param {ArrayLike<number>} ids @param {number} [shortest] @returns {Ngram[]}
 */
export function ngrams(ids, shortest = SHORTEST) {
  /** @type {Map<string, Ngram>} */ const byPlace = new Map();
  for (const { start, length, first } of repeats(ids, shortest)) {
    // The same tokens have the same first occurrence.
    const place = `${first} ${length}`;
    const known = byPlace.get(place);
    if (known) known.again.push(start);
    else byPlace.set(place, { first, length, again: [start] });
  }
  return [...byPlace.values()].sort((a, b) => b.length - a.length || a.first - b.first);
}

/**
 * The tokens of an occurrence that the first one tells how to go on from.
 * @param {Ngram} ngram
 * @param {number} start
 * @returns {Step[]}
 */
export const stepsOf = ({ first, length }, start) =>
  Array.from({ length: length - 1 }, (_, at) => ({ query: start + at, first: first + at }));

/**
 * Every token of a text that an earlier occurrence tells how to go on from, once: runs may overlap, and a
 * token in two of them
 * is told by the longer.
 * @param {Ngram[]} said @returns {Step[]}
 */
export function stepsIn(said) {
  /** @type {Map<number, Step>} */ const byQuery = new Map();
  for (const ngram of said) {
    for (const start of ngram.again) {
      for (const step of stepsOf(ngram, start)) if (!byQuery.has(step.query)) byQuery.set(step.query, step);
    }
  }
  return [...byQuery.values()];
}
