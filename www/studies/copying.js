/**
 * Copying of some heads, together: how often the token that they attend to is the token that they raise most.
 * It covers the whole vocabulary and takes long, so the visitor asks for it. Definition:
 * docs/definitions.md#copying.
 */

import { shownOn } from '../state/tabs.js';

/** @typedef {import('../engine/experiments.js').Copying & { heads: readonly string[] }} Copied */

/** @type {import('./study.js').Study<Copied>} */
export const copying = {
  kind: 'copying',
  title: 'the count of copying',
  long: true,
  shown: (state) => shownOn('explain', state),
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
