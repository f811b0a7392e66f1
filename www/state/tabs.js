/**
 * The tabs under the evidence, one row a tab. The sections are ids of index.html, in their order in the
 * panel.
 *
 * @typedef {typeof TABS[number]['id']} TabId   stands in links, and never changes
 */

export const TABS = Object.freeze(
  /** @type {const} */ ([
    {
      id: 'detectors',
      label: 'Detectors',
      sections: ['detectors', 'figures', 'audit', 'definitions', 'stability'],
    },
    { id: 'repeats', label: 'Repeats', sections: ['repeats', 'stripe', 'own-repeats'] },
    { id: 'off', label: 'Switch off', sections: ['off', 'off-stripes', 'losses'] },
    {
      id: 'circuits',
      label: 'Circuits',
      sections: ['circuits', 'composition', 'positions', 'copying', 'attribution'],
    },
    { id: 'export', label: 'Export', sections: ['exports'] },
    { id: 'tour', label: 'Tour', sections: ['tour'] },
  ]),
);

/**
 * Tells whether a tab's panel is shown.
 * @param {TabId} tab
 * @param {Pick<import('./types.js').State, 'view'>} state
 */
export const shownOn = (tab, { view }) => view.tab === tab;
