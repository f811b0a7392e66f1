/**
 * Every score family, and the tables that are derived from them. A new detector is a file here and a line in
 * `FAMILIES`.
 *
 * @typedef {object} Detection the detectors' figures of every head
 * @property {import('./dominant.js').Figures} dominant
 * @property {import('./mean.js').Figures} mean
 * @property {import('./offset.js').Figures} offset
 * @property {import('./matching.js').Figures} token_matching
 * @property {import('./neuronpedia.js').Figures} neuronpedia_induction
 * @property {import('./detect.js').Figures} head_detector
 * @property {UniformBaseline} null docs/definitions.md#uniform-baseline
 *
 * @typedef {object} UniformBaseline the score of uniform causal attention on the same text, one figure a
 *   detector
 * @property {import('./dominant.js').Uniform} dominant
 * @property {import('./mean.js').Uniform} mean
 * @property {import('./offset.js').Uniform} offset
 * @property {import('./matching.js').Uniform} token_matching
 * @property {import('./neuronpedia.js').Uniform} neuronpedia_induction
 * @property {import('./detect.js').Uniform} head_detector
 * @property {Record<'dominant' | 'mean', Record<import('./cells.js').Simple, boolean>>} passes
 *   whether uniform attention would be named at these thresholds: then a named head tells nothing
 *
 * @typedef {import('./record.js').Score} Score
 * @typedef {typeof KINDS[number]['kind']} Kind   of head
 * @typedef {import('./record.js').Column & { id: string, group: string,
 *   threshold: keyof import('./record.js').Thresholds | null }} TableColumn
 */

import { detect } from './detect.js';
import { dominant } from './dominant.js';
import { matching } from './matching.js';
import { mean } from './mean.js';
import { neuronpedia } from './neuronpedia.js';
import { offset } from './offset.js';
import { stripe } from './stripe.js';

/**
 * In the order of the table and of the lists of definitions.
 * @type {readonly import('./record.js').Family[]}
 */
export const FAMILIES = Object.freeze([dominant, mean, offset, matching, neuronpedia, detect, stripe]);

/** The kinds of head in the order of the page, and the score that judges each kind on the first screen. */
export const KINDS = Object.freeze(
  /** @type {const} */ ([
    { kind: 'current', label: 'Current token', judge: 'dominant-current' },
    { kind: 'previous', label: 'Previous token', judge: 'dominant-previous' },
    { kind: 'first', label: 'First token', judge: 'dominant-first' },
    { kind: 'offset', label: 'Offset', judge: 'offset' },
    { kind: 'induction', label: 'Induction', judge: 'matching-induction' },
    { kind: 'duplicate', label: 'Duplicate token', judge: 'matching-duplicate' },
  ]),
);

/**
 * The scores whose figures a link of version 1 carries, in their order in its digest. Frozen: a change would
 * make links already sent differ.
 */
export const LINK_SCORES = Object.freeze([
  'mean-current',
  'mean-previous',
  'mean-first',
  'matching-induction',
]);

/** @type {readonly Score[]} */
export const SCORES = Object.freeze(FAMILIES.flatMap(({ scores }) => scores));

/** The scores that the engine computes over repeated tokens. */
export const OVER_SEQUENCES = Object.freeze(SCORES.filter(({ overSequences }) => overSequences));

const BY_ID = new Map(SCORES.map((score) => [score.id, score]));

/** Finds the score of an id, which may come from a link. @param {string | null | undefined} id */
export const parseScore = (id) => BY_ID.get(id ?? '') ?? null;

/** The score of an id that the page itself names. @param {string} id */
export function scoreOf(id) {
  const score = BY_ID.get(id);
  if (!score) throw new Error(`There is no score ${id}.`);
  return score;
}

/** The family of a score. @param {Score} score */
export function familyOf(score) {
  const family = FAMILIES.find(({ scores }) => scores.includes(score));
  if (!family) throw new Error(`The score ${score.id} has no family.`);
  return family;
}

/** The scores that look for a kind of head. @param {Kind} kind */
export const scoresFor = (kind) => SCORES.filter((score) => score.kind === kind);

/** The columns of the table of every head's figures. @type {readonly TableColumn[]} */
export const COLUMNS = Object.freeze(
  FAMILIES.flatMap(({ title, scores }) =>
    scores.flatMap(({ id, threshold, column }) =>
      column ? [{ id, group: title, threshold, ...column }] : [],
    ),
  ),
);

/** The column of a score that the engine computes on every text. @param {string} id */
export function columnOf(id) {
  const column = COLUMNS.find((one) => one.id === id);
  if (!column) throw new Error(`The score ${id} has no column.`);
  return column;
}
