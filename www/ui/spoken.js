/**
 * Says to a screen reader how far work is: at its start, and at each quarter. The line that is seen changes
 * with every step, and would never let the reader finish a sentence.
 */

import { el, setText } from './dom.js';

const QUARTERS = 4;

export function createSpoken() {
  const element = el('span', { class: 'unseen', role: 'status', 'data-testid': 'spoken' });
  return {
    element,
    /**
     * @param {string | null} doing the work, as `Counting`; null while there is none
     * @param {number} [done] steps @param {number} [total] steps; 0 while the number is unknown
     */
    say(doing, done = 0, total = 0) {
      const percent = total && (Math.floor((done / total) * QUARTERS) / QUARTERS) * 100;
      setText(element, doing === null ? '' : total ? `${doing}: ${percent} %` : doing);
    },
  };
}
