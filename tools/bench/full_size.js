// Times a full-size model inside the page, through the engine's public interface.
// The function travels to the page as text, so it refers to nothing outside itself.

/**
 * @typedef {object} Row
 * @property {number} tokens
 * @property {number[]} figures ms from the ids to the first figures of the page
 * @property {number[]} engine ms of `figures` that the engine's run takes
 * @property {number} wasm bytes of the wasm heap after the last run
 * @property {number} gpu bytes of the GPU's buffers after the last run
 */

/**
 * The weights are in the page's file input.
 * @param {{ backend: 'cpu' | 'webgpu', module: string, config: object, counts: number[] }} what
 * @returns {Promise<{ adapter: string, load: number, loaded: { wasm: number, gpu: number }, rows: Row[] }>}
 */
export async function measureFullSize({ backend, module, config, counts }) {
  const { Headscope } = await import(module);
  const engine = await Headscope.open({ backend });
  const weights = /** @type {HTMLInputElement | null} */ (document.querySelector('input[name=bench]'))
    ?.files?.[0];
  const since = performance.now();
  const model = await engine.loadModel({ weights, config });
  const load = performance.now() - since;
  const loaded = await engine.memory();
  /** @type {Row[]} */ const rows = [];
  for (const count of counts) {
    /** @type {Row} */ const row = { tokens: count, figures: [], engine: [], wasm: 0, gpu: 0 };
    const turns = count > 1000 ? 2 : 4;
    for (let turn = 0; turn < turns; turn += 1) {
      // Every run has other ids, from the first on, so it reuses nothing of the previous run.
      const half = Array.from({ length: count - 1 }, (_, at) => 1 + ((at * 7919 + turn * 104729) % 50277));
      const ids = [1 + turn, ...half];
      const started = performance.now();
      const run = await model.run(ids);
      await Promise.all([run.thumbnails(), run.detect(), run.meanPattern()]);
      // The first run of a length also allocates and compiles, so it does not count.
      if (turn > 0) {
        row.figures.push(performance.now() - started);
        row.engine.push(run.timing.run_ms);
      }
      Object.assign(row, await engine.memory());
      run.free();
    }
    rows.push(row);
  }
  const { adapter } = engine;
  engine.close();
  return { adapter, load, loaded, rows };
}
