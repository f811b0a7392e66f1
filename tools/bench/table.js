// Tables of figures in plain text, and the median.

/**
 * A table whose columns are as wide as their widest cell. The first column is aligned left, the others right.
 * @param {string[]} head
 * @param {string[][]} rows
 */
export function table(head, rows) {
  const widths = head.map((title, column) =>
    Math.max(...[head, ...rows].map((row) => row[column].length), title.length),
  );
  const padded = (/** @type {string} */ cell, /** @type {number} */ column) =>
    column === 0 ? cell.padEnd(widths[0]) : cell.padStart(widths[column]);
  const line = (/** @type {string[]} */ row) => `  ${row.map(padded).join('   ')}`;
  return [line(head), line(widths.map((width) => '-'.repeat(width))), ...rows.map(line), ''].join('\n');
}

/** The upper median. @param {number[]} values */
export function median(values) {
  return [...values].sort((a, b) => a - b)[values.length >> 1];
}

/** @param {number} value */
export function ms(value) {
  return `${value < 10 ? value.toFixed(1) : value.toFixed(0)} ms`;
}

/** @param {number} value */
export function bytes(value) {
  return value < 10_000
    ? `${value} B`
    : value < 1e6
      ? `${(value / 1e3).toFixed(0)} kB`
      : `${(value / 1e6).toFixed(2)} MB`;
}
