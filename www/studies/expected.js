/** The log-probability that the model gives to each target token of the text: the token that follows. */

/** @typedef {{ logProbs: Float32Array }} Expected   `[seq - 1]`; docs/definitions.md#log-probability */

/** @type {import('./study.js').Study<Expected>} */
export const expected = {
  kind: 'expected',
  ofRun: true,
  needs: ({ result }) => (result && result.seq > 1 ? [] : null),
  perform: async ({ run }) => ({ logProbs: await run.logProbs() }),
};
