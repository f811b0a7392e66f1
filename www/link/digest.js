/**
 * A short digest of the figures a link shows, so that whoever opens it learns whether they came out the same.
 *
 * It is not a hash: a hash of rounded figures flips when a figure sits on a rounding edge, and says nothing
 * about how far
 * apart two machines are. It is the figures themselves, each in two base64url characters (steps of 1/4094,
 * about
 * 0.00024), so that a difference can be told in numbers and the head with the largest one named.
 *
 *   digest = <tokens> "." <figures>       figures: mean current, previous, first and token-matching
 *   induction, [layer][head]
 *
 * They are the continuous scores; the dominant-weight fractions count rows against a threshold and jump by
 * 1/n.
 * At most LIMIT figures are kept, evenly spread, so that a model of many heads does not lengthen the link.
 *
 * @typedef {import('../figures/heads.js').Detection} Detection
 * @typedef {import('../figures/sampled.js').Figure} Figure
 * @typedef
 *   {{ same: boolean, compared: number, worst: { what: string, theirs: number | null, ours: number | null, difference: number } | null, tokens: [number, number] }}
 *   Comparison
 */

import { perHead, thinned } from '../figures/sampled.js';

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
const STEPS = 4094;
const ABSENT = 4095;

/** Two backends agree on a figure to about 1e-4; rounding adds one step. Beyond this they differ. */
export const TOLERANCE = 0.002;

/**
 * The figures in the order they are kept, each with the words that name it.
 * @param {Detection} detection @returns {Figure[]}
 */
function figures(detection) {
  const sources = [
    { what: 'current token', scores: detection.mean.current },
    { what: 'previous token', scores: detection.mean.previous },
    { what: 'first token', scores: detection.mean.first },
    { what: 'induction', scores: detection.token_matching.induction },
  ];
  return thinned(sources.flatMap(({ what, scores }) => perHead(what, scores)));
}

/** @param {number | null} value */
const quantised = (value) =>
  value === null || !Number.isFinite(value) ? ABSENT : Math.round(Math.min(1, Math.max(0, value)) * STEPS);

/**
 * @param {Detection} detection @param {number} seq tokens, BOS included
 * @returns {string}
 */
export function digestOf(detection, seq) {
  const body = figures(detection).map(({ value }) => {
    const step = quantised(value);
    return ALPHABET[step >> 6] + ALPHABET[step & 63];
  });
  return `${seq}.${body.join('')}`;
}

/** Whether a string has a digest's shape, and no more than a digest's length. @param {string} digest */
export const isDigest = (digest) => /^\d{1,7}\.(?:[\w-]{2}){1,256}$/.test(digest);

/**
 * Compares a link's digest with the figures computed here.
 * @param {string} digest @param {Detection} detection @param {number} seq @returns {Comparison}
 */
export function compare(digest, detection, seq) {
  const [tokens, body] = [Number(digest.split('.')[0]), digest.split('.')[1]];
  const ours = figures(detection);
  const theirs = ours.map((_, at) => {
    const step = ALPHABET.indexOf(body[2 * at] ?? '') * 64 + ALPHABET.indexOf(body[2 * at + 1] ?? '');
    return step < 0 || step === ABSENT ? null : step / STEPS;
  });
  const worst = furthest(theirs, ours);
  const sameShape = tokens === seq && body.length === 2 * ours.length;
  return {
    same: sameShape && (worst?.difference ?? 0) <= TOLERANCE,
    compared: ours.length,
    worst,
    tokens: [tokens, seq],
  };
}

/** @param {(number | null)[]} theirs @param {Figure[]} ours @returns {Comparison['worst']} */
function furthest(theirs, ours) {
  /** @type {Comparison['worst']} */ let worst = null;
  ours.forEach(({ what, value }, at) => {
    const mine = value !== null && Number.isFinite(value) ? value : null;
    const other = theirs[at];
    const difference =
      other === null && mine === null ? 0 : other === null || mine === null ? 1 : Math.abs(other - mine);
    if (!worst || difference > worst.difference) worst = { what, theirs: other, ours: mine, difference };
  });
  return worst;
}

/**
 * Figures of experiments, in three characters each: losses and log-probabilities are not between 0 and 1.
 * Steps of 1/4096
 * from -32 to 32; what is beyond counts as the nearest there is.
 *
 *   findings = <kind> "." <figures> { "~" <kind> "." <figures> }
 */
const WIDE = { steps: 4096, middle: 1 << 17, absent: 0 };

/** @param {{ kind: string, figures: Figure[] }[]} findings @returns {string | null} */
export function findingsDigest(findings) {
  const parts = findings.map(({ kind, figures }) => `${kind}.${thinned(figures).map(wide).join('')}`);
  return parts.length ? parts.join('~') : null;
}

/** The code of a figure, which is the absent one where it is no number. @param {number | null} value */
function codeOf(value) {
  if (value === null || Number.isNaN(value)) return WIDE.absent;
  return Math.min(2 * WIDE.middle - 1, Math.max(1, Math.round(value * WIDE.steps) + WIDE.middle));
}

/** What a code stands for. @param {number} code */
const valueOf = (code) => (code === WIDE.absent ? null : (code - WIDE.middle) / WIDE.steps);

/** A figure as near as a digest holds it where it is beyond the ends. @param {number | null} value */
const within = (value) =>
  value === null || Number.isNaN(value)
    ? value
    : Math.min(Number(valueOf(2 * WIDE.middle - 1)), Math.max(Number(valueOf(1)), value));

/** @param {Figure} figure */
function wide({ value }) {
  const code = codeOf(value);
  return ALPHABET[code >> 12] + ALPHABET[(code >> 6) & 63] + ALPHABET[code & 63];
}

/** Whether a string has the shape of findings, and no more than their length. @param {string} digest */
export const isFindings = (digest) =>
  digest.length <= 8192 && /^[a-z-]{1,32}\.(?:[\w-]{3})+(?:~[a-z-]{1,32}\.(?:[\w-]{3})+)*$/.test(digest);

/**
 * Compares what a link says of one kind with what was found here; null where it says nothing of it.
 * @param {string} digest
 * @param {string} kind
 * @param {Figure[]} figures
 * @returns {Omit<Comparison, 'tokens'> | null}
 */
export function compareFindings(digest, kind, figures) {
  const part = digest.split('~').find((one) => one.startsWith(`${kind}.`));
  if (part === undefined) return null;
  const body = part.slice(kind.length + 1);
  const ours = thinned(figures).map(({ what, value }) => ({ what, value: within(value) }));
  const theirs = ours.map((_, at) => {
    const [high, middle, low] = [0, 1, 2].map((place) => ALPHABET.indexOf(body[3 * at + place] ?? ''));
    return valueOf(Math.min(high, middle, low) < 0 ? WIDE.absent : (high << 12) | (middle << 6) | low);
  });
  const worst = furthest(theirs, ours);
  return {
    same: body.length === 3 * ours.length && (worst?.difference ?? 0) <= TOLERANCE,
    compared: ours.length,
    worst,
  };
}
