/**
 * Repeats in a text: runs of tokens that occurred before. Pure. Takes time linear in the text.
 * Definition: docs/definitions.md#own-repeats.
 *
 * @typedef {object} Repeat               the longest run of tokens at its place that occurred before
 * @property {number} start               the position where this occurrence begins
 * @property {number} length              in tokens
 * @property {number} first               the position where the first occurrence begins
 *
 * @typedef {object} Ngram                a run of tokens that occurs more than once
 * @property {number} first               the position where the first occurrence begins
 * @property {number} length              in tokens
 * @property {number[]} again             the positions where later occurrences begin, in text order
 *
 * @typedef {object} Step                 a token inside a repeat, followed by another token of the repeat
 * @property {number} query               its position
 * @property {number} first               its position in the first occurrence
 */

/** Single tokens that repeat are most of any text, so they are left out. */
const SHORTEST = 2;

/**
 * Every run of at least `shortest` tokens that occurred before, in text order. A run is as long as it can be
 * on both sides. It may overlap its first occurrence, as in many equal tokens in a row.
 *
 * The text grows a suffix automaton token by token (Blumer et al., 1985). The link of the last state is the
 * longest end of the text so far that occurred before, and knows its first occurrence.
 * @param {ArrayLike<number>} ids @param {number} [shortest] @returns {Repeat[]}
 */
export function repeats(ids, shortest = SHORTEST) {
  /** @type {State} */ const root = { length: 0, link: null, next: new Map(), firstEnd: -1 };
  let last = root;
  /** @type {Repeat[]} */ const found = [];
  /** @type {Repeat | null} */ let open = null;
  const close = () => {
    if (open && open.length >= shortest) found.push(open);
    open = null;
  };
  for (let end = 0; end < ids.length; end++) {
    last = grown(last, root, ids[end], end);
    const { length, firstEnd } = last.link ?? root;
    // A run that continues is one token longer. Anything else ends it.
    if (!open || length !== open.length + 1) close();
    if (length > 0) open = { start: end - length + 1, length, first: firstEnd - length + 1 };
    else close();
  }
  close();
  return found;
}

/**
 * A state of the automaton: a set of ends of the text so far.
 * @typedef {object} State
 * @property {number} length              of the longest of them
 * @property {State | null} link          the state of the longest end that occurs more often
 * @property {Map<number, State>} next    by token
 * @property {number} firstEnd            the position where they first end
 */

/**
 * Grows the automaton by one token, and returns the state of the whole text so far.
 * @param {State} last the state of the text before the token
 * @param {State} root
 * @param {number} id
 * @param {number} end the token's position
 * @returns {State}
 */
function grown(last, root, id, end) {
  /** @type {State} */ const state = { length: last.length + 1, link: root, next: new Map(), firstEnd: end };
  /** @type {State | null} */ let from = last;
  for (; from && !from.next.has(id); from = from.link) from.next.set(id, state);
  const reached = from?.next.get(id);
  if (!from || !reached) return state;
  if (reached.length === from.length + 1) {
    state.link = reached;
    return state;
  }
  /** @type {State} */ const copy = {
    length: from.length + 1,
    link: reached.link,
    next: new Map(reached.next),
    firstEnd: reached.firstEnd,
  };
  for (; from && from.next.get(id) === reached; from = from.link) from.next.set(id, copy);
  reached.link = copy;
  state.link = copy;
  return state;
}

/**
 * The runs of {@link repeats}, equal runs joined: the longest first, then in text order.
 * @param {ArrayLike<number>} ids @param {number} [shortest] @returns {Ngram[]}
 */
export function ngrams(ids, shortest = SHORTEST) {
  /** @type {Map<string, Ngram>} */ const byPlace = new Map();
  for (const { start, length, first } of repeats(ids, shortest)) {
    // Equal runs have the same first occurrence.
    const place = `${first} ${length}`;
    const known = byPlace.get(place);
    if (known) known.again.push(start);
    else byPlace.set(place, { first, length, again: [start] });
  }
  return [...byPlace.values()].sort((a, b) => b.length - a.length || a.first - b.first);
}

/**
 * The tokens of one occurrence whose next token the first occurrence tells.
 * @param {Ngram} ngram
 * @param {number} start of the occurrence
 * @returns {Step[]}
 */
export const stepsOf = ({ first, length }, start) =>
  Array.from({ length: length - 1 }, (_, at) => ({ query: start + at, first: first + at }));

/**
 * Every token of a text whose next token an earlier occurrence tells, once. A token of two overlapping runs
 * belongs to the longer run.
 * @param {Ngram[]} runs @returns {Step[]}
 */
export function stepsIn(runs) {
  /** @type {Map<number, Step>} */ const byQuery = new Map();
  for (const ngram of runs) {
    for (const start of ngram.again) {
      for (const step of stepsOf(ngram, start)) if (!byQuery.has(step.query)) byQuery.set(step.query, step);
    }
  }
  return [...byQuery.values()];
}
