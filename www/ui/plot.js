/** Observable Plot, which draws the charts: fetched when the first of them is to be drawn, so that a first visit does without. */

/** @typedef {typeof import('./plotting.js')} Plot */

/** @type {Promise<Plot> | null} */ let coming = null;

/** @returns {Promise<Plot>} rejects with `ChartFetch`; the next call tries again */
export function loadPlot() {
  coming ??= import('./plotting.js').catch((thrown) => {
    coming = null;
    throw Object.assign(new Error(String(thrown?.message ?? thrown)), { name: 'ChartFetch' });
  });
  return coming;
}
