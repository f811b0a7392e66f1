/** A map of one score: layers down, heads across, a button for every head. */

import { bare, figure } from '../base/format.js';
import { parseHead } from '../base/heads.js';
import { isDark, onSchemeChange, setText } from './dom.js';
import { createHeadTable } from './head_table.js';
import { colourScale } from './heat_cells.js';

/**
 * @typedef {import('../figures/head_scores.js').HeadScore} HeadScore
 * @typedef {{ score: HeadScore, locked: string | null, ablated: readonly string[] }} Shown
 */

/** What each button shows: a key of its words and colours. @type {WeakMap<HTMLElement, string>} */
const drawn = new WeakMap();

/** @param {{ title: string, testid: string }} what @param {import('../state/state.js').Emit} emit */
export function createScoreMap(what, emit) {
  const table = createHeadTable(what, (head) => emit({ type: 'lock', head }), emit);
  table.element.classList.add('score-map');
  /** @type {Shown | null} */ let shown = null;

  function draw() {
    if (!shown) return;
    const { score, locked, ablated } = shown;
    const { values, title, signed } = score;
    const colours = colourScale({ differences: signed, most: 1 })(isDark());
    void table
      .show(values.length, values[0]?.length ?? 0, (name, button) => {
        button.setAttribute('aria-pressed', String(name === locked));
        const { layer, head } = parseHead(name) ?? { layer: 0, head: 0 };
        const value = values[layer]?.[head] ?? null;
        const off = ablated.includes(name);
        const cell = value === null ? { fill: 'transparent', ink: 'var(--muted)' } : colours(value);
        const spoken = `Head ${name}, ${title} ${figure(value)}${off ? ', ablated' : ''}`;
        const key = `${spoken} ${cell.fill}`;
        if (drawn.get(button) === key) return 0;
        drawn.set(button, key);
        setText(button, bare(value));
        button.setAttribute('aria-label', spoken);
        button.title = spoken;
        button.classList.toggle('ablated', off);
        button.style.setProperty('--cell', cell.fill);
        button.style.setProperty('--cell-ink', cell.ink);
        return 1;
      })
      .then((finished) => finished && locked && table.tabTo(locked));
  }
  onSchemeChange(draw);

  return {
    element: table.element,
    /** @param {Shown} next */
    show(next) {
      shown = next;
      draw();
    },
  };
}
