// Drawing in frames: the budget of a frame, the order of drawings, their end and their failures.
import assert from 'node:assert/strict';
import test, { afterEach, beforeEach, mock } from 'node:test';
import { afterDrawings, FRAME_ELEMENTS, FRAME_MS, inFrames, inFramesFirst } from '../../www/base/frames.js';

/** Callbacks of the next frame. @type {(() => void)[]} */ let asked = [];
let now = 0;

beforeEach(() => {
  [asked, now] = [[], 0];
  Object.assign(globalThis, { requestAnimationFrame: (/** @type {() => void} */ act) => asked.push(act) });
  mock.method(performance, 'now', () => now);
});
afterEach(() => {
  while (asked.length > 0) frame();
  mock.restoreAll();
});

/** Runs one frame. */
function frame() {
  const acts = asked;
  asked = [];
  for (const act of acts) act();
}

/**
 * Notes its steps.
 * @param {string[]} log @param {string} name @param {number} steps @param {number} [elements] of a step
 */
function* steps(log, name, steps, elements = 0) {
  for (let step = 1; step <= steps; step++) {
    log.push(`${name}${step}`);
    yield elements;
  }
}

test('a frame makes as many elements as its budget, and the next frame goes on', async () => {
  /** @type {string[]} */ const log = [];
  const drawn = inFrames(steps(log, 'row', 10, FRAME_ELEMENTS / 4));
  assert.deepEqual(log, [], 'nothing is drawn outside a frame');
  const counts = [];
  for (; asked.length > 0; frame()) counts.push(log.length);
  assert.deepEqual([...counts, log.length], [0, 4, 8, 10]);
  assert.equal(await drawn, true);
});

test('all drawings of a frame share one budget, in the order in which they were asked for', () => {
  /** @type {string[]} */ const log = [];
  void inFrames(steps(log, 'table', 3, FRAME_ELEMENTS / 2));
  void inFrames(steps(log, 'map', 2, FRAME_ELEMENTS / 2));
  frame();
  assert.deepEqual(log, ['table1', 'table2']);
  frame();
  assert.deepEqual(log.slice(2), ['table3', 'map1']);
});

test('a step that takes the time of a frame is the last of the frame', () => {
  /** @type {string[]} */ const log = [];
  void inFrames(
    (function* () {
      for (const step of ['one', 'two']) {
        log.push(step);
        now += FRAME_MS;
        yield 0;
      }
    })(),
  );
  frame();
  assert.deepEqual(log, ['one']);
});

test('what answers the visitor comes before what fills tables, and keeps no table from going on', () => {
  /** @type {string[]} */ const log = [];
  void inFrames(steps(log, 'table', 4, FRAME_ELEMENTS));
  void inFramesFirst(steps(log, 'view', 2, FRAME_ELEMENTS));
  frame();
  frame();
  assert.deepEqual(log, ['view1', 'table1', 'view2', 'table2']);
});

test('a drawing that is no longer wanted ends without another step', async () => {
  /** @type {string[]} */ const log = [];
  let wanted = true;
  const drawn = inFrames(steps(log, 'row', 5, FRAME_ELEMENTS), () => wanted);
  frame();
  wanted = false;
  frame();
  assert.deepEqual(log, ['row1']);
  assert.equal(await drawn, false);
  assert.equal(asked.length, 0, 'no frame is asked for');
});

test('an action waits for the drawings before it', () => {
  /** @type {string[]} */ const log = [];
  void inFrames(steps(log, 'row', 2, FRAME_ELEMENTS));
  void afterDrawings(() => log.push('scroll'));
  frame();
  assert.deepEqual(log, ['row1']);
  frame();
  frame();
  assert.deepEqual(log, ['row1', 'row2', 'scroll']);
});

test('a drawing that throws rejects, and the drawings after it go on', async () => {
  /** @type {string[]} */ const log = [];
  const broken = inFrames(
    // biome-ignore lint/correctness/useYield: it throws before its first step.
    (function* () {
      throw new RangeError('no such row');
    })(),
  );
  void inFrames(steps(log, 'row', 1));
  frame();
  await assert.rejects(broken, /no such row/);
  assert.deepEqual(log, ['row1']);
});
