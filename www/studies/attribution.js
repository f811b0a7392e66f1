/**
 * Direct logit attribution of the shown run: what each component adds to each target token's logit.
 * Definition: docs/definitions.md#direct-logit-attribution.
 */

import { spread } from '../figures/sampled.js';
import { shownOn } from '../state/tabs.js';
import { patient } from './study.js';

/** @typedef {import('../engine/experiments.js').Attribution} Attribution */

/** @type {import('./study.js').Study<Attribution>} */
export const attribution = {
  kind: 'attribution',
  title: 'the direct logit attribution',
  ofRun: true,
  needs: (state) => (shownOn('explain', state) ? [] : null),
  async perform({ model, run, signal: stopped }) {
    const signal = patient(stopped);
    return model.attribution(run, { signal });
  },
  figures({ components, values, logits }) {
    // A logit, then its components without the bias, position by position. 2,048 tokens have fifty thousand.
    const width = components.length;
    return spread(logits.length * width, (index) => {
      const [at, component] = [Math.floor(index / width), (index % width) - 1];
      return component < 0
        ? { what: `logit after position ${at}`, value: logits[at] }
        : { what: `component ${component} after position ${at}`, value: values[at][component] };
    });
  },
};
