/**
 * What a page shows beyond the detectors' figures, and a link holds to account: what its studies found, and
 * the pattern that
 * is weighted by values. Pure, and asked at every change of the state: the figures of a value are made once.
 *
 * @typedef {import('../state/state.js').State} State
 * @typedef {import('../figures/sampled.js').Figure} Figure
 * @typedef
 *   {{ kind: string, title: string, figures: Figure[] | null, problem: import('../state/state.js').Problem | null }}
 *   Part
 *   figures null: on its way, or what went wrong with it
 */

import { cellFigures } from '../figures/sampled.js';
import { WEIGHTED } from '../figures/weighted.js';
import { STUDIES } from '../studies/all.js';
import { found, standing, wanted } from '../studies/study.js';

/** Of a weighted pattern a link keeps as many cells. */
const KEPT = 64;

/** @type {WeakMap<object, Figure[]>} */
const made = new WeakMap();

/** @param {object} value @param {() => Figure[]} make */
function once(value, make) {
  const figures = made.get(value) ?? make();
  made.set(value, figures);
  return figures;
}

/** Every part that is open. @param {State} state @returns {Part[]} */
export function partsOf(state) {
  const studied = STUDIES.flatMap((study) => {
    const { kind, figures } = study;
    if (!figures || wanted(state, study) === null) return [];
    const value = found(state, study);
    return [
      {
        kind,
        title: study.title ?? kind,
        figures: value && once(value, () => figures(value)),
        problem: standing(state, study).problem,
      },
    ];
  });
  return [...studied, ...weightedPart(state)];
}

/**
 * Of each run the figures of its weighted patterns: they stay what they are while another head is looked at.
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
 * Of the pattern that is weighted by values; null where none is, or while it is on its way.
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
 * The figures of every part that is there, by kind: what a link holds them by.
 * @param {State} state
 * @returns {{ kind: string, figures: Figure[] }[]}
 */
export const foundFigures = (state) =>
  partsOf(state).flatMap(({ kind, figures }) => (figures ? [{ kind, figures }] : []));
