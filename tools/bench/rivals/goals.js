// The goals of the bench, each met or not by the results.
import { median } from '../table.js';

/**
 * @typedef {import('./report.js').Results} Results
 * @typedef {import('./measure.js').Cell} Cell
 *
 * @typedef {object} Goal
 * @property {string} label
 * @property {[row: string, program: string]} over what is divided
 * @property {[row: string, program: string]} by the divisor
 * @property {number} [least]
 * @property {number} [most]
 */

/**
 * @param {string} row
 * @param {string} rival
 * @param {string} mine
 * @param {number} least
 * @param {string} label
 * @returns {Goal}
 */
const faster = (row, rival, mine, least, label) => ({ label, over: [row, rival], by: [row, mine], least });

/** @type {Goal[]} */
const GOALS = [
  faster('62', 'ort', 'ours', 2, 'CPU beside ONNX Runtime Web, 62 tokens'),
  faster('256', 'ort', 'ours', 2.5, 'CPU beside ONNX Runtime Web, 256 tokens'),
  faster('1024', 'ort', 'ours', 2.5, 'CPU beside ONNX Runtime Web, 1024 tokens'),
  faster('1024', 'lens', 'ours', 1.5, 'CPU beside TransformerLens, 1024 tokens'),
  faster('2048', 'lens', 'ours', 1.5, 'CPU beside TransformerLens, 2048 tokens'),
  faster('256', 'ours-1', 'ours', 1.7, 'all cores beside one, 256 tokens'),
  faster('62', 'ort-gpu', 'ours-gpu', 8, 'WebGPU beside ONNX Runtime Web, 62 tokens'),
  faster('62', 'tfjs-gpu', 'ours-gpu', 8, 'WebGPU beside TensorFlow.js, 62 tokens'),
  faster('62', 'jax-gpu', 'ours-gpu', 2, 'WebGPU beside jax-js, 62 tokens'),
  {
    label: 'edit of the last of 256 tokens, share of the run',
    over: ['edit-256', 'ours'],
    by: ['256', 'ours'],
    most: 1 / 10,
  },
  {
    label: 'edit of the last of 2048 tokens, share of the run',
    over: ['edit-2048', 'ours'],
    by: ['2048', 'ours'],
    most: 1 / 20,
  },
];

/**
 * How many times a program takes as long as another: of one row the median of the turns' ratios, else the
 * ratio of the medians.
 * @param {Cell} over @param {Cell} by @param {boolean} sameRow
 */
export const ratio = (over, by, sameRow) =>
  sameRow
    ? median(over.ms.slice(0, by.ms.length).map((ms, turn) => ms / by.ms[turn]))
    : median(over.ms) / median(by.ms);

/** @param {Results} results @returns {{ label: string, wanted: string, found: string, met: string }[]} */
export function judged({ rows, limit }) {
  const cell = (/** @type {[string, string]} */ [row, id]) =>
    rows.find((one) => one.id === row)?.cells.find((one) => one.id === id);
  return GOALS.map(({ label, over, by, least, most }) => {
    const wanted = least === undefined ? `at most ${most}` : `at least ${least}`;
    const [above, below] = [cell(over), cell(by)];
    if (!above || !below) return { label, wanted, found: 'not run', met: '' };
    if (below.failed !== null) return { label, wanted, found: `failed: ${below.failed}`, met: 'not met' };
    if (above.failed !== null && !above.tooSlow)
      return { label, wanted, found: `failed: ${above.failed}`, met: 'no comparison' };
    // A program that was stopped took at least the limit.
    const found = above.tooSlow ? (1000 * limit) / median(below.ms) : ratio(above, below, over[0] === by[0]);
    const met = least === undefined ? found <= Number(most) : found >= least;
    const words = `${above.tooSlow ? 'over ' : ''}${found.toFixed(found < 1 ? 3 : 2)}`;
    return { label, wanted, found: words, met: met ? 'met' : above.tooSlow ? 'no comparison' : 'not met' };
  });
}
