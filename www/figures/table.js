/**
 * The table of every head's figures: its columns, its rows, and the order of its rows. Pure.
 *
 * @typedef {import('./heads.js').Detection} Detection
 * @typedef {import('./heads.js').Thresholds} Thresholds
 * @typedef {import('./scores/index.js').TableColumn} Column
 * @typedef {{ column: string, descending: boolean }} Sort   column: an id, or `head` for the model's order
 * @typedef {{ name: string, order: number, values: (number | null)[], notes: string[] }} Row
 *   values and notes: one a column
 */

import { nameOf } from '../base/heads.js';
import { COLUMNS } from './scores/index.js';

/** @type {readonly Column[]} */
export const columns = COLUMNS;

/** Neighbouring columns of one group: the group's name, and how many columns it spans. */
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
    heads.map((_, head) => {
      const values = scores.map((score) => score[layer]?.[head] ?? null);
      const noteOf = (/** @type {Column} */ { note }, /** @type {number} */ at) =>
        note && values[at] !== null ? note(detection, layer, head) : '';
      const order = layer * heads.length + head;
      return { name: nameOf(layer, head), order, values, notes: columns.map(noteOf) };
    }),
  );
}

/**
 * A sorted copy of the rows. Equal rows stay in the model's order; undefined figures come last in both
 * directions.
 * @param {Row[]} rows @param {Sort} sort @returns {Row[]}
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
 * Tells whether a figure is above its column's threshold. A column without a threshold names no head.
 * @param {Column} column
 * @param {number | null} value
 * @param {Thresholds} thresholds
 */
export const passes = ({ threshold }, value, thresholds) =>
  threshold !== null && value !== null && value > thresholds[threshold];
