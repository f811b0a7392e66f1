// Opens a program and times its work: the same few lines for every program, in the page or in a worker.

/**
 * @typedef {import('./types').Runner} Runner
 * @typedef {import('./types').Setup} Setup
 * @typedef {import('./types').Work} Work
 */

/**
 * @param {() => Promise<{ open: (setup: Setup) => Promise<Runner> }>} load imports the program
 * @param {() => { wasm: number, gpu: number }} [counted] bytes, for a program that does not count them
 */
export function host(load, counted = () => ({ wasm: 0, gpu: 0 })) {
  /** @type {Runner} */ let runner;
  return {
    /** @param {Setup} setup @returns {Promise<import('./types').Opened>} */
    async open(setup) {
      const since = performance.now();
      const { open } = await load();
      runner = await open(setup);
      const { adapter, version } = runner;
      const ms = performance.now() - since;
      return { ms, adapter, version, memory: (await runner.memory?.()) ?? counted() };
    },

    async close() {
      runner.close?.();
    },

    /** @param {Work} work @returns {Promise<import('./types').Answer>} */
    async run(work) {
      await runner.prepare?.(work);
      const since = performance.now();
      const figures = await runner.make(work);
      const ms = performance.now() - since;
      const memory = (await runner.memory?.()) ?? counted();
      return { ms, figures: plain(figures, work), memory };
    },
  };
}

/**
 * Figures as lists, with the rows of the pattern that are compared.
 * @param {import('./types').Figures} figures
 * @param {Work} work
 */
function plain({ logProbs, means, stripe, pattern, lossIncrease }, { rows, samples }) {
  const list = (/** @type {ArrayLike<number> | undefined} */ values) => values && Array.from(values);
  const side = rows[0].length;
  const row = (/** @type {number} */ query) =>
    Array.from({ length: side }, (_, key) => pattern?.[query * side + key] ?? Number.NaN);
  return {
    logProbs: Array.from(logProbs),
    means: means?.map((values) => Array.from(values)),
    stripe: list(stripe),
    pattern: pattern && samples.flatMap(row),
    lossIncrease: list(lossIncrease),
  };
}
