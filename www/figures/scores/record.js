/**
 * The shape of a score and of a score family, and the few sums that families share.
 *
 * A family is one detector: one file here, one file in src/detectors/. Its scores differ in the kind of head
 * they look for and in options. Everything that the page knows of a score is in its record.
 *
 * @typedef {import('./index.js').Detection} Detection
 * @typedef {import('../../engine/run.js').Scores} Scores
 * @typedef {Required<import('../../engine/run.js').Thresholds>} Thresholds
 * @typedef {import('../../engine/experiments.js').Repeated} Repeated
 * @typedef {import('./index.js').Kind} Kind
 *
 * @typedef {object} Subject              one head's pattern on one text
 * @property {Float32Array | null} weights   `[query_pos, key_pos]`; null: uniform causal attention
 * @property {number} n                   tokens
 * @property {Uint32Array | number[]} ids `[n]`
 *
 * @typedef {object} Sum
 * @property {number} numerator
 * @property {number} denominator
 * @property {number | null} value        null where the score is undefined on this text
 * @property {string} formula             with the figures filled in
 *
 * @typedef {{
 *   label: string, hint: string,
 *   scores(detection: Detection): Scores, uniform(detection: Detection): number | null,
 *   note?: (detection: Detection, layer: number, head: number) => string,
 * }} Column                              in the table of every head's figures; scores: `[layer][head]`;
 *   uniform: the score of uniform attention on the same text; note: what else a head's figure says, `2 back`
 *
 * @typedef {object} OverSequences        a score's figures over repeated tokens, `[layer][head]`
 * @property {(of: Repeated) => number[][]} scores   means over the sequences
 * @property {(of: Repeated) => number[][]} sd       standard deviations over the sequences
 *
 * @typedef {object} Score
 * @property {string} id                  in links, in exports and in the table
 * @property {Kind} kind                  the kind of head that the score looks for
 * @property {string} title
 * @property {string} shortTitle          for places that name the kind already
 * @property {keyof Thresholds | null} threshold   the score names a head above this threshold
 * @property {keyof Thresholds | null} counting    the threshold that decides which cells count
 * @property {boolean} signed             the score runs from -1 to 1, not from 0 to 1
 * @property {boolean} proportional       the ratio to the uniform baseline is meaningful
 * @property {boolean} repeatsOnly        the score is defined on repeated tokens only
 * @property {string | null} sameAs       the id of another score that measures the same thing
 * @property {Column | null} column       null: the engine does not compute the score on every text
 * @property {OverSequences | null} overSequences   null: the engine does not compute it on repeated tokens
 * @property {string | null} printed      the words before the named heads, where verdicts are printed
 * @property {(thresholds: Thresholds) => { numerator: string, denominator: string }} words
 * @property {(subject: Subject, thresholds: Thresholds) => Sum} sum   one pass over the cells that count
 * @property {(cells: Uint8Array, subject: Subject, thresholds: Thresholds) => void} mark
 *   sets the bits of figures/marks.js in `cells`, `[query_pos, key_pos]`
 * @property {((subject: Omit<Subject, 'weights'>, query: number, key: number) => string) | null} cellWords
 *   how a cell of the numerator counts; null: by its weight
 *
 * @typedef {object} Printed              verdicts as ARENA's notebook prints them
 * @property {string} title               over the family's lines
 * @property {string} undefinedWords      when the text defines the score for no head
 *
 * @typedef {object} Family
 * @property {string} name
 * @property {string} title               over its columns in the table
 * @property {string} anchor              of its definition in docs/definitions.md
 * @property {Printed | null} printed     null: its verdicts are not printed
 * @property {readonly Score[]} scores
 */

/** The usual values of a record. */
const USUAL = Object.freeze({
  counting: null,
  signed: false,
  proportional: false,
  repeatsOnly: false,
  sameAs: null,
  column: null,
  overSequences: null,
  printed: null,
  cellWords: null,
});

/**
 * Completes a score with the usual values.
 * @param {Omit<Score, keyof typeof USUAL> & Partial<Score>} score
 * @returns {Score}
 */
export const scoreWith = (score) => Object.freeze({ ...USUAL, ...score });

/**
 * A numerator by a denominator; undefined where the denominator is 0.
 * @param {number} numerator
 * @param {number} denominator
 * @param {(value: string) => string} formulaOf
 * @returns {Sum}
 */
export function quotient(numerator, denominator, formulaOf) {
  const value = denominator > 0 ? numerator / denominator : null;
  const formula = value === null ? 'nothing to divide by' : formulaOf(inFormula(value));
  return { numerator, denominator, value, formula };
}

/** A sum of weights in a formula: two decimals. @param {number} value */
export const weightSum = (value) => (Number.isFinite(value) ? value.toFixed(2).replace('-', '−') : '–');

/** A score in a formula: three decimals. @param {number | null} value */
export const inFormula = (value) =>
  value === null || !Number.isFinite(value) ? '–' : value.toFixed(3).replace('-', '−');
