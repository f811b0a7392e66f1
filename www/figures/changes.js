/**
 * How every score of every head changes when the model is changed, the largest change first. Pure.
 *
 * @typedef {{ head: string, what: string, before: number, after: number, change: number }} Change
 *
 * @typedef {object} Figures              of one model, `[layer][head]` each
 * @property {number[][] | null} [stripe] null or absent where it was not measured
 * @property {number[][] | null} strict
 * @property {import('./heads.js').Detection} detect
 */

import { nameOf } from '../base/heads.js';
import { scoreOf } from './scores/index.js';
import { columns } from './table.js';

/** A smaller change is no change: the page would write it as 0.000. */
export const LEAST = 0.0005;

/**
 * Every change of a score that both have.
 * @param {Figures} before @param {Figures} after @returns {Change[]}
 */
export function changesOf(before, after) {
  const scores = columns.map((column) => ({
    what: `${column.group}: ${column.label.replace('\n', ' ')}`,
    before: column.scores(before.detect),
    after: column.scores(after.detect),
  }));
  for (const id of /** @type {const} */ (['stripe', 'strict'])) {
    const [old, now] = [before[id], after[id]];
    if (old && now) scores.unshift({ what: scoreOf(id).title, before: old, after: now });
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
