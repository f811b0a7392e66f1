/** The detectors' figures as CSV and JSON: a row for every head, a column for every figure. */
import { columns, rowsOf } from '../figures/table.js';

/** @typedef {import('../figures/heads.js').Detection} Detection */

/** Each head with its figures, in the order of `columns`. @param {Detection} detection */
const table = (detection) => rowsOf(detection).map(({ name, values }) => ({ head: name, values }));

/**
 * The table as CSV. Absent figures are empty. The first row, `null_line`, has the uniform baselines.
 * @param {Detection} detection
 */
export function csv(detection) {
  const cell = (/** @type {number | null} */ value) => (value === null ? '' : String(value));
  const lines = [
    ['head', ...columns.map(({ id }) => id)],
    ['null_line', ...columns.map((column) => cell(column.uniform(detection)))],
    ...table(detection).map(({ head, values }) => [head, ...values.map(cell)]),
  ];
  return lines.map((line) => `${line.join(',')}\r\n`).join('');
}

/**
 * The table as JSON, after what it was computed from.
 * @param {Detection} detection
 * @param {object} about
 * @param {string} about.model
 * @param {string} about.sha256   of the weights file
 * @param {number[]} about.tokens
 * @param {string[]} about.pieces
 * @param {import('../figures/heads.js').Thresholds} about.thresholds
 */
export function json(detection, about) {
  const named = (/** @type {(number | null)[]} */ values) =>
    Object.fromEntries(columns.map(({ id }, at) => [id, values[at]]));
  const heads = Object.fromEntries(table(detection).map(({ head, values }) => [head, named(values)]));
  return JSON.stringify(
    { ...about, null_line: named(columns.map((column) => column.uniform(detection))), heads },
    null,
    1,
  );
}
