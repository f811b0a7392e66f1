/**
 * The content of the tables of definitions: for every head and kind, how many definitions name it and where
 * they disagree; the head that each definition ranks first; every figure of the pinned head. Pure.
 *
 * @typedef {import('../state/types.js').State} State
 * @typedef {import('../figures/heads.js').Detection} Detection
 * @typedef {import('../figures/heads.js').Kind} Kind
 * @typedef {import('../figures/heads.js').Thresholds} Thresholds
 * @typedef {import('../figures/definitions.js').Agreement} Agreement
 * @typedef {import('../figures/definitions.js').Measured & { sd: number | null }} Measured
 * @typedef {import('../figures/scores/record.js').Score} Score
 * @typedef {import('./repeated.js').Repeated} Repeated
 *
 * @typedef {object} Sources              where the figures come from
 * @property {Detection} detection        of the text
 * @property {import('./options.js').Options | null} options   of the pinned head
 * @property {Repeated | null} repeats    of repeated tokens
 *
 * @typedef {object} MapCell              one kind of one head
 * @property {Kind} kind
 * @property {string} words               `2 of 3`; a dash without a vote
 * @property {boolean} named              some definition names the head
 * @property {string} why                 the vote of each definition
 * @property {Mark | null} mark           null where the definitions agree
 *
 * @typedef {{ short: string, why: string }} Mark   how definitions disagree
 *
 * @typedef {object} FirstCell            the heads that the definitions of a kind rank first
 * @property {Kind} kind
 * @property {boolean} apart              the definitions rank different heads first
 * @property {{ head: string, by: string }[]} heads
 *
 * @typedef {object} HeadRow              one definition on the pinned head
 * @property {Score} score
 * @property {string} value
 * @property {string} sd                  empty without a spread
 * @property {string} uniform
 * @property {string} threshold           empty without a threshold
 * @property {boolean} named
 * @property {string} verdict
 *
 * @typedef {{ kind: Kind, label: string, differs: string, rows: HeadRow[] }} HeadKind
 */

import { counted, figure } from '../base/format.js';
import { nameOf, parseHead } from '../base/heads.js';
import { agreement, disagree, firstBy } from '../figures/definitions.js';
import { KINDS, scoreOf, scoresFor } from '../figures/scores/index.js';
import { overSequences, uniformStripe } from '../figures/stripes.js';
import { besideUniform } from '../figures/verdict_words.js';
import { thresholdsOf } from '../state/view.js';
import { answer } from './answer.js';
import { options } from './options.js';
import { repeated } from './repeated.js';
import { found, latest } from './study.js';

/**
 * The sources; null before the first run. Until the visitor repeats tokens, the stripes are the answer's.
 * @param {State} state @returns {Sources | null}
 */
export const sourcesOf = (state) =>
  state.detection && {
    detection: state.detection,
    options: found(state, options),
    repeats: latest(state, repeated)?.value ?? latest(state, answer)?.value.repeats ?? null,
  };

/** The repeated tokens of the stripes, in words. @param {Pick<Sources, 'repeats'>} sources */
export function stripesWords({ repeats }) {
  if (!repeats) return 'The stripes are not measured yet. ';
  const { tokens } = repeats;
  return `Stripes: ${counted(tokens.length, 'sequence')} of ${(tokens[0].length - 1) / 2} repeated tokens. `;
}

/** Every head, in the model's order. @param {Sources} sources @returns {string[]} */
export const headsOf = ({ detection }) =>
  detection.mean.current.flatMap((heads, layer) => heads.map((_, head) => nameOf(layer, head)));

/**
 * The row of one head.
 * @param {Sources} sources @param {Pick<State, 'view'>} state @param {string} name @returns {MapCell[]}
 */
export function mapRow(sources, { view }, name) {
  const { layer, head } = parseHead(name) ?? { layer: 0, head: 0 };
  const thresholds = thresholdsOf(view);
  return KINDS.map(({ kind }) => mapCell(kind, measuredOf(sources, kind, layer, head), thresholds));
}

/** @param {Kind} kind @param {Measured[]} measured @param {Thresholds} thresholds @returns {MapCell} */
function mapCell(kind, measured, thresholds) {
  const told = agreement(measured, thresholds);
  const named = told.votes.filter((vote) => vote.named).length;
  const votes = told.votes.map((vote) => `${scoreOf(vote.id).shortTitle}: ${vote.named ? 'yes' : 'no'}`);
  const ratios = told.ratios.map(
    ({ id, times }) => `${scoreOf(id).shortTitle}: ${figure(times, 1)} times the uniform baseline`,
  );
  return {
    kind,
    words: told.votes.length ? `${named} of ${told.votes.length}` : '–',
    named: named > 0,
    why: [...votes, ...ratios].join('; '),
    mark: markOf(told),
  };
}

