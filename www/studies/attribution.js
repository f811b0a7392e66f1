/**
 * Direct logit attribution of the shown run: what the embedding and every head add to each target token's
 * logit. Definition: docs/definitions.md#direct-logit-attribution.
 */

import { spread } from '../figures/sampled.js';
import { shownOn } from '../state/tabs.js';
import { patient } from './study.js';

/**
 * @typedef {object} Attribution
 * @property {number[][]} components      `[seq - 1][1 + n_layers * n_heads]`, the embedding first
 * @property {number[]} biases            `[seq - 1]`
 * @property {number[]} logits            `[seq - 1]`
 */

/** @type {import('./study.js').Study<Attribution>} */
export const attribution = {
  kind: 'attribution',
  title: 'the direct logit attribution',
  ofRun: true,
  needs: (state) => (shownOn('explain', state) ? [] : null),
  async perform({ model, run, signal: stopped }) {
    const signal = patient(stopped);
    const components = await model.attribution(run, { signal });
    return { components, ...(await model.attributionTotals(run, { signal })) };
  },
  figures({ components, logits }) {
    // A logit, then its components, position by position. 2,048 tokens have fifty thousand figures.
    const width = 1 + (components[0]?.length ?? 0);
    return spread(logits.length * width, (index) => {
      const [at, component] = [Math.floor(index / width), (index % width) - 1];
      return component < 0
        ? { what: `logit after position ${at}`, value: logits[at] }
        : { what: `component ${component} after position ${at}`, value: components[at][component] };
    });
  },
};
