/**
 * Draws in frames. The browser styles, lays out and paints new elements in the same task as the frame's
 * script, and that takes longer than the script. So the drawings of the whole page share one budget a frame,
 * of time and of elements: a table of thousands of cells is drawn over many frames, and none of them is long.
 *
 * @typedef {Generator<number, void>} Drawing   yields the number of elements that it has just made, moved or
 *   changed
 * @typedef {object} Job
 * @property {Drawing} drawing
 * @property {() => boolean} wanted
 * @property {(finished: boolean) => void} resolve
 * @property {(thrown: unknown) => void} reject
 */

/** The script of a frame, in milliseconds. */
export const FRAME_MS = 4;

/** Elements of a frame. Their style, layout and paint take about 20 µs each on a fast machine. */
export const FRAME_ELEMENTS = 320;

/** What answers the visitor is drawn before what fills tables. */
/** @type {Job[]} */ const first = [];
/** @type {Job[]} */ const others = [];
let asked = false;

/**
 * Runs a drawing over the next frames, after the drawings that were asked for before.
 * @param {Drawing} drawing
 * @param {() => boolean} [wanted] asked before every step; `false` ends the drawing
 * @returns {Promise<boolean>} whether the drawing was finished; rejects with what the drawing throws
 */
export const inFrames = (drawing, wanted = () => true) => add(others, drawing, wanted);

/** Runs a drawing before all others. @param {Drawing} drawing */
export const inFramesFirst = (drawing) => add(first, drawing, () => true);

/** Acts in a frame, after the drawings that were asked for before. @param {() => void} act */
export const afterDrawings = (act) =>
  inFrames(
    (function* () {
      act();
      yield 0;
    })(),
  );

/** @param {Job[]} jobs @param {Drawing} drawing @param {() => boolean} wanted */
function add(jobs, drawing, wanted) {
  return new Promise((resolve, reject) => {
    jobs.push({ drawing, wanted, resolve, reject });
    ask();
  });
}

function ask() {
  if (asked) return;
  asked = true;
  requestAnimationFrame(() => {
    asked = false;
    draw(first);
    draw(others);
    if (first.length + others.length > 0) ask();
  });
}

/** Takes steps of the jobs, at least one, until the budget of the frame is spent. @param {Job[]} jobs */
function draw(jobs) {
  const until = performance.now() + FRAME_MS;
  let elements = 0;
  while (jobs.length > 0) {
    const made = step(jobs[0]);
    if (made === null) jobs.shift();
    else elements += made;
    if (elements >= FRAME_ELEMENTS || performance.now() >= until) return;
  }
}

/** The elements of one step of a job; null when the job has ended. @param {Job} job */
function step({ drawing, wanted, resolve, reject }) {
  try {
    if (!wanted()) resolve(false);
    else {
      const { done, value } = drawing.next();
      if (!done) return value;
      resolve(true);
    }
  } catch (thrown) {
    reject(thrown);
  }
  return null;
}
