/** A menu of the header: a button, and a panel below it that closes on Escape and on a click elsewhere. */

import { el } from './dom.js';

/**
 * @param {{ label: string, name: string, testid: string }} what `name`: of the panel, for screen readers
 * @param {...(Node | null)} content
 */
export function createMenu({ label, name, testid }, ...content) {
  const id = `${testid}-panel`;
  const panel = el('div', { class: 'menu-panel', id, role: 'group', 'aria-label': name, hidden: true });
  panel.append(...content.filter((child) => child !== null));
  const opener = el(
    'button',
    {
      type: 'button',
      class: 'opener',
      'aria-expanded': 'false',
      'aria-controls': id,
      'data-testid': testid,
    },
    label,
  );
  const element = el('div', { class: 'menu' }, opener, panel);

  /** @param {boolean} open */
  function show(open) {
    panel.hidden = !open;
    opener.setAttribute('aria-expanded', String(open));
  }
  opener.addEventListener('click', () => show(panel.hidden !== false));
  element.addEventListener('keydown', (event) => {
    if (event.key !== 'Escape' || panel.hidden) return;
    event.preventDefault();
    show(false);
    opener.focus();
  });
  document.addEventListener('pointerdown', ({ target }) => {
    if (!panel.hidden && target instanceof Node && !element.contains(target)) show(false);
  });
  element.addEventListener('focusout', ({ relatedTarget }) => {
    if (relatedTarget instanceof Node && !element.contains(relatedTarget)) show(false);
  });
  return { element, panel, opener, close: () => show(false) };
}
