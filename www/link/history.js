/**
 * The address bar and the history of this page. The only module that names `location`.
 *
 * @typedef {import('../state/view.js').View} View
 * @typedef {import('./link.js').Opened} Opened
 *
 * @typedef {object} Entry an entry of the history that this page wrote
 * @property {View} view
 * @property {number} [at] its place among the entries of this visit
 * @property {string | null} [unasked] the model of a link that the visitor has not asked for
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
  if (returning === null) history.replaceState({ ...history.state, headscope: VERSION, view, at }, '');
  reloading = true;
  location.reload();
}

/**
 * Reads the view that the page was opened with: a link or, after a reload, the entry of the history.
 * @returns {Promise<Opened>}
 */
export async function opened() {
  return isEntry(history.state) ? ofEntry(history.state) : ofAddress();
}

/** The view of the address, which may be a stranger's link. @returns {Promise<Opened>} */
async function ofAddress() {
  if (/^#?$/.test(location.hash)) return opening();
  const opened = await decode(location.hash);
  return { ...opened, unasked: opened.view.model ?? null };
}

/**
 * Whether a state of the history is an entry of this page.
 * @param {any} state @returns {state is Entry}
 */
const isEntry = (state) => state?.headscope === VERSION;

/** Trusts the view: the page itself wrote the entry. @param {Entry} entry @returns {Opened} */
const ofEntry = ({ view, unasked = null }) => ({ view, shared: null, problems: [], unasked });

/** Entries after the current one that are kept when a new entry comes before them. */
const MOST_KEPT = 20;

/**
 * The entries of this visit, by their place in the history. Entries of an earlier visit are unknown.
 * @type {{ view: View, address: string, unasked: string | null }[]}
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
 * @param {string | null} unasked the model of a link that the visitor has not asked for
 */
export function write(fragment, view, unasked) {
  // The view of a first visit has the plain address. Browsers refuse an address of a book's length.
  const bare = fragment === null || isOpening(view) || fragment.length > LONG * 4;
  const address = bare ? location.pathname + location.search : `#${fragment}`;
  entries[at] = { view, address, unasked };
  // The history may be on its way back to this entry, and is then at another.
  if (returning === null && !reloading)
    history.replaceState({ headscope: VERSION, view, at, unasked }, '', address);
}

/**
 * Makes a new entry after the current one. A browser would forget the entries that going forward leads to.
 * They are made again after the new one, so no entry is ever lost.
 * @param {View} view
 * @param {string | null} unasked as `write` has it
 */
export function push(view, unasked) {
  if (returning !== null || reloading) return;
  const after = entries.slice(at + 1, at + 1 + MOST_KEPT);
  const known = after.length > 0 && !after.includes(/** @type {any} */ (undefined));
  const kept = known ? after : [];
  const address = location.href;
  entries = [...entries.slice(0, at + 1), { view, address, unasked }, ...kept];
  at++;
  entries.slice(at).forEach((entry, more) => {
    const { view, address, unasked } = entry;
    history.pushState({ headscope: VERSION, view, at: at + more, unasked }, '', address);
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
      const { view, address, unasked } = entries[at];
      history.replaceState({ headscope: VERSION, view, at, unasked }, '', address);
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
