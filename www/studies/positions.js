/** How much each head of layer 0 attends to the previous position by positions alone.
 * Definition: docs/definitions.md#position-scores. */

import { shownOn } from '../state/tabs.js';
import { patient } from './study.js';

/** @type {import('./study.js').Study<number[]>} */
export const positions = {
  kind: 'positions',
  title: 'the scores position by position',
  needs: (state) => (shownOn('explain', state) ? [] : null),
  perform: ({ model, signal }) => model.positionScores({ signal: patient(signal) }),
  figures: (scores) =>
    scores.map((value, head) => ({
      what: `position-by-position previous-token score of head 0.${head}`,
      value,
    })),
};
