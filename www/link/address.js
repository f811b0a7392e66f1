/**
 * Keeps the address bar and `state.link` in step with the view. A new text makes a new entry of the history;
 * every other change rewrites the current entry. Edits never overwrite an entry that the visitor went back
 * to. Browsers limit how often an address changes, so it is written a moment after the last change.
 *
 * @typedef {import('../state/state.js').State} State
 */

import { digestOf, findingsDigest } from './digest.js';
import { foundFigures, weightedFigures } from './held_figures.js';
import { hrefOf, push, write } from './history.js';
import { asFile, encode } from './link.js';

const PAUSE_MS = 200;
/** Edits within this time of each other are one entry of the history. */
const BURST_MS = 1500;

/**
 * The digests for the link. They are empty until the figures are those of this view.
 * @param {State} state
 * @returns {import('./link.js').About}
 */
function aboutOf(state) {
  const { result, detection, view } = state;
  const same =
    result &&
    !result.precomputed &&
    detection &&
    result.text === view.text &&
    result.bos === view.bos &&
    result.model.id === view.model;
  if (!same) return { sha: null, digest: null, found: null };
  return {
    sha: result.model.sha256,
    digest: digestOf(detection, result.seq),
    found: findingsDigest(foundFigures(state)),
  };
}

/**
 * @param {() => State} getState @param {import('../state/state.js').Emit} emit
 */
export function createAddress(getState, emit) {
  /** @type {State | null} */ let seen = null;
  /** @type {ReturnType<typeof weightedFigures>} */ let weighted = null;
  /** @type {ReturnType<typeof setTimeout> | undefined} */ let timer;
  let entryText = getState().view.text;
  let lastEdit = -Infinity;
  /**
   * The view of a link of another version: the link stays until the view changes, a newer page may read it.
   */
  let kept = getState().problems.some(({ code }) => code === 'LinkVersion')
    ? JSON.stringify(getState().view)
    : null;

  async function settle() {
    const state = getState();
    if (kept !== null && kept === JSON.stringify(state.view)) return;
    kept = null;
    const fragment = await encode(state.view, aboutOf(state));
    if (getState().view !== state.view) return;
    write(fragment, state.view, state.unasked);
    const href = fragment === null ? null : hrefOf(fragment);
    emit({ type: 'link', link: href === null ? null : { href, length: href.length } });
  }

  return {
    update() {
      const state = getState();
      // Patterns change with the pointer. The address has only the figures of the pinned head's pattern.
      const figures = weightedFigures(state);
      if (
        seen &&
        seen.view === state.view &&
        seen.result === state.result &&
        seen.detection === state.detection &&
        seen.findings === state.findings &&
        weighted === figures
      )
        return;
      seen = state;
      weighted = figures;
      if (state.view.text !== entryText) {
        const now = performance.now();
        // At once: going back within the pause must not lose what was typed.
        if (now - lastEdit > BURST_MS || state.undo !== null) push(state.view, state.unasked);
        lastEdit = state.undo === null ? now : -Infinity;
        entryText = state.view.text;
      }
      clearTimeout(timer);
      timer = setTimeout(() => void settle(), PAUSE_MS);
    },

    /**
     * Notes the text of a view from the history before it arrives: going back must not make a new entry.
     * @param {string} text
     */
    arriving(text) {
      entryText = text;
      // An edit of this entry is an entry of its own.
      lastEdit = -Infinity;
    },

    /** Notes a view from the history. @param {State} state */
    restored(state) {
      kept = state.problems.some(({ code }) => code === 'LinkVersion') ? JSON.stringify(state.view) : null;
    },

    /** The address of the current view; null for a view that no link can hold. */
    async href() {
      const state = getState();
      const fragment = await encode(state.view, aboutOf(state));
      return fragment === null ? null : hrefOf(fragment);
    },

    /** The view as a file's content. */
    file: () => asFile(getState().view, aboutOf(getState())),
  };
}
