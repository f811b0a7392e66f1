// Jobs stopped at random moments, and workers that end in the middle of a job: figures stay the same.
import { expect, test } from './bare.js';

test('200 jobs that are stopped at random moments leave the same figures', async ({ shared }) => {
  test.slow(); // a job that does not end in time costs its worker
  const found = await shared.evaluate(async () => {
    // A linear congruential generator: the same moments in every run.
    let seed = 11;
    const below = (/** @type {number} */ most) => {
      seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0;
      return Math.floor((seed / 2 ** 32) * most);
    };
    const text = 'What was stopped leaves nothing behind. '.repeat(4);
    const kept = await model.run(text);
    const figures = async (/** @type {typeof kept} */ run) => [...(await run.pattern(1, 0))];
    const before = await figures(kept);
    const jobs = [
      (/** @type {AbortSignal} */ signal) => model.run(text.repeat(1 + below(3)), { signal }),
      (/** @type {AbortSignal} */ signal) => model.repeated({ seqLen: 5 + below(40), signal }),
      (/** @type {AbortSignal} */ signal) => model.copying(['1.0'], { signal }),
      (/** @type {AbortSignal} */ signal) => model.ablateAll({ on: kept, signal }),
      (/** @type {AbortSignal} */ signal) => model.composition({ signal }),
    ];
    let [stopped, done] = [0, 0];
    /** @type {string[]} */ const others = [];
    for (let time = 0; time < 200; time++) {
      const stop = new AbortController();
      const job = rejection(jobs[below(jobs.length)](stop.signal));
      await new Promise((resolve) => setTimeout(resolve, below(12)));
      stop.abort();
      const error = await job;
      if (error === null) done++;
      else if (error.name === 'AbortError') stopped++;
      else others.push(`${error.name}: ${error.message}`);
    }
    const again = await model.run(text);
    return { before, kept: await figures(kept), again: await figures(again), stopped, done, others };
  });
  expect(found.others).toEqual([]);
  expect(found.stopped + found.done).toBe(200);
  expect(found.stopped).toBeGreaterThan(20);
  expect(found.kept).toEqual(found.before);
  expect(found.again).toEqual(found.before);
});

test('experiments whose worker ends in the middle give the figures of those that were left alone', async ({
  bare,
  backend,
}) => {
  const found = await bare.evaluate(async (backend) => {
    const hs = await Headscope.open({ backend });
    const model = await hs.loadModel('default');
    const on = await model.repeated({ seqLen: 8 });
    const figures = async (/** @type {() => void} */ step) => [
      await model.ablateAll({ on, onProgress: ({ done }) => done === 3 && step() }),
      await model.copying(['1.0'], { onProgress: ({ done }) => done > 0 && step() }),
    ];
    const before = await figures(() => {});
    let ends = 0;
    const made = workers.length;
    const after = await figures(() => {
      // The step of copying that follows begins anew, and tells its progress again.
      if (ends < 2 && workers.length === made + ends) workers[made - 1 + ends++].terminate();
    });
    return { before, after, ends, workers: workers.length - made };
  }, backend);
  expect(found.ends).toBe(2);
  expect(found.workers).toBe(2);
  expect(found.after).toEqual(found.before);
});
