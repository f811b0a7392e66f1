/**
 * A short digest of the figures a link shows, so that whoever opens it learns whether they came out the same.
 *
 * It is not a hash: a hash of rounded figures flips when a figure sits on a rounding edge, and says nothing about how far
 * apart two machines are. It is the figures themselves, each in two base64url characters (steps of 1/4094, about
 * 0.00024), so that a difference can be told in numbers and the head with the largest one named.
 *
 *   digest = <tokens> "." <figures>       figures: mean current, previous, first and token-matching induction, [layer][head]
 *
 * They are the continuous scores; the dominant-weight fractions count rows against a threshold and jump by 1/n.
 * At most LIMIT figures are kept, evenly spread, so that a model of many heads does not lengthen the link.
 *
 * @typedef {import('./heads.js').Detection} Detection
 * @typedef {{ same: boolean, compared: number, worst: { what: string, theirs: number | null, ours: number | null, difference: number } | null, tokens: [number, number] }} Comparison
 */

import { nameOf } from './heads.js';

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
const STEPS = 4094;
const ABSENT = 4095;
const LIMIT = 256;

/** Two backends agree on a figure to about 1e-4; rounding adds one step. Beyond this they differ. */
export const TOLERANCE = 0.002;

/**
 * The figures in the order they are kept, each with the words that name it.
 * @param {Detection} detection @returns {{ what: string, value: number | null }[]}
 */
function figures(detection) {
  const sources = [
    { what: 'current token', scores: detection.mean.current },
    { what: 'previous token', scores: detection.mean.previous },
    { what: 'first token', scores: detection.mean.first },
    { what: 'induction', scores: detection.token_matching.induction },
  ];
  const all = sources.flatMap(({ what, scores }) =>
    scores.flatMap((row, layer) => row.map((value, head) => ({ what: `${what} of head ${nameOf(layer, head)}`, value }))),
  );
  const stride = Math.max(1, Math.ceil(all.length / LIMIT));
  return all.filter((_, index) => index % stride === 0);
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
  /** @type {Comparison['worst']} */ let worst = null;
  for (let at = 0; at < ours.length; at++) {
    const step = ALPHABET.indexOf(body[2 * at] ?? '') * 64 + ALPHABET.indexOf(body[2 * at + 1] ?? '');
    const theirs = step < 0 || step === ABSENT ? null : step / STEPS;
    const mine = quantised(ours[at].value) === ABSENT ? null : /** @type {number} */ (ours[at].value);
    const difference = theirs === null && mine === null ? 0 : theirs === null || mine === null ? 1 : Math.abs(theirs - mine);
    if (!worst || difference > worst.difference) worst = { what: ours[at].what, theirs, ours: mine, difference };
  }
  const sameShape = tokens === seq && body.length === 2 * ours.length;
  return { same: sameShape && (worst?.difference ?? 0) <= TOLERANCE, compared: ours.length, worst, tokens: [tokens, seq] };
}
