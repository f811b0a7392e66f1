/** The parts of Observable Plot that the charts use. The built page contains no others. */

import { plot as plotted } from '@observablehq/plot';

export { barY, cell, dot, lineX, lineY, link, rect, ruleX, ruleY, text } from '@observablehq/plot';

/**
 * A chart without the style sheet that Plot writes into it: the page allows no inline styles, and has the
 * same rules in charts.css.
 * @param {import('@observablehq/plot').PlotOptions} options
 */
export function plot(options) {
  const drawn = plotted(options);
  for (const style of drawn.querySelectorAll('style')) style.remove();
  return drawn;
}
