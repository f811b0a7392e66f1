/**
 * Both stripe scores of one head on one repeated sequence: the formula with its numbers, the counted cells,
 * the uniform baseline, the verdict, and the mean over all sequences.
 */

import { nullWords, titleOf, verdictWords, wordsOf } from '../figures/scores.js';
import { engineWords, overWords, STRIPES } from '../figures/stripes.js';
import { el, setText } from './dom.js';

/** The facts of a sheet, by the name in their test ids. */
const FACTS = {
  numerator: 'Numerator',
  denominator: 'Denominator',
  null: 'Uniform baseline',
  verdict: 'Verdict',
  over: 'All sequences',
  engine: 'Engine',
};

/** @param {string} id of the score */
function createSheet(id) {
  const title = el('h3', {});
  const formula = el('p', { class: 'formula', 'data-testid': `stripe-formula-${id}` });
  const lines = Object.entries(FACTS).map(([name, words]) => ({
    name,
    term: el('dt', {}, words),
    fact: el('dd', { 'data-testid': `stripe-${name}-${id}` }),
  }));
  const facts = el('dl', { class: 'facts' }, ...lines.flatMap(({ term, fact }) => [term, fact]));
  return { title, formula, lines, element: el('div', { class: 'sheet' }, title, formula, facts) };
}

export function createStripeSheet() {
  const sheets = STRIPES.map(createSheet);
  return {
    element: el('div', { class: 'stripe-sheets' }, ...sheets.map(({ element }) => element)),

    /**
     * @param {string} head
     * @param {import('../figures/stripes.js').Stripe[]} stripes in the order of `STRIPES`
     * @param {number} mean the threshold
     */
    show(head, stripes, mean) {
      const thresholds = { active: 0, fraction: 0, mean };
      sheets.forEach(({ title, formula, lines }, at) => {
        const { score, audit, nullLine, over } = stripes[at];
        const { numerator, denominator } = wordsOf(score, thresholds);
        setText(title, `Head ${head}: ${titleOf(score)}`);
        setText(formula, audit.formula);
        /** @type {Record<string, string>} */
        const words = {
          numerator,
          denominator,
          null: nullWords(score, nullLine, thresholds, 'any sequence of this length'),
          verdict: verdictWords(score, audit.value, nullLine, thresholds),
          over: over ? overWords(over) : '…',
          engine: over ? engineWords(audit.value, over) : '…',
        };
        for (const { name, term, fact } of lines) {
          setText(fact, words[name]);
          term.hidden = fact.hidden = words[name] === '';
        }
      });
    },
  };
}
