/**
 * Direct logit attribution of the run shown: what the embedding and every head add to each next token's
 * logit.
 */

import { spread } from '../figures/sampled.js';
import { patient } from './study.js';

/** @typedef {{ components: number[][], biases: number[], logits: number[] }} Attribution */

/** @type {import('./study.js').Study<Attribution>} */
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
  figures({ components, logits }) {
    // A logit, then its components, position by position; made one by one, since of 2,048 tokens there are
    // fifty thousand.
    const width = 1 + (components[0]?.length ?? 0);
    return spread(logits.length * width, (index) => {
      const [at, component] = [Math.floor(index / width), (index % width) - 1];
      return component < 0
        ? { what: `logit after position ${at}`, value: logits[at] }
        : { what: `component ${component} after position ${at}`, value: components[at][component] };
    });
  },
};
