/** A choice of one score of every head. */

import { MAPPED } from '../figures/head_scores.js';
import { el } from './dom.js';

/**
 * @param {{ label: string, testid: string }} what
 * @param {(id: string) => void} set
 */
export function createScoreSelect({ label, testid }, set) {
  const groups = [...new Set(MAPPED.map(({ group }) => group))].map((group) =>
    el(
      'optgroup',
      { label: group },
      ...MAPPED.filter((score) => score.group === group).map(({ id, title }) =>
        el('option', { value: id }, title),
      ),
    ),
  );
  const select = el('select', { id: testid, 'data-testid': testid }, ...groups);
  select.addEventListener('change', () => set(select.value));
  return {
    element: el('span', { class: 'score-select' }, el('label', { for: testid }, label), select),
    /** @param {string} id */
    show(id) {
      if (select.value !== id) select.value = id;
    },
  };
}
