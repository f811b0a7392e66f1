/**
 * The table of every head's figures: which columns there are, how a head's row reads, and how rows are put in
 * order.
 *
 * @typedef {import('./heads.js').Detection} Detection
 * @typedef {import('./heads.js').Thresholds} Thresholds
 * @typedef {{
 *   id: string, group: string, label: string, hint: string,
 *   scores(detection: Detection): import('./heads.js').Scores, nullLine(detection: Detection): number | null,
 *   threshold: keyof Thresholds | null,
 * }} Column
 * @typedef {{ name: string, order: number, values: (number | null)[] }} Row
 */

import { nameOf } from '../base/heads.js';

/** @type {Column[]} */
const COLUMNS = [];

for (const kind of /** @type {const} */ (['current', 'previous', 'first'])) {
  COLUMNS.push({
    id: `dominant-${kind}`,
    group: 'Dominant weight',
    label: kind,
    threshold: 'fraction',
    hint: `Share of the rows whose largest weight is on the ${kind} token and above the active threshold`,
    scores: ({ dominant }) => dominant[kind].fraction,
    nullLine: (detection) => detection.null.dominant[kind],
  });
}
for (const kind of /** @type {const} */ (['current', 'previous', 'first'])) {
  COLUMNS.push({
    id: `mean-${kind}`,
    group: 'Mean score',
    label: kind,
    threshold: 'mean',
    hint: `Mean weight on the ${kind} token`,
    scores: ({ mean }) => mean[kind],
    nullLine: (detection) => detection.null.mean[kind],
  });
}
for (const [kind, hint] of /** @type {const} */ ([
  [
    'induction',
    'Mean weight on the tokens after earlier occurrences of the same token, over tokens that occurred before',
  ],
  ['duplicate', 'Mean weight on earlier occurrences of the same token, over tokens that occurred before'],
])) {
  COLUMNS.push({
    id: `matching-${kind}`,
    group: 'Token matching',
    label: kind,
    threshold: 'mean',
    hint,
    scores: ({ token_matching }) => token_matching[kind],
    nullLine: (detection) => detection.null.token_matching[kind],
  });
}
for (const [kind, label] of /** @type {const} */ ([
  ['previous_token_head', 'previous'],
  ['duplicate_token_head', 'duplicate'],
  ['induction_head', 'induction'],
])) {
  for (const measure of /** @type {const} */ (['mul', 'abs'])) {
    COLUMNS.push({
      id: `detect-${label}-${measure}`,
      group: 'TransformerLens detect_head',
      label: `${label}\n${measure}`,
      threshold: null,
      hint:
        measure === 'mul'
          ? 'sum(A · P) / sum(A), P the detection pattern'
          : '1 − sum(|A − P|) / n, P the detection pattern',
      scores: ({ head_detector }) => head_detector[kind][measure],
      nullLine: (detection) => detection.null.head_detector[kind][measure],
    });
  }
}

/** @type {readonly Column[]} */
export const columns = Object.freeze(COLUMNS);

/** Neighbouring columns of one group: its name and how many they are. */
export const groups = columns.reduce((/** @type {{ name: string, span: number }[]} */ found, { group }) => {
  const last = found[found.length - 1];
  if (last?.name === group) last.span++;
  else found.push({ name: group, span: 1 });
  return found;
}, []);

/** One row a head, in the model's order. @param {Detection} detection @returns {Row[]} */
export function rowsOf(detection) {
  const scores = columns.map((column) => column.scores(detection));
  return detection.mean.current.flatMap((heads, layer) =>
    heads.map((_, head) => ({
      name: nameOf(layer, head),
      order: layer * heads.length + head,
      values: scores.map((score) => score[layer]?.[head] ?? null),
    })),
  );
}

/**
 * Rows by a column, equal ones in the model's order, absent figures last whichever way it goes. The rows
 * given stay as they are.
 * @param {Row[]} rows @param {import('../state/state.js').Sort} sort @returns {Row[]}
 */
export function sorted(rows, { column, descending }) {
  const at = columns.findIndex(({ id }) => id === column);
  const direction = descending ? -1 : 1;
  return [...rows].sort((left, right) => {
    if (at < 0) return direction * (left.order - right.order);
    const [a, b] = [left.values[at], right.values[at]];
    if (a === null || b === null) return a === b ? left.order - right.order : a === null ? 1 : -1;
    return direction * (a - b) || left.order - right.order;
  });
}

/**
 * Whether a figure is above its column's threshold; columns without one name nobody.
 * @param {Column} column
 * @param {number | null} value
 * @param {Thresholds} thresholds
 */
export const passes = ({ threshold }, value, thresholds) =>
  threshold !== null && value !== null && value > thresholds[threshold];
