/** Direct logit attribution of the run shown: what the embedding and every head add to each next token's logit. */

import { patient } from '../study.js';

/** @typedef {{ components: number[][], biases: number[], logits: number[] }} Attribution */

/** @type {import('../study.js').Study<Attribution>} */
export const attribution = {
  kind: 'attribution',
  title: 'the direct logit attribution',
  ofRun: true,
  needs: ({ view }) => (view.tab === 'circuits' ? [] : null),
  async perform({ model, run, signal: stopped }) {
    const signal = patient(stopped);
    const components = await model.attribution(run, { signal });
    return { components, ...(await model.attributionTotals(run, { signal })) };
  },
  figures: ({ components, logits }) =>
    logits.flatMap((logit, at) => [
      { what: `logit after position ${at}`, value: logit },
      ...components[at].map((value, component) => ({ what: `component ${component} after position ${at}`, value })),
    ]),
};
