/**
 * The columns of an attribution that are shown: all components in the model's order, or of many components
 * those with the largest contributions. Pure.
 */

/** A model of so many components shows all of them. */
const MOST = 40;

/** Columns shown first of more components. */
export const FEW = 20;

/**
 * @typedef {object} Columns
 * @property {number[]} shown             places of components
 * @property {number} hidden              number of the other components; their sum is a column
 */

/**
 * @param {ArrayLike<number>[]} rows `[row][component]`, of the rows shown
 * @param {number} count              columns to show of many components
 * @returns {Columns}
 */
export function columnsShown(rows, count) {
  const width = rows[0]?.length ?? 0;
  const all = Array.from({ length: width }, (_, column) => column);
  if (width <= MOST) return { shown: all, hidden: 0 };
  if (count >= width) return { shown: bySize(rows, all), hidden: 0 };
  return { shown: bySize(rows, all).slice(0, count), hidden: width - count };
}

/**
 * Components by their mean size, the largest first.
 * @param {ArrayLike<number>[]} rows @param {number[]} all
 */
function bySize(rows, all) {
  const sizes = all.map((column) => rows.reduce((sum, row) => sum + Math.abs(row[column]), 0));
  return [...all].sort((left, right) => sizes[right] - sizes[left]);
}
