// The Ablate tab's parts, and its figures as a second engine computes them.

/** A figure as the page writes it. @param {number} value @param {number} [places] */
export const written = (value, places = 3) =>
  value
    .toFixed(places)
    .replace(/^-(?=0\.0*$)/, '')
    .replace('-', '−');

/** Sequences of the experiment: few, for speed. */
export const DRAWS = 2;

/**
 * The ablation as a second engine in the same page computes it.
 * @param {import('@playwright/test').Page} page @param {boolean} webgpu
 * @param {{ heads: string[], kind?: 'zero' | 'mean', text?: string, seqLen?: number }} what
 */
export const made = (page, webgpu, what) =>
  page.evaluate(
    async ({ heads, kind, text, seqLen = 50, draws, backend }) => {
      const { Headscope } = await import(new URL('headscope.js', document.baseURI).href);
      const hs = await Headscope.open({ backend });
      const model = await hs.loadModel('default');
      const on =
        text === undefined ? await model.repeated({ seqLen, batch: draws, seed: 0 }) : await model.run(text);
      const found = {
        before: await model.ablate({ heads: [], kind, on }),
        after: await model.ablate({ heads, kind, on }),
        all: heads.length ? null : await model.ablateAll({ kind, on }),
      };
      hs.close();
      return found;
    },
    { ...what, draws: DRAWS, backend: webgpu ? 'webgpu' : 'cpu' },
  );

/** @param {import('@playwright/test').Page} page @param {string} name */
export const toggle = (page, name) => page.getByTestId('off-heads').locator(`[data-head="${name}"]`);
