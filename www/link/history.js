/**
 * The address bar and the history of this page. The only module that names `location`.
 *
 * @typedef {import('../state/view.js').View} View
 * @typedef {import('./link.js').Opened} Opened
 */

import { LONG } from '../state/view.js';
import { decode, encode, isDefault, NOTHING, VERSION } from './link.js';

/** The address of a fragment on this page. @param {string} fragment */
export const hrefOf = (fragment) => `${location.href.split('#')[0]}#${fragment}`;

/**
 * The address of a view without figures: nothing has been computed for it. A view that no link can hold has
 * the address of the page.
 * @param {View} view
 */
export const linkTo = async (view) => hrefOf((await encode(view, NOTHING)) ?? '');

/** Loads the page again at the same address. */
export const reload = () => location.reload();

/**
 * Reads the view that the page was opened with: a link or, after a reload, the entry of the history.
 * @returns {Promise<Opened>}
 */
export async function opened() {
  return isEntry(history.state) ? ofEntry(history.state) : decode(location.hash);
}

/**
 * Whether a state of the history is an entry of this page, of this build or of an earlier one.
 * @param {any} state @returns {state is { view: View }}
 */
const isEntry = (state) => state?.headscope === 1 || state?.headscope === VERSION;

/** Trusts the view: the page itself wrote the entry. @param {{ view: View }} entry @returns {Opened} */
const ofEntry = ({ view }) => ({ view, shared: null, problems: [] });

/**
 * Writes the view into the history entry, and the fragment into the address while it is short enough. The
 * view in the entry lets going back restore a text of any length.
 * @param {string | null} fragment null for a view that no link can hold
 * @param {View} view @param {boolean} push
 */
export function write(fragment, view, push) {
  // The default view has the plain address. Browsers refuse an address of a book's length.
  const bare = fragment === null || isDefault(view) || fragment.length > LONG * 4;
  const address = bare ? location.pathname + location.search : `#${fragment}`;
  const entry = { headscope: VERSION, view };
  if (push) history.pushState(entry, '', address);
  else history.replaceState(entry, '', address);
}

/**
 * Calls `restore` when the visitor goes back or forward, or edits the fragment.
 * @param {(opened: Opened) => void} restore
 */
export function onNavigate(restore) {
  addEventListener('popstate', (event) => {
    const entry = event.state;
    // An entry of the page has its view. An address typed by hand has only a fragment.
    if (isEntry(entry)) restore(ofEntry(entry));
    else void decode(location.hash).then(restore);
  });
}
