/** How long work of many equal steps still takes. */

/** So many steps are measured before an estimate is told. */
const ENOUGH = 3;

/**
 * The time left in milliseconds, if the other steps take as long as those done; null before `ENOUGH` steps.
 * @param {number} elapsed milliseconds of the steps done @param {number} done @param {number} left steps
 */
export const remaining = (elapsed, done, left) => (done < ENOUGH ? null : (elapsed / done) * left);

/** A duration in words: `about 20 s`, `about 3 min`. @param {number} ms */
export function duration(ms) {
  const seconds = ms / 1000;
  if (seconds < 5) return 'some seconds';
  if (seconds < 57.5) return `about ${Math.round(seconds / 5) * 5} s`;
  return `about ${Math.max(1, Math.round(seconds / 60))} min`;
}
