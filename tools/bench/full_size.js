// A model of the notebook's sizes, inside the page and through the engine's public interface. The function is
// sent there as
// text, so it refers to nothing outside itself.

/**
 * @typedef {{ tokens: number, figures: number[], engine: number[], wasm: number, gpu: number }} Row ms from
 *   the ids to everything
 *   that the page shows first, and of it in the engine; bytes of the wasm heap and of the GPU's buffers
 *   afterwards
 */

/**
 * @param {{ backend: 'cpu' | 'webgpu', module: string, config: object, counts: number[] }} what the weights
 *   are in the page's file input
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
      // Other ids each time, the first included, so that nothing is kept of the run before.
      const half = Array.from({ length: count - 1 }, (_, at) => 1 + ((at * 7919 + turn * 104729) % 50277));
      const ids = [1 + turn, ...half];
      const started = performance.now();
      const run = await model.run(ids);
      await Promise.all([run.thumbnails(), run.detect(), run.meanPattern()]);
      // The first of a length finds nothing allocated or compiled.
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
