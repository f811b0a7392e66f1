/**
 * Both stripe scores of one head on one repeated sequence: the formula with its numbers, the counted cells,
 * the uniform baseline, the verdict, and the mean over all sequences.
 */

import { OVER_SEQUENCES } from '../figures/scores/index.js';
import { engineStripeWords, overWords } from '../figures/stripes.js';
import { uniformWords, verdictWords } from '../figures/verdict_words.js';
import { el, setText } from './dom.js';

/** The facts of a sheet, by the name in their test ids. */
const FACTS = {
  numerator: 'Numerator',
  denominator: 'Denominator',
  uniform: 'Uniform baseline',
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
  const sheets = OVER_SEQUENCES.map(({ id }) => createSheet(id));
  return {
    element: el('div', { class: 'stripe-sheets' }, ...sheets.map(({ element }) => element)),

    /**
     * @param {string} head
     * @param {import('../figures/stripes.js').Stripe[]} stripes in the order of `OVER_SEQUENCES`
     * @param {number} mean the threshold
     */
    show(head, stripes, mean) {
      const thresholds = { active: 0, fraction: 0, mean };
      sheets.forEach(({ title, formula, lines }, at) => {
        const { score, audit, uniform, over } = stripes[at];
        const { numerator, denominator } = score.words(thresholds);
        setText(title, `Head ${head}: ${score.title}`);
        setText(formula, audit.formula);
        /** @type {Record<string, string>} */
        const words = {
          numerator,
          denominator,
          uniform: uniformWords(score, uniform, thresholds, 'any sequence of this length'),
          verdict: verdictWords(score, audit.value, uniform, thresholds),
          over: over ? overWords(over) : '…',
          engine: over ? engineStripeWords(audit.value, over) : '…',
        };
        for (const { name, term, fact } of lines) {
          setText(fact, words[name]);
          term.hidden = fact.hidden = words[name] === '';
        }
      });
    },
  };
}
