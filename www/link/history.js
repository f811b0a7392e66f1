/**
 * The address bar and the history of this page. The only module that names `location`.
 *
 * @typedef {import('../state/view.js').View} View
 * @typedef {import('./link.js').Opened} Opened
 */

import { LONG } from '../state/view.js';
import { decode, encode, isOpening, NOTHING, opening, VERSION } from './link.js';

/** The address of a fragment on this page. @param {string} fragment */
export const hrefOf = (fragment) => `${location.href.split('#')[0]}#${fragment}`;

/**
 * The address of a view without figures: nothing has been computed for it. A view that no link can hold has
 * the address of the page.
 * @param {View} view
 */
export const linkTo = async (view) => hrefOf((await encode(view, NOTHING)) ?? '');

/**
 * Reloads the page. The view goes into the history entry first: the address may still be on its way. An
 * address that is written while the browser reloads would make it open the address of before, without the
 * entry's view.
 * @param {View} view
 */
export function reload(view) {
  if (returning === null) history.replaceState({ headscope: VERSION, view, at }, '');
  reloading = true;
  location.reload();
}

/**
 * Reads the view that the page was opened with: a link or, after a reload, the entry of the history.
 * @returns {Promise<Opened & { linked: boolean }>} linked: a link, which may be a stranger's
 */
export async function opened() {
  if (isEntry(history.state)) return { ...ofEntry(history.state), linked: false };
  return { ...(await ofAddress()), linked: true };
}

/** The view of the address. @returns {Promise<Opened>} */
const ofAddress = async () => (/^#?$/.test(location.hash) ? opening() : decode(location.hash));

/**
 * Whether a state of the history is an entry of this page.
 * @param {any} state @returns {state is { view: View, at?: number }}
 */
const isEntry = (state) => state?.headscope === VERSION;

/** Trusts the view: the page itself wrote the entry. @param {{ view: View }} entry @returns {Opened} */
const ofEntry = ({ view }) => ({ view, shared: null, problems: [] });

/** Entries after the current one that are kept when a new entry comes before them. */
const MOST_KEPT = 20;

/**
 * The entries of this visit, by their place in the history. Entries of an earlier visit are unknown.
 * @type {{ view: View, address: string }[]}
 */
let entries = [];
/** The place of the current entry. */
let at = Number(globalThis.history?.state?.at ?? 0);
/** The place to which this page itself moves the history. @type {number | null} */
let returning = null;
let reloading = false;

/**
 * Writes the view into the history entry, and the fragment into the address while it is short enough. The
 * view in the entry lets going back restore a text of any length.
 * @param {string | null} fragment null for a view that no link can hold
 * @param {View} view
 */
export function write(fragment, view) {
  // The view of a first visit has the plain address. Browsers refuse an address of a book's length.
  const bare = fragment === null || isOpening(view) || fragment.length > LONG * 4;
  const address = bare ? location.pathname + location.search : `#${fragment}`;
  entries[at] = { view, address };
  // The history may be on its way back to this entry, and is then at another.
  if (returning === null && !reloading) history.replaceState({ headscope: VERSION, view, at }, '', address);
}

/**
 * Makes a new entry after the current one. A browser would forget the entries that going forward leads to.
 * They are made again after the new one, so no entry is ever lost.
 * @param {View} view
 */
export function push(view) {
  if (returning !== null || reloading) return;
  const after = entries.slice(at + 1, at + 1 + MOST_KEPT);
  const known = after.length > 0 && !after.includes(/** @type {any} */ (undefined));
  const kept = known ? after : [];
  const address = location.href;
  entries = [...entries.slice(0, at + 1), { view, address }, ...kept];
  at++;
  entries.slice(at).forEach((entry, more) => {
    history.pushState({ headscope: VERSION, view: entry.view, at: at + more }, '', entry.address);
  });
  if (!kept.length) return;
  returning = at;
  history.go(-kept.length);
}

/**
 * Calls `restore` when the visitor goes back or forward, or edits the fragment.
 * @param {(opened: Opened, ours: boolean) => void} restore ours: the entry is of this page, not a new link
 */
export function onNavigate(restore) {
  addEventListener('popstate', (event) => {
    const entry = event.state;
    if (returning !== null && entry?.at === returning) {
      returning = null;
      // What was written on the way back.
      const { view, address } = entries[at];
      history.replaceState({ headscope: VERSION, view, at }, '', address);
      return;
    }
    returning = null;
    // An entry of the page has its view. An address typed by hand has only a fragment, and comes after the
    // entry that was there.
    if (isEntry(entry)) {
      at = entry.at ?? 0;
      restore(ofEntry(entry), true);
    } else {
      entries = entries.slice(0, ++at);
      void ofAddress().then((opened) => restore(opened, false));
    }
  });
}