/** How definitions disagree; null when they agree. @param {Agreement} told @returns {Mark | null} */
function markOf(told) {
  if (!disagree(told)) return null;
  const short = told.atThresholds ? '≠' : told.stripes ? '≠ stripes' : '≠ baseline';
  const why = [
    told.atThresholds && 'they disagree at the thresholds',
    told.atUniform && 'mul is not above uniform attention, and another definition supports the head',
    told.stripes && 'one stripe is at least twice the other',
  ];
  return { short, why: why.filter(Boolean).join('; ') };
}

/** One cell a kind. @param {Sources} sources @returns {FirstCell[]} */
export const firstOf = (sources) =>
  KINDS.map(({ kind }) => {
    const definitions = scoresFor(kind).flatMap(({ id, column, overSequences: engine }) => {
      const scores = column
        ? column.scores(sources.detection)
        : engine && sources.repeats && engine.scores(sources.repeats);
      return scores ? [{ id, scores }] : [];
    });
    const firsts = firstBy(definitions);
    const apart = firsts.length > 1;
    const heads = firsts.map(({ head, ids }) => ({ head, by: apart ? byNames(ids) : byAll(ids.length) }));
    return { kind, apart, heads };
  });

/** @param {string[]} ids */
const byNames = (ids) => `by ${ids.map((id) => scoreOf(id).shortTitle).join(', ')}`;
/** @param {number} definitions */
const byAll = (definitions) => (definitions === 1 ? 'by the only definition' : `by all ${definitions}`);

/**
 * Every definition on the pinned head, kind by kind; null without a pinned head.
 * @param {Sources} sources
 * @param {State} state
 * @returns {HeadKind[] | null}
 */
export function headOf(sources, { view }) {
  const at = parseHead(view.head);
  if (!at) return null;
  const thresholds = thresholdsOf(view);
  return KINDS.map(({ kind, label }) => {
    const measured = measuredOf(sources, kind, at.layer, at.head);
    const told = agreement(measured, thresholds);
    const mark = markOf(told);
    const rows = measured.map((one) => headRow(one, told, thresholds));
    return { kind, label, differs: mark ? ` ≠ ${mark.why}` : '', rows };
  });
}

/** @param {Measured} measured @param {Agreement} told @param {Thresholds} thresholds @returns {HeadRow} */
function headRow({ id, value, uniform, sd }, told, thresholds) {
  const score = scoreOf(id);
  const vote = told.votes.find((other) => other.id === id);
  return {
    score,
    value: figure(value, score.signed ? 3 : 4),
    sd: sd === null ? '' : figure(sd, 4),
    uniform: figure(uniform, 3),
    threshold: score.threshold ? figure(thresholds[score.threshold]) : '',
    named: vote?.named ?? false,
    verdict: vote ? (vote.named ? 'named' : 'not named') : withoutVote(score, value, uniform),
  };
}

/**
 * The verdict of a definition without a vote.
 * @param {Score} score
 * @param {number | null} value
 * @param {number | null} uniform
 */
function withoutVote(score, value, uniform) {
  if (score.threshold && value !== null) return 'no vote: the uniform baseline passes';
  return besideUniform(score, value, uniform) ?? '';
}

/**
 * The figures of every definition of a kind on one head.
 * @param {Sources} sources
 * @param {Kind} kind
 * @param {number} layer
 * @param {number} head
 * @returns {Measured[]}
 */
function measuredOf({ detection, options: extra, repeats }, kind, layer, head) {
  const name = nameOf(layer, head);
  return scoresFor(kind).map((score) => {
    const { id, column } = score;
    if (column) {
      const value = column.scores(detection)[layer]?.[head] ?? null;
      return { id, value, uniform: column.uniform(detection), sd: null };
    }
    if (score.overSequences) {
      const over = repeats && overSequences(score, repeats, name);
      const uniform = repeats && uniformStripe(score, repeats);
      return { id, value: over?.value ?? null, uniform, sd: over?.sd ?? null };
    }
    const own = extra?.head === name ? extra.scores[id] : undefined;
    return { id, value: own?.value ?? null, uniform: own?.uniform ?? null, sd: null };
  });
}
