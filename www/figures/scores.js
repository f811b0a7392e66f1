/**
 * The scores there are, by id: what each is called, what it counts, and which threshold it goes by. The ids
 * of the table's
 * columns, and those of the definitions that no column has: TransformerLens' options, and the stripes of
 * repeated sequences.
 *
 * @typedef {'current' | 'previous' | 'first'} Simple
 * @typedef {'previous' | 'duplicate' | 'induction'} Ideal
 * @typedef {{ id: string, family: 'dominant', kind: Simple }} Dominant
 * @typedef {{ id: string, family: 'mean', kind: Simple }} Mean
 * @typedef {{ id: string, family: 'matching', kind: 'induction' | 'duplicate' }} Matching
 * @typedef {{ bos: boolean, current: boolean }} Excluded
 * @typedef {{ id: string, family: 'detect', kind: Ideal, measure: 'mul' | 'abs', excluded: Excluded }} Detect
 * @typedef {{ id: string, family: 'stripe', kind: 'induction', strict: boolean }} Stripe
 * @typedef {Dominant | Mean | Matching | Detect | Stripe} Score
 * @typedef {import('./heads.js').Thresholds} Thresholds
 */

import { figure } from '../base/format.js';

const PATTERN =
  /^(?:(dominant|mean)-(current|previous|first)|(matching)-(induction|duplicate)|(detect)-(previous|duplicate|induction)-(mul|abs)(-bos)?(-current)?|(stripe|strict))$/;

/** Reads an id; null for anything else. @param {string | null | undefined} id @returns {Score | null} */
export function parseScore(id) {
  const found = PATTERN.exec(id ?? '');
  if (!found || !id) return null;
  const [, simple, simpleKind, matching, matchingKind, detect, ideal, measure, bos, current] = found;
  /** @type {any} */ let score = { id, family: 'stripe', kind: 'induction', strict: id === 'strict' };
  if (simple) score = { id, family: simple, kind: simpleKind };
  if (matching) score = { id, family: 'matching', kind: matchingKind };
  if (detect)
    score = {
      id,
      family: 'detect',
      kind: ideal,
      measure,
      excluded: { bos: Boolean(bos), current: Boolean(current) },
    };
  return score;
}

/** Of a score known to be one. @param {string} id @returns {Score} */
export function scoreOf(id) {
  const score = parseScore(id);
  if (!score) throw new Error(`There is no score ${id}.`);
  return score;
}

/** What a score is called: `Dominant weight, previous token`. @param {Score} score */
export function titleOf(score) {
  switch (score.family) {
    case 'dominant':
      return `Dominant weight, ${score.kind} token`;
    case 'mean':
      return `Mean score, ${score.kind} token`;
    case 'matching':
      return `Token matching, ${score.kind}`;
    case 'detect':
      return `TransformerLens detect_head, ${score.kind}, ${score.measure}${optionsOf(score)}`;
    case 'stripe':
      return score.strict ? 'Induction stripe, strict' : 'Induction stripe, the notebook’s';
  }
}

/** The same where its kind is said already: `detect_head mul, exclude_bos`. @param {Score} score */
export function shortTitleOf(score) {
  if (score.family === 'dominant') return 'Dominant weight';
  if (score.family === 'mean') return 'Mean score';
  if (score.family === 'matching') return 'Token matching';
  return score.family === 'detect' ? `detect_head ${score.measure}${optionsOf(score)}` : titleOf(score);
}

/** @param {Detect} score */
function optionsOf({ excluded }) {
  const named = [excluded.bos && 'exclude_bos', excluded.current && 'exclude_current_token'].filter(Boolean);
  return named.length ? `, ${named.join(', ')}` : '';
}

/**
 * The name of the threshold that a score goes by; TransformerLens gives none for `abs`, which goes from −1 to
 * 1.
 * @param {Score} score
 * @returns {keyof Thresholds | null}
 */
export function thresholdNameOf(score) {
  if (score.family === 'dominant') return 'fraction';
  return score.family === 'detect' ? null : 'mean';
}

