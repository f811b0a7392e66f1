// Lengths of the tasks on the page's main thread, from the browser's trace.
//
// A task's length is the processor time of its thread, not the time that passed. Two browsers and a server
// share two cores while the tests run: a task of 20 ms that another process interrupts lasts 60 ms.
// `longtask` entries count the interruption too, so they would test the machine.

/** The longest task that the page promises, in milliseconds: no pointer or key waits longer. */
export const LONGEST_MS = 50;

/**
 * @typedef {{ name: string, ts: number, dur?: number, tdur?: number, tid: number, pid: number, args: any }}
 *   TraceEvent
 * @typedef {object} Task
 * @property {number} ms     processor time of its thread
 * @property {number} wall   the time that passed: what a `longtask` entry has
 * @property {string} of     its longest parts, to find its cause
 */

/**
 * The main thread's longest tasks while `work` goes on, the longest first.
 * @param {import('@playwright/test').Page} page @param {() => Promise<void>} work
 * @returns {Promise<Task[]>}
 */
export async function longestTasks(page, work) {
  const browser = page.context().browser();
  if (!browser) throw new Error('a page of a browser of its own is needed');
  await browser.startTracing(page, {
    categories: ['__metadata', 'devtools.timeline', 'disabled-by-default-devtools.timeline'],
  });
  // `work` reports its own failure; tracing ends in any case.
  const trace = await work().then(
    () => browser.stopTracing(),
    (error) => browser.stopTracing().then(() => Promise.reject(error)),
  );
  /** @type {TraceEvent[]} */ const events = JSON.parse(trace.toString()).traceEvents;
  const main = new Set(
    events
      .filter(({ name, args }) => name === 'thread_name' && args.name === 'CrRendererMain')
      .map(({ pid, tid }) => `${pid} ${tid}`),
  );
  const onMain = events.filter(({ pid, tid, tdur }) => tdur !== undefined && main.has(`${pid} ${tid}`));
  const tasks = onMain
    .filter(({ name }) => name === 'RunTask')
    .sort((left, right) => Number(right.tdur) - Number(left.tdur));
  if (tasks.length < 10)
    throw new Error(`the trace has ${tasks.length} tasks of the main thread, of ${events.length} events`);
  return tasks.slice(0, 5).map((task) => ({
    ms: Number(task.tdur) / 1000,
    wall: Number(task.dur) / 1000,
    of: partsOf(task, onMain),
  }));
}

/** @param {TraceEvent} task @param {TraceEvent[]} events of its thread */
function partsOf(task, events) {
  const end = task.ts + Number(task.dur);
  const within = events.filter(
    ({ ts, dur, name, pid, tid }) =>
      name !== 'RunTask' && pid === task.pid && tid === task.tid && ts >= task.ts && ts + Number(dur) <= end,
  );
  within.sort((left, right) => Number(right.tdur) - Number(left.tdur));
  return within.slice(0, 7).map(described).join(', ');
}

/** @param {TraceEvent} event */
function described({ name, tdur, args: { data, beginData, elementCount } }) {
  const parts = [name, data?.functionName];
  if (beginData?.dirtyObjects !== undefined)
    parts.push(`(${beginData.dirtyObjects} of ${beginData.totalObjects} objects)`);
  if (elementCount !== undefined) parts.push(`(${elementCount} elements)`);
  return [...parts.filter(Boolean), `${(Number(tdur) / 1000).toFixed(1)} ms`].join(' ');
}
