/** Of Observable Plot what the charts here draw with: what is not named is not sent. */

export { barY, cell, dot, lineX, lineY, link, plot, rect, ruleX, ruleY, text } from '@observablehq/plot';
