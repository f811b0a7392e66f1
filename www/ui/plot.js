/** Loads Observable Plot, which draws the charts, for the first chart: a first visit does not fetch it. */

import { failure, wordsOf } from '../base/failure.js';

/** @typedef {typeof import('./plotting.js')} Plot */

/** @type {Promise<Plot> | null} */ let loading = null;

/** @returns {Promise<Plot>} rejects with `ChartFetch`; the next call tries again */
export function loadPlot() {
  loading ??= import('./plotting.js').catch((thrown) => {
    loading = null;
    throw failure('ChartFetch', wordsOf(thrown), { cause: thrown });
  });
  return loading;
}
