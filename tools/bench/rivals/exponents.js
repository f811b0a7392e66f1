// How times and memory grow with the number of tokens n: the exponent p of n^p that fits the rows best.
import { median } from '../table.js';

/**
 * The slope of the logarithms, by least squares; null with fewer than two points.
 * @param {[n: number, value: number][]} points
 */
export function exponent(points) {
  const logs = points.filter(([, value]) => value > 0).map(([n, value]) => [Math.log(n), Math.log(value)]);
  if (logs.length < 2) return null;
  const mean = (/** @type {number} */ axis) => logs.reduce((sum, log) => sum + log[axis], 0) / logs.length;
  const [meanN, meanValue] = [mean(0), mean(1)];
  const covariance = logs.reduce((sum, [n, value]) => sum + (n - meanN) * (value - meanValue), 0);
  return covariance / logs.reduce((sum, [n]) => sum + (n - meanN) ** 2, 0);
}

/** The smallest row that is fitted: below it fixed costs are what is timed. */
const FROM = 62;

/**
 * Exponents of each program's time, and of the memory that it took beyond what loading took. Heaps grow in
 * steps, which hide what short texts take, so the two longest texts tell the exponent of memory.
 * @param {import('./report.js').Results} results
 */
export function exponents({ programs, rows }) {
  const fitted = rows.filter(({ figures, tokens }) => figures && tokens >= FROM);
  return programs.map(({ id, label, memory: loaded = { wasm: 0, gpu: 0 } }) => {
    const of = fitted.flatMap(({ tokens, cells }) =>
      cells.filter((cell) => cell.id === id && cell.failed === null).map((cell) => ({ tokens, cell })),
    );
    const grown = (/** @type {import('./measure.js').Cell} */ { memory }) =>
      memory.wasm + memory.gpu - loaded.wasm - loaded.gpu;
    return {
      label,
      rows: of.map(({ tokens }) => tokens),
      time: exponent(of.map(({ tokens, cell }) => [tokens, median(cell.ms)])),
      memory: exponent(of.slice(-2).map(({ tokens, cell }) => [tokens, grown(cell)])),
    };
  });
}
