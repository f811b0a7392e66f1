// Times a full-size model inside the page, through the engine's public interface.
// The function travels to the page as text, so it refers to nothing outside itself.

/**
 * @typedef {object} Row
 * @property {string} what is timed
 * @property {number[]} figures ms from the ids to the first figures of the page, or those of repeated tokens
 * @property {number[]} engine ms of `figures` that the engine's run takes; none of repeated tokens
 * @property {number} wasm bytes of the wasm heap after the last run
 * @property {number} gpu bytes of the GPU's buffers after the last run
 *
 * @typedef {object} What
 * @property {'cpu' | 'webgpu'} backend
 * @property {string} module address of the engine's module
 * @property {object} config of the weights in the page's file input
 * @property {number[]} counts of tokens
 * @property {{ seqLen: number, batch: number } | null} repeated whether repeated tokens are timed too
 * @property {number} turns timed runs of up to 1000 tokens; longer runs are timed once
 * @property {number} limit ms of the first run. A slower model is not timed
 */

/**
 * @typedef {object} Measured
 * @property {string} adapter
 * @property {number} load ms
 * @property {{ wasm: number, gpu: number }} loaded bytes after loading
 * @property {Row[] | null} rows null when the first run takes longer than `limit`
 */

/**
 * @param {What} what
 * @returns {Promise<Measured>}
 */
export async function measureFullSize({ backend, module, config, counts, repeated, turns, limit }) {
  const { Headscope } = await import(module);
  const engine = await Headscope.open({ backend });
  const weights = /** @type {HTMLInputElement | null} */ (document.querySelector('input[name=bench]'))
    ?.files?.[0];
  const since = performance.now();
  const model = await engine.loadModel({ weights, config });
  const load = performance.now() - since;
  const loaded = await engine.memory();
  const { adapter } = engine;

  /** Ms of the first figures of the page, and of the run alone. @param {number} count @param {number} turn */
  const figures = async (count, turn) => {
    // Every run has other ids, from the first on, so it reuses nothing of the previous run.
    const ids = Array.from(
      { length: count },
      (_, at) => (1 + turn + at * 7919 + turn * 104729) % model.config.d_vocab,
    );
    const started = performance.now();
    const run = await model.run(ids);
    await Promise.all([run.thumbnails(), run.detect(), run.meanPattern()]);
    const wall = performance.now() - started;
    run.free();
    return { wall, inRun: [run.timing.run_ms] };
  };
  /** Ms of repeated tokens. @param {number} _count @param {number} seed */
  const ofRepeated = async (_count, seed) => {
    const started = performance.now();
    await model.repeated({ ...repeated, seed });
    return { wall: performance.now() - started, inRun: [] };
  };

  const work = counts.map((count) => ({ what: `${count} tokens`, count, make: figures }));
  if (repeated) {
    const { seqLen, batch } = repeated;
    const count = batch * (1 + 2 * seqLen);
    work.push({ what: `repeated tokens, ${batch} x ${seqLen}`, count, make: ofRepeated });
  }
  const late = new Promise((resolve) => setTimeout(resolve, Math.min(limit, 2 ** 31 - 1), 'late'));
  /** @type {Row[]} */ const rows = [];
  for (const { what, count, make } of work) {
    // The first run of a length also allocates and compiles, so it does not count.
    const first = make(count, 0);
    if (rows.length === 0 && (await Promise.race([first, late])) === 'late')
      return { adapter, load, loaded, rows: null };
    await first;
    /** @type {Row} */ const row = { what, figures: [], engine: [], wasm: 0, gpu: 0 };
    for (let turn = 1; turn <= (count > 1000 ? 1 : turns); turn += 1) {
      const { wall, inRun } = await make(count, turn);
      row.figures.push(wall);
      row.engine.push(...inRun);
    }
    Object.assign(row, await engine.memory());
    rows.push(row);
  }
  engine.close();
  return { adapter, load, loaded, rows };
}
