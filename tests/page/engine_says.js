// A second engine in the same page computes the figures that the page's own are compared with.

/**
 * @param {import('@playwright/test').Page} page @param {boolean} webgpu @param {string} text
 * @returns {Promise<any>}
 */
export const engineSays = (page, webgpu, text) =>
  page.evaluate(
    async ({ backend, text }) => {
      const { Headscope } = await import(new URL('./headscope.js', document.baseURI).href);
      const hs = await Headscope.open({ backend });
      const model = await hs.loadModel('default');
      const run = await model.run(text);
      const repeats = await model.repeated({ seqLen: 50, batch: 10, seed: 0 });
      const weighted = { value: await run.pattern(0, 2, 'value'), output: await run.pattern(0, 2, 'output') };
      const said = {
        seq: run.seq,
        detection: await run.detect(),
        pattern: [...(await run.pattern(0, 2))],
        most: Object.fromEntries(
          Object.entries(weighted).map(([by, weights]) => [
            by,
            weights.reduce(
              (/** @type {number} */ most, /** @type {number} */ weight) => Math.max(most, weight),
              0,
            ),
          ]),
        ),
        composition: await model.composition(),
        positions: await model.positionScores(),
        attribution: (await model.attribution(run)).values.map((/** @type {Float32Array} */ row) => [...row]),
        copying: await model.copying(['1.1']),
        strict: repeats.strict,
        without: await model.ablate({ heads: ['0.2'], kind: 'zero', on: repeats }),
      };
      hs.close();
      return said;
    },
    { backend: webgpu ? 'webgpu' : 'cpu', text },
  );
