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

/** @param {{ title: string, testid: string }} what @param {import('../state/state.js').Emit} emit */
export function createScoreMap(what, emit) {
  const table = createHeadTable(what, (head) => emit({ type: 'lock', head }), emit);
  table.element.classList.add('score-map');
  /** @type {Shown | null} */ let shown = null;

  function draw() {
    if (!shown) return;
    const { score, ablated } = shown;
    const colours = colourScale({ differences: score.signed, most: 1 })(isDark());
    for (const [name, button] of table.buttons) {
      const { layer, head } = parseHead(name) ?? { layer: 0, head: 0 };
      const value = score.values[layer]?.[head] ?? null;
      const off = ablated.includes(name);
      setText(button, bare(value));
      const spoken = `Head ${name}, ${score.title} ${figure(value)}${off ? ', ablated' : ''}`;
      button.setAttribute('aria-label', spoken);
      button.title = spoken;
      button.classList.toggle('ablated', off);
      const cell = value === null ? { fill: 'transparent', ink: 'var(--muted)' } : colours(value);
      button.style.setProperty('--cell', cell.fill);
      button.style.setProperty('--cell-ink', cell.ink);
    }
  }
  onSchemeChange(draw);

  return {
    element: table.element,
    /** @param {Shown} next */
    show(next) {
      shown = next;
      table.fit(next.score.values.length, next.score.values[0]?.length ?? 0);
      draw();
      for (const [name, button] of table.buttons)
        button.setAttribute('aria-pressed', String(name === next.locked));
      if (next.locked) table.tabTo(next.locked);
    },
  };
}