/**
 * Whether a score names a head, in words; of `mul`, which has no threshold, how it stands beside uniform
 * attention.
 * @param {Score} score
 * @param {number | null} value
 * @param {number | null} nullLine
 * @param {Thresholds} thresholds
 */
export function verdictWords(score, value, nullLine, thresholds) {
  const name = thresholdNameOf(score);
  if (value === null) return 'The score is not defined on this text.';
  if (name === null) {
    const beside = besideNull(score, value, nullLine);
    return `TransformerLens gives no threshold for this one.${beside ? ` It is ${beside}.` : ''}`;
  }
  const threshold = figure(thresholds[name]);
  return value > thresholds[name]
    ? `${figure(value, 3)} > ${threshold}: the head is named`
    : `${figure(value, 3)} ≤ ${threshold}: the head is not named`;
}

/**
 * The null line in words, and whether the score says anything where it stands.
 * @param {Score} score
 * @param {number | null} nullLine
 * @param {Thresholds} thresholds
 * @param {string} on what it is of
 */
export function nullWords(score, nullLine, thresholds, on) {
  const itself = nullPasses(score, nullLine, thresholds)
    ? '. It passes the threshold by itself: the score says nothing here'
    : '';
  return `${figure(nullLine, 3)}, what uniform attention scores on ${on}${itself}`;
}

/** @param {Score} score @param {number | null} nullLine @param {Thresholds} thresholds */
export function nullPasses(score, nullLine, thresholds) {
  const name = thresholdNameOf(score);
  return name !== null && nullLine !== null && nullLine > thresholds[name];
}

/**
 * How a score without a threshold stands beside its null line: `3.2 times its null line`. Only for `mul`:
 * `abs` goes below 0,
 * and with something excluded it rewards a head for what it leaves out.
 * @param {Score} score @param {number | null} value @param {number | null} nullLine @returns {string | null}
 */
export function besideNull(score, value, nullLine) {
  if (
    score.family !== 'detect' ||
    score.measure !== 'mul' ||
    value === null ||
    nullLine === null ||
    nullLine <= 0
  )
    return null;
  return value > nullLine ? `${figure(value / nullLine, 1)} times its null line` : 'not above its null line';
}

const FOLLOWED = {
  previous: 'the cell of the previous token',
  duplicate: 'cells of earlier occurrences of the query’s token',
  induction: 'cells of what followed earlier occurrences of the query’s token',
};

/**
 * What a score divides by what, in words: what is marked as numerator, and as denominator.
 * @param {Score} score @param {Thresholds} thresholds @returns {{ numerator: string, denominator: string }}
 */
export function wordsOf(score, { active }) {
  switch (score.family) {
    case 'dominant':
      return {
        numerator: `rows whose largest weight is on the ${score.kind} token and above ${figure(active)}`,
        denominator: 'all rows, each by the cell it is judged by',
      };
    case 'mean':
      return {
        numerator: `the weights on the ${score.kind} token`,
        denominator: 'the number of those cells',
      };
    case 'matching':
      return {
        numerator: `the weights on ${FOLLOWED[score.kind]}`,
        denominator: 'the rows whose token occurred before; the weights of each sum to 1',
      };
    case 'detect': {
      const but = [score.excluded.bos && 'column 0', score.excluded.current && 'the diagonal']
        .filter(Boolean)
        .join(' and ');
      const all = but ? `all weights but ${but}` : 'all weights';
      return score.measure === 'mul'
        ? { numerator: `the weights on ${FOLLOWED[score.kind]}`, denominator: `${all}` }
        : {
            numerator: `every cell${but ? ` but ${but}` : ''}, by how far it is from the ideal pattern: what the weights on ${FOLLOWED[score.kind]} lack to 1, and the other weights as they are`,
            denominator: 'the number of rows, each the weights it holds, which sum to 1',
          };
    }
    case 'stripe':
      return {
        numerator: score.strict
          ? 'the weights on the stripe, second copy only'
          : 'the weights on the stripe, all of its diagonal',
        denominator: 'the number of those cells',
      };
  }
}
