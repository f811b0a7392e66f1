/**
 * Rows of a table's body, drawn in frames: a model of 270 heads has thousands of cells. A row is kept under
 * its key, so that another order moves rows, and other figures change the cells that differ.
 *
 * @typedef {{ row: HTMLTableRowElement }} Row
 */

import { inFrames } from '../base/frames.js';

/** The elements of a row, itself included. @param {HTMLTableRowElement} row */
const elementsOf = (row) => 1 + row.getElementsByTagName('*').length;

/**
 * @template Item
 * @template {Row} Made
 * @param {HTMLTableSectionElement} body has no rows but these
 * @param {object} how
 * @param {(item: Item) => string} how.keyOf
 * @param {(item: Item) => Made} how.make           an empty row
 * @param {(made: Made, item: Item) => number} how.fill   draws what differs, and returns the number of
 *   elements that it made or changed
 */
export function createRows(body, { keyOf, make, fill }) {
  /** @type {Map<string, Made>} */ const rows = new Map();
  let drawing = 0;

  /** Puts a row in its place; the focus stays in it. @param {HTMLTableRowElement} row @param {number} at */
  function place(row, at) {
    const { activeElement } = document;
    body.insertBefore(row, body.rows[at] ?? null);
    if (activeElement instanceof HTMLElement && row.contains(activeElement)) activeElement.focus();
  }

  /** @param {readonly Item[]} items @returns {import('../base/frames.js').Drawing} */
  function* placing(items) {
    for (const [at, item] of items.entries()) {
      const key = keyOf(item);
      const made = rows.get(key) ?? make(item);
      rows.set(key, made);
      const changed = fill(made, item);
      // A moved row is laid out again, so a row in its place is not touched.
      const moved = made.row !== body.rows[at];
      if (moved) place(made.row, at);
      yield moved ? elementsOf(made.row) : changed;
    }
    while (body.rows.length > items.length) body.deleteRow(-1);
    const wanted = new Set(items.map(keyOf));
    for (const key of rows.keys()) if (!wanted.has(key)) rows.delete(key);
    body.setAttribute('aria-busy', 'false');
  }

  return {
    /**
     * Shows these rows, in this order. A later call ends the drawing of an earlier one.
     * @param {readonly Item[]} items their keys differ
     */
    show(items) {
      const mine = ++drawing;
      body.setAttribute('aria-busy', 'true');
      void inFrames(placing(items), () => drawing === mine);
    },
  };
}
