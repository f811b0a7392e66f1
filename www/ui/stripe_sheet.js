/**
 * Both stripes of one head on one draw: each formula filled in, what it counts, its null line, its verdict,
 * and all draws.
 */

import { nullWords, titleOf, verdictWords, wordsOf } from '../figures/scores.js';
import { engineWords, overWords, STRIPES } from '../figures/stripes.js';
import { el, setText } from './dom.js';

export function createStripeSheet() {
  const parts = STRIPES.map((id) => {
    const title = el('h3', {});
    const formula = el('p', { class: 'formula', 'data-testid': `stripe-formula-${id}` });
    const lines = Object.entries({
      numerator: 'Numerator',
      denominator: 'Denominator',
      null: 'Null line',
      verdict: 'Verdict',
      over: 'All draws',
      engine: 'The engine',
    }).map(([name, words]) => {
      const [term, told] = [el('dt', {}, words), el('dd', { 'data-testid': `stripe-${name}-${id}` })];
      return { name, term, told };
    });
    const facts = el('dl', { class: 'facts' }, ...lines.flatMap(({ term, told }) => [term, told]));
    return { id, title, formula, lines, element: el('div', { class: 'sheet' }, title, formula, facts) };
  });
  return {
    element: el('div', { class: 'stripe-sheets' }, ...parts.map(({ element }) => element)),

    /**
     * @param {string} head
     * @param {import('../figures/stripes.js').Stripe[]} stripes in the order of `STRIPES`
     * @param {number} mean the threshold
     */
    show(head, stripes, mean) {
      const thresholds = { active: 0, fraction: 0, mean };
      parts.forEach(({ title, formula, lines }, at) => {
        const { score, audit, nullLine, over } = stripes[at];
        const { numerator, denominator } = wordsOf(score, thresholds);
        setText(title, `Head ${head}: ${titleOf(score)}`);
        setText(formula, audit.formula);
        /** @type {Record<string, string>} */
        const told = {
          numerator,
          denominator,
          null: nullWords(score, nullLine, thresholds, 'any draw of this length'),
          verdict: verdictWords(score, audit.value, nullLine, thresholds),
          over: over ? overWords(over) : '…',
          engine: over ? engineWords(audit.value, over) : '…',
        };
        for (const line of lines) {
          setText(line.told, told[line.name]);
          line.term.hidden = line.told.hidden = told[line.name] === '';
        }
      });
    },
  };
}
