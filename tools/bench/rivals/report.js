// Prints the tables of the bench.
import { bytes, median, ms, table } from '../table.js';
import { exponents } from './exponents.js';
import { judged, ratio } from './goals.js';

/**
 * @typedef {import('./measure.js').Measured} Measured
 * @typedef {import('./measure.js').Cell} Cell
 * @typedef {import('./types').Competitor} Competitor
 *
 * @typedef {import('./types').Opened} Opened
 * @typedef {Pick<Competitor, 'id' | 'label' | 'kind'> & Partial<Opened> & { failed?: string }} Program
 *
 * @typedef {object} Results
 * @property {string} machine
 * @property {number} load mean number of running processes when the bench began
 * @property {string} date
 * @property {number} turns
 * @property {number} limit seconds that a run may take
 * @property {Program[]} programs
 * @property {Measured[]} rows
 */

/** Whose times the others are divided by. */
const BASE = { cpu: 'ours', native: 'ours', webgpu: 'ours-gpu' };

/**
 * The table of one row, with memory and the difference from float64.
 * @param {Results} results
 * @param {Measured} row
 */
export function ofRow({ programs }, { label, tokens, cells }) {
  const lines = cells.map((cell) => [
    programs.find(({ id }) => id === cell.id)?.label ?? cell.id,
    ...(cell.failed === null
      ? [
          ms(median(cell.ms)),
          tokens ? cell.difference.toExponential(1) : '',
          bytes(cell.memory.wasm),
          bytes(cell.memory.gpu),
          cell.bytes === undefined ? '' : bytes(cell.bytes),
        ]
      : [`failed: ${cell.failed}`, '', '', '', '']),
  ]);
  const head = ['program', 'median', 'off float64', 'heap', 'GPU', 'code sent'];
  return `${label}\n${table(head, lines)}`;
}

/** All tables at the end. @param {Results} results */
export function summary(results) {
  const { programs, machine, load, turns } = results;
  const ran = (/** @type {Program[]} */ some) => some.length > 0;
  const groups = [
    programs.filter(({ kind }) => kind !== 'webgpu'),
    programs.filter(({ kind }) => kind === 'webgpu'),
  ].filter(ran);
  const goals = judged(results);
  return [
    `${machine}; load ${load.toFixed(1)} at the start; medians of ${turns} turns. In brackets: the median of`,
    'the ratios to Headscope on all cores, or on WebGPU\n',
    table(
      ['program', 'version', 'adapter', 'load'],
      programs.map(({ label, version = '', adapter = '', failed, ms: time = 0 }) => [
        label,
        version,
        failed ? `failed: ${failed}` : adapter,
        failed ? '' : ms(time),
      ]),
    ),
    ...groups.map((group) => times(results, group)),
    'Exponents of n, from 62 tokens on; memory beyond what loading took, of the two longest texts',
    table(
      ['program', 'time', 'memory', 'rows'],
      exponents(results).map(({ label, time, memory, rows }) => [
        label,
        time?.toFixed(2) ?? '',
        memory?.toFixed(2) ?? '',
        rows.join(' '),
      ]),
    ),
    table(
      ['goal', 'wanted', 'found', ''],
      goals.map(({ label, wanted, found, met }) => [label, wanted, found, met]),
    ),
  ].join('\n');
}

/** A table of times, one column a program. @param {Results} results @param {Program[]} programs */
function times({ rows }, programs) {
  const shown = rows.filter(({ cells }) => cells.some(({ id }) => programs.some((one) => one.id === id)));
  return table(
    ['work', ...programs.map(({ label }) => label)],
    shown.map(({ label, cells }) => [label, ...programs.map((one) => cellOf(cells, one))]),
  );
}

/** A time and its ratio to Headscope's. @param {Cell[]} cells @param {Program} program */
function cellOf(cells, { id, kind }) {
  const cell = cells.find((one) => one.id === id);
  if (!cell) return '';
  if (cell.failed !== null) return `failed: ${cell.failed.slice(0, 40)}`;
  const base = cells.find((one) => one.id === BASE[kind]);
  const times =
    base && base !== cell && base.failed === null ? ` (${ratio(cell, base, true).toFixed(2)})` : '';
  const sent = cell.bytes === undefined ? '' : `, ${bytes(cell.bytes)}`;
  return `${ms(median(cell.ms))}${times}${sent}`;
}
