/** Direct logit attribution of the run shown: what the embedding and every head add to each next token's logit. */

/** @typedef {{ components: number[][], biases: number[], logits: number[] }} Attribution */

/** @type {import('../study.js').Study<Attribution>} */
export const attribution = {
  kind: 'attribution',
  title: 'the direct logit attribution',
  ofRun: true,
  needs: ({ view }) => (view.tab === 'circuits' ? [] : null),
  async perform({ model, run }) {
    const components = await model.attribution(run);
    return { components, ...(await model.attributionTotals(run)) };
  },
  figures: ({ components, logits }) =>
    logits.flatMap((logit, at) => [
      { what: `logit after position ${at}`, value: logit },
      ...components[at].map((value, component) => ({ what: `component ${component} after position ${at}`, value })),
    ]),
};
