/** The state of a page that just opened. */

import { CLOSED } from './library.js';
import { DEFAULT_VIEW } from './view.js';

/** @type {Readonly<import('./types.js').Cell>} */
export const NO_CELL = Object.freeze({ query: null, key: null });

/**
 * @param {Partial<import('./view.js').View>} [view] the settings of a link
 * @param {import('./types.js').Shared | null} [shared]
 * @param {import('./types.js').Problem[]} [problems]
 * @param {string | null} [unasked] the model that a link names, until the visitor asks for it
 * @returns {import('./types.js').State}
 */
export function initial(view = {}, shared = null, problems = [], unasked = null) {
  return {
    view: { ...DEFAULT_VIEW, ...view },
    backend: 'auto',
    engine: null,
    model: null,
    phase: 'opening',
    progress: null,
    result: null,
    detection: null,
    pattern: null,
    ablated: null,
    thumbnails: null,
    preview: null,
    pointer: NO_CELL,
    sort: { column: 'head', descending: false },
    problems,
    shared,
    link: null,
    undo: null,
    copied: null,
    unasked,
    library: CLOSED,
    exporting: null,
    findings: {},
    studying: {},
    edition: 0,
    refused: null,
    attempt: 0,
    stops: 0,
  };
}
