/** The detectors' figures as CSV and JSON: every head a row, every figure a column. */
import { columns, rowsOf } from '../figures/table.js';

/** A column's name, plain: `dominant-current`. @param {import('../figures/heads.js').Detection} detection */
const table = (detection) => rowsOf(detection).map(({ name, values }) => ({ head: name, values }));

/**
 * Absent figures are empty; the null line comes first, as its own row.
 * @param {import('../figures/heads.js').Detection} detection
 */
export function csv(detection) {
  const cell = (/** @type {number | null} */ value) => (value === null ? '' : String(value));
  const lines = [
    ['head', ...columns.map(({ id }) => id)],
    ['null_line', ...columns.map((column) => cell(column.uniform(detection)))],
    ...table(detection).map(({ head, values }) => [head, ...values.map(cell)]),
  ];
  return lines.map((line) => line.join(',')).join('\r\n') + '\r\n';
}

/**
 * @param {import('../figures/heads.js').Detection} detection
 * @param
 *   {{ model: string, sha256: string, tokens: number[], pieces: string[], thresholds: import('../figures/heads.js').Thresholds }}
 *   about
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
