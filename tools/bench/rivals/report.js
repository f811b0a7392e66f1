// Prints the tables of the bench.
import { bytes, median, ms, table } from '../table.js';

/**
 * @typedef {import('./measure.js').Measured} Measured
 *
 * @typedef {object} Results
 * @property {string} machine
 * @property {number} load mean number of running processes when the bench began
 * @property {string} date
 * @property {number} turns
 * @property {number} limit seconds
 * @property {({ id: string, label: string, kind: string } & Partial<import('./types').Opened> & { failed?: string })[]} programs
 * @property {Measured[]} rows
 */

/** The tables of all rows. @param {Results} results */
export function printed({ programs, rows }) {
  const label = (/** @type {string} */ id) => programs.find((program) => program.id === id)?.label ?? id;
  return rows
    .map(({ label: work, cells }) => {
      const lines = cells.map((cell) => [
        label(cell.id),
        ...(cell.failed === null
          ? [
              ms(median(cell.ms)),
              cell.difference.toExponential(1),
              bytes(cell.memory.wasm),
              bytes(cell.memory.gpu),
            ]
          : [`failed: ${cell.failed}`, '', '', '']),
      ]);
      return `${work}\n${table(['program', 'median', 'largest difference', 'heap', 'GPU'], lines)}`;
    })
    .join('\n');
}
