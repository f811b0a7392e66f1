/**
 * The figures beyond the detectors' that a link carries and a page compares: those of the studies, and those
 * of a pattern weighted by values. Pure. Every change of the state asks for them, so each value's figures are
 * made once.
 *
 * @typedef {import('../state/state.js').State} State
 * @typedef {import('../figures/sampled.js').Figure} Figure
 *
 * @typedef {object} Part
 * @property {string} kind
 * @property {string | null} [unfolded]   the kind of the same figures without folded norms, in older links
 * @property {string} title
 * @property {Figure[] | null} figures    null while they are computed, or when there is a problem
 * @property {import('../state/state.js').Problem | null} problem
 */

import { cellFigures } from '../figures/sampled.js';
import { WEIGHTED } from '../figures/weighted.js';
import { STUDIES } from '../studies/all.js';
import { found, standing, wanted } from '../studies/study.js';

/** Cells of a weighted pattern in a link. */
const KEPT = 64;

/** @type {WeakMap<object, Figure[]>} */
const made = new WeakMap();

/** The figures of a study's value. @param {object} value @param {() => Figure[]} make */
function once(value, make) {
  const figures = made.get(value) ?? make();
  made.set(value, figures);
  return figures;
}

/** Every part that the page shows. @param {State} state @returns {Part[]} */
export function partsOf(state) {
  const normed = Boolean(state.result?.model.config.normalization_type);
  const studied = STUDIES.flatMap((study) => {
    const { kind, figures, foldedKind } = study;
    if (!figures || wanted(state, study) === null) return [];
    const value = found(state, study);
    const folded = normed ? foldedKind : undefined;
    return [
      {
        kind: folded ?? kind,
        unfolded: folded ? kind : null,
        title: study.title ?? kind,
        figures: value && once(value, () => figures(value)),
        problem: standing(state, study).problem,
      },
    ];
  });
  return [...studied, ...weightedPart(state)];
}

/**
 * The figures of each run's weighted patterns, by head and weighting. They stay while another head is shown.
 * @type {WeakMap<object, Map<string, Figure[]>>}
 */
const patterns = new WeakMap();

/** @param {State} state @returns {Part[]} */
function weightedPart(state) {
  const { result, view } = state;
  if (!result || view.head === null || view.weighted === 'attention') return [];
  return [
    {
      kind: 'weighted',
      title: `the pattern by ${WEIGHTED[view.weighted].scale}`,
      figures: weightedFigures(state),
      problem: null,
    },
  ];
}

/**
 * The figures of the weighted pattern; null without one, or until it arrives.
 * @param {State} state
 * @returns {Figure[] | null}
 */
export function weightedFigures({ result, pattern, view: { head, weighted } }) {
  if (!result || head === null || weighted === 'attention') return null;
  const ofRun = patterns.get(result) ?? new Map();
  patterns.set(result, ofRun);
  const key = `${head} ${weighted}`;
  if (
    !ofRun.has(key) &&
    pattern?.head === head &&
    pattern.by === weighted &&
    pattern.weights.length === result.seq ** 2
  ) {
    const what = `${WEIGHTED[weighted].scale} of head ${head}`;
    ofRun.set(key, [
      { what: `the largest ${what}`, value: pattern.max },
      ...cellFigures(pattern.weights, result.seq, what, KEPT),
    ]);
  }
  return ofRun.get(key) ?? null;
}

/**
 * The figures of every part that has them, by kind.
 * @param {State} state
 * @returns {{ kind: string, figures: Figure[] }[]}
 */
export const foundFigures = (state) =>
  partsOf(state).flatMap(({ kind, figures }) => (figures ? [{ kind, figures }] : []));
