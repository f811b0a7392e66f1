/** The parts of Observable Plot that the charts use. The built page contains no others. */

export { barY, cell, dot, lineX, lineY, link, plot, rect, ruleX, ruleY, text } from '@observablehq/plot';
