/**
 * Both stripes of one head on one draw: each formula filled in, what it counts, its uniform baseline, its verdict,
 * and all draws.
 */

import { OVER_SEQUENCES } from '../figures/scores/index.js';
import { engineStripeWords, overWords } from '../figures/stripes.js';
import { uniformWords, verdictWords } from '../figures/verdict_words.js';
import { el, setText } from './dom.js';

export function createStripeSheet() {
  const parts = OVER_SEQUENCES.map(({ id }) => {
    const title = el('h3', {});
    const formula = el('p', { class: 'formula', 'data-testid': `stripe-formula-${id}` });
    const lines = Object.entries({
      numerator: 'Numerator',
      denominator: 'Denominator',
      uniform: 'Uniform baseline',
      verdict: 'Verdict',
      over: 'All sequences',
      engine: 'Engine',
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
     * @param {import('../figures/stripes.js').Stripe[]} stripes in the order of `OVER_SEQUENCES`
     * @param {number} mean the threshold
     */
    show(head, stripes, mean) {
      const thresholds = { active: 0, fraction: 0, mean };
      parts.forEach(({ title, formula, lines }, at) => {
        const { score, audit, uniform, over } = stripes[at];
        const { numerator, denominator } = score.words(thresholds);
        setText(title, `Head ${head}: ${score.title}`);
        setText(formula, audit.formula);
        /** @type {Record<string, string>} */
        const told = {
          numerator,
          denominator,
          uniform: uniformWords(score, uniform, thresholds, 'any sequence of this length'),
          verdict: verdictWords(score, audit.value, uniform, thresholds),
          over: over ? overWords(over) : '…',
          engine: over ? engineStripeWords(audit.value, over) : '…',
        };
        for (const line of lines) {
          setText(line.told, told[line.name]);
          line.term.hidden = line.told.hidden = told[line.name] === '';
        }
      });
    },
  };
}
