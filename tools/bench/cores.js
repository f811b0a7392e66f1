// Times a full-size model inside the page with one core and with all, in turn, on the same ids.
// The function travels to the page as text, so it refers to nothing outside itself.

/**
 * @typedef {object} Row
 * @property {number} count of tokens
 * @property {number[]} one ms of the run without helpers
 * @property {number[]} all ms with them; entry `n` is of the same turn as that of `one`
 *
 * @typedef {object} What
 * @property {string} module address of the engine's module
 * @property {object} config of the weights in the page's file input
 * @property {number[]} counts of tokens
 * @property {number} turns timed passes
 */

/**
 * @param {What} what
 * @returns {Promise<{ helpers: number, load: { one: number, all: number }, rows: Row[] }>}
 */
export async function measureCores({ module, config, counts, turns }) {
  const { Headscope } = await import(module);
  const weights = /** @type {HTMLInputElement | null} */ (document.querySelector('input[name=bench]'))
    ?.files?.[0];
  // Whoever loads first must not be the one who waits for the disk.
  await weights?.stream().pipeTo(new WritableStream());
  const one = await loaded(0);
  const all = await loaded();
  const rows = [];
  for (const count of counts) {
    /** @type {Row} */ const row = { count, one: [], all: [] };
    // The first turn also allocates, so it does not count.
    for (let turn = 0; turn <= turns; turn += 1) {
      // Every run has other ids, from the first on, so it reuses nothing of the previous run.
      const ids = Array.from(
        { length: count },
        (_, at) => (1 + turn + at * 7919 + turn * 104729) % one.model.config.d_vocab,
      );
      const runners = [
        { model: one.model, into: row.one },
        { model: all.model, into: row.all },
      ];
      // Each goes first in every other turn.
      for (const { model, into } of turn % 2 ? runners : runners.reverse()) {
        const run = await model.run(ids);
        if (turn > 0) into.push(run.timing.run_ms);
        run.free();
      }
    }
    rows.push(row);
  }
  one.engine.close();
  all.engine.close();
  return { helpers: all.engine.helpers, load: { one: one.load, all: all.load }, rows };

  /** @param {number} [helpers] */
  async function loaded(helpers) {
    const since = performance.now();
    const engine = await Headscope.open({ backend: 'cpu', helpers });
    const model = await engine.loadModel({ weights, config });
    return { engine, model, load: performance.now() - since };
  }
}
