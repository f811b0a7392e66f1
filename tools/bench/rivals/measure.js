// Times one row: every program in turn, each first in some turn. The first turn also allocates and
// compiles, so it does not count; its figures are compared with float64. In later turns the programs are
// compared with each other, and with float64 where two differ or one is alone.
import { difference, MOST_DIFFERENCE } from './gate.js';
import { TooSlow } from './session.js';

/**
 * @typedef {import('./types').Competitor} Competitor
 * @typedef {import('./rows.js').Row} Row
 * @typedef {import('./session.js').Session} Session
 * @typedef {import('./types').Work} Work
 * @typedef {import('./types').Figures} Figures
 *
 * @typedef {object} Cell
 * @property {string} id of the program
 * @property {number[]} ms of each turn
 * @property {number} difference from float64; NaN if a figure is missing
 * @property {string | null} failed why there are no times
 * @property {boolean} tooSlow whether the time limit was the reason
 * @property {{ wasm: number, gpu: number }} memory bytes after the last run
 * @property {number} [bytes] of code that a first visit transfers, in brotli
 *
 * @typedef {object} Measured
 * @property {string} id
 * @property {string} label
 * @property {number} tokens
 * @property {boolean} figures
 * @property {Cell[]} cells
 */

/**
 * @param {Session} session
 * @param {Row} row
 * @param {Competitor[]} competitors
 * @param {number} turns
 * @param {(work: Work) => import('./gate.js').Expected} expect
 * @param {Measured[]} earlier rows: a program that was too slow for a smaller one is not tried
 * @returns {Promise<Measured>}
 */
export async function measureRow(session, row, competitors, turns, expect, earlier) {
  const takers = competitors.filter((competitor) => row.takes(competitor));
  const cells = takers.map(({ id }) => emptyCell(id, row, earlier));
  for (let turn = 0; turn <= turns; turn += 1) {
    const work = row.work(turn);
    /** @type {{ cell: Cell, figures: Figures }[]} */ const answers = [];
    for (let at = 0; at < takers.length; at += 1) {
      const index = (at + turn) % takers.length;
      const cell = cells[index];
      if (cell.failed !== null) continue;
      try {
        const { ms, figures, memory } = await session.run(takers[index], work);
        answers.push({ cell, figures });
        if (turn > 0) cell.ms.push(ms);
        cell.memory = memory;
      } catch (error) {
        cell.failed = String(error instanceof Error ? error.message : error).split('\n')[0];
        cell.tooSlow = error instanceof TooSlow;
      }
    }
    if (turn === 0 || !agree(answers.map(({ figures }) => figures.logProbs)))
      judge(answers, expect(work), work);
  }
  const { id, label, tokens, figures } = row;
  return { id, label, tokens, figures, cells };
}

/**
 * Marks the cells whose figures are wrong.
 * @param {{ cell: Cell, figures: Figures }[]} answers @param {import('./gate.js').Expected} reference
 * @param {Work} work
 */
function judge(answers, reference, work) {
  for (const { cell, figures } of answers) {
    const off = difference(figures, reference, work);
    cell.difference = Math.max(cell.difference, off);
    if (!(off <= MOST_DIFFERENCE)) cell.failed = `wrong by ${off.toExponential(1)}`;
  }
}

/** Whether there are two lists or more and all are the same. @param {ArrayLike<number>[]} lists */
const agree = ([first, ...others]) =>
  others.length > 0 && others.every((other) => largest(first, other) <= MOST_DIFFERENCE);

/** @param {string} id @param {Row} row @param {Measured[]} earlier @returns {Cell} */
function emptyCell(id, row, earlier) {
  const slow = earlier.find(
    ({ tokens, cells }) => tokens <= row.tokens && cells.some((cell) => cell.id === id && cell.tooSlow),
  );
  return {
    ...{ id, ms: [], difference: 0, memory: { wasm: 0, gpu: 0 } },
    failed: slow ? `not tried: too slow at ${slow.tokens}` : null,
    tooSlow: slow !== undefined,
  };
}

/** @param {ArrayLike<number>} some @param {ArrayLike<number>} others */
function largest(some, others) {
  if (some.length !== others.length) return Number.NaN;
  let most = 0;
  for (let at = 0; at < some.length; at += 1) most = Math.max(most, Math.abs(some[at] - others[at]));
  return most;
}
