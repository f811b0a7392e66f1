/** The tabs under the evidence. Only the open tab's panel is shown. */

import { shownOn, TABS } from '../state/tabs.js';
import { button, changed, el, focusIn, once } from '../ui/dom.js';
import { isShortcut } from '../ui/gestures.js';
import { showInFrames } from '../ui/show_in_frames.js';

/**
 * @param {Element} root
 * @param {import('../state/state.js').State} state
 * @param {import('../state/state.js').Emit} emit
 */
export function tabs(root, state, emit) {
  const parts = once(root, () => {
    const all = TABS.map(({ id: tab, label }) => {
      const attributes = {
        role: 'tab',
        id: `tab-${tab}`,
        'aria-controls': `panel-${tab}`,
        'data-testid': `tab-${tab}`,
      };
      return { tab, button: button(label, () => emit({ type: 'tab', tab }), attributes) };
    });
    const list = el(
      'div',
      { class: 'tabs', role: 'tablist', 'aria-label': 'What to look at' },
      ...all.map(({ button }) => button),
    );
    list.addEventListener('keydown', (event) => {
      const to = neighbour(
        all.findIndex(({ button }) => button === event.target),
        event.key,
        all.length,
      );
      if (to === null || isShortcut(event)) return;
      event.preventDefault();
      all[to].button.focus();
      emit({ type: 'tab', tab: all[to].tab });
    });
    // Heads that are pinned in a panel act on the evidence, which comes before the panels.
    const toEvidence = button('To the pattern', () => focusIn('pattern'), {
      class: 'skip',
      'data-testid': 'to-pattern',
    });
    root.append(list, toEvidence);
    return { all, ofTab: {} };
  });
  if (!changed(parts.ofTab, state.view.tab)) return;
  for (const { tab, button } of parts.all) {
    const open = shownOn(tab, state);
    button.setAttribute('aria-selected', String(open));
    button.tabIndex = open ? 0 : -1;
    const panel = document.getElementById(`panel-${tab}`);
    if (panel && !open) panel.hidden = true;
    else if (panel?.hidden) showInFrames(panel);
  }
}

/**
 * The tab that a key goes to; null for other keys.
 * @param {number} from @param {string} key @param {number} count @returns {number | null}
 */
function neighbour(from, key, count) {
  if (from < 0) return null;
  if (key === 'Home') return 0;
  if (key === 'End') return count - 1;
  const step = { ArrowRight: 1, ArrowLeft: -1 }[key];
  return step === undefined ? null : (from + step + count) % count;
}
