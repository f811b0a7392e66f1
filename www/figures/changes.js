/**
 * Every detector's score of every head before and after something was done to the model, what changed most
 * first. Pure.
 *
 * @typedef {{ head: string, what: string, before: number, after: number, change: number }} Change
 * @typedef
 *   {{ stripe?: number[][] | null, strict: number[][] | null, detect: import('./heads.js').Detection }}
 *   Figures
 */

import { nameOf } from '../base/heads.js';
import { columns } from './table.js';

/** A change smaller than this is none: it would show as 0.000. */
export const LEAST = 0.0005;

/**
 * Scores that a text does not have, and those of one of the two alone, are left out.
 * @param {Figures} before @param {Figures} after @returns {Change[]}
 */
export function changesOf(before, after) {
  const scores = columns.map((column) => ({
    what: `${column.group}: ${column.label.replace('\n', ' ')}`,
    before: column.scores(before.detect),
    after: column.scores(after.detect),
  }));
  for (const [stripe, what] of /** @type {const} */ ([
    ['stripe', 'Induction stripe, the notebook’s'],
    ['strict', 'Induction stripe, strict'],
  ])) {
    const [old, now] = [before[stripe], after[stripe]];
    if (old && now) scores.unshift({ what, before: old, after: now });
  }
  const all = scores.flatMap(({ what, before: old, after: now }) =>
    old.flatMap((row, layer) =>
      row.flatMap((was, head) => {
        const is = now[layer][head];
        return was === null || is === null
          ? []
          : [{ head: nameOf(layer, head), what, before: was, after: is, change: is - was }];
      }),
    ),
  );
  return all.sort((a, b) => Math.abs(b.change) - Math.abs(a.change));
}
