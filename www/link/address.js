/**
 * Keeps the address bar and `state.link` in step with the view: a new text is a new entry of the history,
 * everything else
 * changes the entry one is on. Written a moment after the last change, as browsers limit how often an address
 * may change.
 *
 * @typedef {import('../state/state.js').State} State
 */

import { digestOf, findingsDigest } from './digest.js';
import { foundFigures, weightedFigures } from './held_figures.js';
import { asFile, encode, hrefOf, write } from './link.js';

const PAUSE_MS = 200;
/** Edits closer together than this are one run of typing, and one entry of the history. */
const BURST_MS = 1500;

/**
 * What the link says of the figures, once they are those of this very view.
 * @param {State} state
 * @returns {import('./link.js').About}
 */
function aboutOf(state) {
  const { result, detection, view } = state;
  const same = result && detection && result.text === view.text && result.model.id === view.model;
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
  let pushNext = false;
  /**
   * A link of another version stays in the address bar until the visitor does something: a newer page may
   * read it.
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
    write(fragment, state.view, pushNext);
    pushNext = false;
    const href = hrefOf(fragment);
    emit({ type: 'link', link: { href, length: href.length } });
  }

  return {
    update() {
      const state = getState();
      // Patterns come and go with the pointer; of them the address has only figures that stay.
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
        if (now - lastEdit > BURST_MS) pushNext = true;
        lastEdit = now;
        entryText = state.view.text;
      }
      clearTimeout(timer);
      timer = setTimeout(() => void settle(), PAUSE_MS);
    },

    /** The view comes from the history itself: going back must not make a new entry. @param {State} state */
    restored(state) {
      entryText = state.view.text;
      pushNext = false;
      kept = state.problems.some(({ code }) => code === 'LinkVersion') ? JSON.stringify(state.view) : null;
    },

    /** The address of the view as it is at this moment. */
    async href() {
      const state = getState();
      return hrefOf(await encode(state.view, aboutOf(state)));
    },

    /** The view as a file's content. */
    file: () => asFile(getState().view, aboutOf(getState())),
  };
}
