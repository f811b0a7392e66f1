/**
 * Observable Plot, which draws the charts: fetched when the first of them is to be drawn, so that a first
 * visit does without.
 */

import { failure, wordsOf } from '../base/failure.js';

/** @typedef {typeof import('./plotting.js')} Plot */

/** @type {Promise<Plot> | null} */ let coming = null;

/** @returns {Promise<Plot>} rejects with `ChartFetch`; the next call tries again */
export function loadPlot() {
  coming ??= import('./plotting.js').catch((thrown) => {
    coming = null;
    throw failure('ChartFetch', wordsOf(thrown), { cause: thrown });
  });
  return coming;
}
