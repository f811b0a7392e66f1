/** How much each head of layer 0 looks one back for positions' sake alone. */

import { patient } from './study.js';

/** @type {import('./study.js').Study<number[]>} */
export const positions = {
  kind: 'positions',
  title: 'the scores position by position',
  needs: ({ view }) => (view.tab === 'circuits' ? [] : null),
  perform: ({ model, signal }) => model.positionScores({ signal: patient(signal) }),
  figures: (scores) =>
    scores.map((value, head) => ({
      what: `position-by-position previous-token score of head 0.${head}`,
      value,
    })),
};
