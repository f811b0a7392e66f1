/**
 * The tabs under the evidence, one row a tab. The sections are ids of index.html, in their order in the
 * panel.
 *
 * @typedef {typeof TABS[number]['id']} TabId   stands in links, and never changes
 */

export const TABS = Object.freeze(
  /** @type {const} */ ([
    { id: 'find', label: 'Find', sections: ['repeats', 'scatter', 'stripe', 'own-repeats'] },
    {
      id: 'explain',
      label: 'Explain',
      sections: ['circuits', 'composition', 'copying', 'attribution', 'positions'],
    },
    { id: 'ablate', label: 'Ablate', sections: ['off', 'off-stripe', 'off-stripes', 'losses'] },
    {
      id: 'scores',
      label: 'Scores',
      sections: ['detectors', 'figures', 'audit', 'definitions', 'stability'],
    },
  ]),
);

/**
 * Tells whether a tab's panel is shown.
 * @param {TabId} tab
 * @param {Pick<import('./types.js').State, 'view'>} state
 */
export const shownOn = (tab, { view }) => view.tab === tab;
