// Times the experiments inside the page, through the engine's public interface.
// The function travels to the page as text, so it refers to nothing outside itself.

/** @typedef {{ what: string, ms: number }} Timed */

/**
 * @typedef {object} What
 * @property {'cpu' | 'webgpu'} backend
 * @property {string} module address of the engine's module
 * @property {object | null} config of the weights in the page's file input; null: the default model
 * @property {number} seqLen
 * @property {number} batch
 */

/**
 * @param {What} what
 * @returns {Promise<{ adapter: string, timed: Timed[] }>}
 */
export async function measureExperiments({ backend, module, config, seqLen, batch }) {
  const { Headscope } = await import(module);
  const engine = await Headscope.open({ backend });
  const weights = /** @type {HTMLInputElement | null} */ (document.querySelector('input[name=bench]'))
    ?.files?.[0];
  const model = await engine.loadModel(config && weights ? { weights, config } : 'default');
  /** @type {Timed[]} */ const timed = [];
  /** @template T @param {string} what @param {() => Promise<T>} work */
  const time = async (what, work) => {
    const since = performance.now();
    const result = await work();
    timed.push({ what, ms: performance.now() - since });
    return result;
  };
  await model.run([1, 2]); // compiles the pipelines, which is no part of an experiment
  const on = await time(`repeated sequences, ${batch} of ${seqLen}`, () => model.repeated({ seqLen, batch }));
  await time('one head off', () => model.ablate({ on, heads: ['0.0'] }));
  await time('every head off in turn', () => model.ablateAll({ on }));
  await time('composition of all pairs', () => model.composition());
  await time('copying of one head, whole vocabulary', () => model.copying(['1.0']));
  await time('positions alone', () => model.positionScores());
  const { adapter } = engine;
  model.free();
  engine.close();
  return { adapter, timed };
}
