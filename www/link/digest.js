/**
 * A short digest of the figures that a link shows. Whoever opens the link learns whether their figures are
 * the same. Definition: docs/definitions.md#digest.
 *
 * The digest is no hash. A hash of rounded figures flips when a figure lies on a rounding edge, and does not
 * tell how far two machines differ. The digest holds the figures themselves, each in two base64url characters
 * (steps of 1/4094, about 0.00024). The page can tell a difference in numbers and name the head with the
 * largest difference.
 *
 *   digest = <tokens> "." <figures>       figures: `LINK_SCORES` one after the other, [layer][head] each
 *
 * Those scores are continuous. Dominant-weight fractions count rows against a threshold, and jump by 1/n.
 * A digest has at most `LIMIT` figures, evenly spread, so that a model of many heads has a short link.
 *
 * @typedef {import('../figures/heads.js').Detection} Detection
 * @typedef {import('../figures/sampled.js').Figure} Figure
 *
 * @typedef {object} Difference
 * @property {string} what                the figure's name
 * @property {number | null} theirs       in the link; null where undefined
 * @property {number | null} ours         on this page
 * @property {number} difference          1 where only one of them is defined
 *
 * @typedef {object} Comparison
 * @property {boolean} same
 * @property {number} compared            figures
 * @property {Difference | null} worst
 * @property {[number, number]} tokens    of the link and of this page
 */

import { perHead, thinned } from '../figures/sampled.js';
import { columnOf, KINDS, LINK_SCORES, scoreOf } from '../figures/scores/index.js';

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
const STEPS = 4094;
const ABSENT = 4095;

/** Two backends agree within about 1e-4, and rounding adds one step. A larger difference is a difference. */
export const TOLERANCE = 0.002;

/**
 * The figures in their order in the digest, each named after its kind and head.
 * @param {Detection} detection @returns {Figure[]}
 */
const figures = (detection) =>
  thinned(LINK_SCORES.flatMap((id) => perHead(kindWords(id), columnOf(id).scores(detection))));

/** The kind of head that a score looks for: `current token`. @param {string} id */
const kindWords = (id) => KINDS.find(({ kind }) => kind === scoreOf(id).kind)?.label.toLowerCase() ?? id;

/** The step of a figure from 0 to 1. @param {number | null} value */
const quantised = (value) =>
  value === null || !Number.isFinite(value) ? ABSENT : Math.round(Math.min(1, Math.max(0, value)) * STEPS);

/**
 * The digest of the detectors' figures.
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

/** Tells whether a string has the shape and at most the length of a digest. @param {string} digest */
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

/**
 * The largest difference.
 * @param {(number | null)[]} theirs
 * @param {Figure[]} ours
 * @returns {Difference | null}
 */
function furthest(theirs, ours) {
  /** @type {Difference | null} */ let worst = null;
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
 * The form of the studies' figures, which are not between 0 and 1: three characters each, steps of 1/4096
 * from -32 to 32. A figure beyond the ends counts as the nearest end.
 *
 *   findings = <kind> "." <figures> { "~" <kind> "." <figures> }
 */
const WIDE = { steps: 4096, middle: 1 << 17, absent: 0 };

/**
 * The digest of the studies' figures; null without studies.
 * @param {{ kind: string, figures: Figure[] }[]} findings
 */
export function findingsDigest(findings) {
  const parts = findings.map(({ kind, figures }) => `${kind}.${thinned(figures).map(wide).join('')}`);
  return parts.length ? parts.join('~') : null;
}

/** The code of a figure; the absent code for an undefined figure. @param {number | null} value */
function codeOf(value) {
  if (value === null || Number.isNaN(value)) return WIDE.absent;
  return Math.min(2 * WIDE.middle - 1, Math.max(1, Math.round(value * WIDE.steps) + WIDE.middle));
}

/** The figure of a code; null for the absent code. @param {number} code */
const decodedWide = (code) => (code === WIDE.absent ? null : (code - WIDE.middle) / WIDE.steps);

/** A figure, moved to the nearest end when it is beyond the ends. @param {number | null} value */
const within = (value) =>
  value === null || Number.isNaN(value)
    ? value
    : Math.min(Number(decodedWide(2 * WIDE.middle - 1)), Math.max(Number(decodedWide(1)), value));

/** The three characters of a figure. @param {Figure} figure */
function wide({ value }) {
  const code = codeOf(value);
  return ALPHABET[code >> 12] + ALPHABET[(code >> 6) & 63] + ALPHABET[code & 63];
}

/** Tells whether a string has the shape and at most the length of findings. @param {string} digest */
export const isFindings = (digest) =>
  digest.length <= 8192 && /^[a-z-]{1,32}\.(?:[\w-]{3})+(?:~[a-z-]{1,32}\.(?:[\w-]{3})+)*$/.test(digest);

/**
 * Compares a link's figures of one study with the figures computed here; null where the link has none.
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
    return decodedWide(Math.min(high, middle, low) < 0 ? WIDE.absent : (high << 12) | (middle << 6) | low);
  });
  const worst = furthest(theirs, ours);
  return {
    same: body.length === 3 * ours.length && (worst?.difference ?? 0) <= TOLERANCE,
    compared: ours.length,
    worst,
  };
}
