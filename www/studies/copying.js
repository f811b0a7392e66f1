/**
 * How often what some heads move, together, is what they raise most: over the whole vocabulary, so it is
 * asked for.
 */

/** @typedef {import('../engine/experiments.js').Copying & { heads: readonly string[] }} Copied */

/** @type {import('./study.js').Study<Copied>} */
export const copying = {
  kind: 'copying',
  title: 'the count of copying',
  long: true,
  shown: ({ view }) => view.tab === 'circuits',
  needs: ({ view }) => (view.copying.length ? [[...view.copying].sort()] : null),
  async perform({ model, state, signal, onProgress }) {
    const heads = state.view.copying;
    return { heads, ...(await model.copying(heads, { signal, onProgress })) };
  },
  figures: ({ top1, top5 }) => [
    { what: 'copying, top 1', value: top1 },
    { what: 'copying, top 5', value: top5 },
  ],
};
