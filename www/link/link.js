/**
 * The link: the view as a URL fragment, which no server ever sees. The only module that names `location`.
 *
 *   #v=2&head=1.4&key=12&query=37&sha=3f2a…&t=the+text&digest=62.AbCd…
 *
 * `v` comes first, then readable keys in alphabetical order, for settings that differ from their defaults.
 * The text is `t`, or compressed `z` where that saves a fifth (deflate-raw, base64url); other texts are
 * `texts` or `zz`. state/settings.js has a row for each setting.
 *
 * A link is hostile input. Every size has a cap. Unknown keys are ignored. A value that cannot be read is
 * named and stays at its default. Links of version 1 open forever (version1.js). A link of a later version is
 * named and not read.
 *
 * @typedef {import('../state/view.js').View} View
 * @typedef {import('../state/state.js').Problem} Problem
 * @typedef {import('../state/state.js').Shared} Shared
 * @typedef {{ view: Partial<View>, shared: Shared | null, problems: Problem[] }} Opened
 *
 * @typedef {object} About                what a link says of the shown figures
 * @property {string | null} sha          of the weights
 * @property {string | null} digest       of the detectors' figures
 * @property {string | null} found        the digest of the studies' figures
 */

import { MOST as MOST_READ } from '../state/readers.js';
import { ROWS } from '../state/settings.js';
import { DEFAULT_VIEW, LONG, OPENING_VIEW } from '../state/view.js';
import { deflated, inflated } from './deflate.js';
import { isDigest, isFindings } from './digest.js';
import { DEFAULTS_1, read1 } from './version1.js';

const VERSION = 2;

/** The versions that this page reads. */
const READ = Object.freeze([1, VERSION]);

/** Caps on what is read, in characters. */
export const MOST = Object.freeze({
  ...MOST_READ,
  fragment: 4_000_000,
  inflated: 8_000_000,
  file: 16_000_000,
});

/**
 * Percent-encodes. A space becomes `+`. Characters that a chat program takes for the end of a link are
 * encoded.
 * @param {string} text
 */
const encoded = (text) =>
  encodeURIComponent(text)
    .replace(/[!'()*~]|\.$/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`)
    .replace(/%20/g, '+');

/** @param {string} text */
const decoded = (text) => decodeURIComponent(text.replace(/\+/g, ' '));

/** The settings by their keys. */
const BY_KEY = new Map(ROWS.map((row) => [row.key, row]));

/** Keys of long values, each with the key of its compressed form. */
const PACKED = ROWS.flatMap(({ key, packed }) => (packed ? [/** @type {const} */ ([key, packed])] : []));

/**
 * The keys of a link that are no settings, and how they are read.
 * @type {ReadonlyMap<string, (value: string) => string | null>}
 */
const OTHERS = new Map([
  ['sha', (value) => (/^[0-9a-f]{12}$/.test(value) ? value : null)],
  ['digest', (value) => (isDigest(value) ? value : null)],
  ['found', (value) => (isFindings(value) ? value : null)],
]);

/** @param {string} name */
const isKey = (name) => BY_KEY.has(name) || OTHERS.has(name);

/**
 * The settings that differ from their defaults, as plain strings by key.
 * @param {View} view @param {About} about @returns {Record<string, string>}
 */
function parameters(view, { sha, digest, found: findings }) {
  /** @type {Record<string, string>} */ const found = {};
  for (const { key, name, write = String, initial } of ROWS) {
    const value = view[name];
    if (value !== null && write(value) !== (initial === null ? null : write(initial)))
      found[key] = write(value);
  }
  if (sha) found.sha = sha.slice(0, 12);
  if (digest) found.digest = digest;
  if (findings) found.found = findings;
  return found;
}

/** Keys whose values need no percent-encoding. */
const PLAIN = new Set(['digest', 'found', ...PACKED.map(([, short]) => short)]);

/**
 * The fragment of a view, without its `#`.
 * @param {View} view @param {About} about @returns {Promise<string>}
 */
export async function encode(view, about) {
  const found = parameters(view, about);
  for (const [key, short] of PACKED) {
    if (found[key] === undefined) continue;
    const packed = await deflated(found[key]);
    if (packed.length > encoded(found[key]).length * 0.8) continue;
    delete found[key];
    found[short] = packed;
  }
  const pairs = Object.keys(found)
    .sort()
    .map((key) => `${key}=${PLAIN.has(key) ? found[key] : encoded(found[key])}`);
  return [`v=${VERSION}`, ...pairs].join('&');
}

/**
 * Reads a view from the plain strings of a link or a file.
 * @param {Record<string, string>} given
 * @param {number} version
 * @param {string[]} [unread] keys that are known to be unreadable
 * @returns {Opened}
 */
function fromParameters(given, version, unread = []) {
  const old = version === 1;
  /** @type {Record<string, unknown>} */ const view = old ? { ...DEFAULTS_1 } : {};
  /** @type {Record<string, string>} */ const others = {};
  const broken = [...unread];
  for (const [key, value] of Object.entries(given)) {
    if (!isKey(key)) continue;
    const row = BY_KEY.get(key);
    const read = !row ? OTHERS.get(key)?.(value) : old ? read1(row, value) : row.read(value);
    if (read === null) broken.push(key);
    else if (row) view[row.name] = read;
    else others[key] = String(read);
  }
  const settings = /** @type {Partial<View>} */ (view);
  // Without its text a link shows another text than it was made for, so its figures are not compared.
  const comparable = !broken.includes('t') && !broken.includes('z');
  const shared = comparable ? sharedOf(settings, others) : null;
  return { view: settings, shared, problems: broken.length ? [brokenLink(broken)] : [] };
}

/**
 * The digests that a link carries; null for a link without figures.
 * @param {Partial<View>} view
 * @param {Record<string, string>} others
 * @returns {Shared | null}
 */
function sharedOf({ text = DEFAULT_VIEW.text, model = DEFAULT_VIEW.model }, { sha, digest, found }) {
  if (!sha && !digest) return null;
  return { sha: sha ?? null, digest: digest ?? null, found: found ?? null, text, model };
}

/** @param {string[]} keys @returns {Problem} */
function brokenLink(keys) {
  const about = { detail: `What could not be read: ${keys.join(', ')}.`, data: { keys } };
  const text = keys.includes('t') || keys.includes('z');
  return text ? { code: 'LinkTextBroken', ...about } : { code: 'LinkBroken', ...about };
}

/** @param {number} length @returns {Problem} */
const tooLarge = (length) => ({
  code: 'LinkTooLarge',
  detail: `It has ${length} characters; this page reads ${MOST.fragment}.`,
});

/** @param {string} found @returns {Problem} */
const otherVersion = (found) => ({
  code: 'LinkVersion',
  detail: `It says version ${found.slice(0, 12)}; this page reads versions ${READ.join(' and ')}.`,
  data: { found, expected: VERSION },
});

/** The default view, with a problem. @param {...Problem} problems @returns {Opened} */
const nothingOf = (...problems) => ({ view: {}, shared: null, problems });

/**
 * Reads a fragment, with or without its `#`. An empty one is the default view. Never throws.
 * @param {string} fragment @returns {Promise<Opened>}
 */
export async function decode(fragment) {
  const body = fragment.replace(/^#/, '');
  if (body === '') return nothingOf();
  if (body.length > MOST.fragment) return nothingOf(tooLarge(body.length));
  const { given, unread } = pairsIn(body);
  if (given.v === undefined) return nothingOf(brokenLink(['v']));
  const version = READ.find((known) => given.v === String(known));
  if (version === undefined) return nothingOf(otherVersion(given.v));
  for (const [key, short] of PACKED) {
    if (given[short] === undefined || given[key] !== undefined) continue;
    try {
      given[key] = await inflated(given[short], MOST.inflated);
    } catch {
      unread.push(short);
    }
  }
  return fromParameters(given, version, unread);
}

/**
 * The pairs of a fragment. The first of several pairs with one key counts.
 * @param {string} body
 * @returns {{ given: Record<string, string>, unread: string[] }} unread: known keys with a broken encoding
 */
function pairsIn(body) {
  /** @type {Record<string, string>} */ const given = Object.create(null);
  /** @type {string[]} */ const unread = [];
  for (const pair of body.split('&', 64)) {
    const split = pair.indexOf('=');
    const key = split < 0 ? pair : pair.slice(0, split);
    if (key in given) continue;
    try {
      given[key] = decoded(split < 0 ? '' : pair.slice(split + 1));
    } catch {
      if (isKey(key) || PACKED.some(([, short]) => short === key)) unread.push(key);
    }
  }
  return { given, unread };
}

/** @type {About} */
const NOTHING = Object.freeze({ sha: null, digest: null, found: null });

/** The view as a file, for texts too long for a link. @param {View} view @param {About} about */
export const asFile = (view, about) =>
  JSON.stringify({ headscope: VERSION, ...parameters(view, about) }, null, 1);

/** Reads such a file. Never throws. @param {string} content @returns {Opened} */
export function fromFile(content) {
  /** @type {unknown} */ let parsed;
  try {
    parsed = content.length <= MOST.file ? JSON.parse(content) : null;
  } catch {
    parsed = null;
  }
  if (typeof parsed !== 'object' || parsed === null || !('headscope' in parsed))
    return nothingOf(BROKEN_FILE);
  const version = READ.find((known) => parsed.headscope === known);
  if (version === undefined) return nothingOf(otherVersion(String(parsed.headscope)));
  /** @type {Record<string, string>} */ const given = Object.create(null);
  for (const [key, value] of Object.entries(parsed)) if (typeof value === 'string') given[key] = value;
  return fromParameters(given, version);
}

/** @type {Problem} */
const BROKEN_FILE = Object.freeze({
  code: 'FileBroken',
  detail: 'It is not a JSON object with a "headscope" version in it.',
});

/** The address of a fragment on this page. @param {string} fragment */
export const hrefOf = (fragment) => `${location.href.split('#')[0]}#${fragment}`;

/** The address of a view without figures: nothing has been computed for it. @param {View} view */
export const linkTo = async (view) => hrefOf(await encode(view, NOTHING));

/** Loads the page again at the same address. */
export const reload = () => location.reload();

/**
 * Reads the view that the page was opened with: a link or, after a reload, the entry of the history.
 * @returns {Promise<Opened>}
 */
export async function opened() {
  return history.state?.headscope === VERSION ? ofEntry(history.state) : ofAddress();
}

/** The view of the address. The plain address opens as a first visit does. @returns {Promise<Opened>} */
const ofAddress = async () =>
  /^#?$/.test(location.hash) ? { ...nothingOf(), view: { ...OPENING_VIEW } } : decode(location.hash);

/** Trusts the view: the page itself wrote the entry. @param {{ view: View }} entry @returns {Opened} */
const ofEntry = ({ view }) => ({ view, shared: null, problems: [] });

/** Whether the plain address opens this view. @param {View} view */
const isOpening = (view) =>
  JSON.stringify(parameters(view, NOTHING)) === JSON.stringify(parameters(OPENING_VIEW, NOTHING));

/**
 * Writes the view into the history entry, and the fragment into the address while it is short enough. The
 * view in the entry lets going back restore a text of any length.
 * @param {string} fragment @param {View} view @param {boolean} push
 */
export function write(fragment, view, push) {
  // The view of a first visit has the plain address. Browsers refuse an address of a book's length.
  const bare = isOpening(view) || fragment.length > LONG * 4;
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
    if (entry?.headscope === VERSION) restore(ofEntry(entry));
    else void ofAddress().then(restore);
  });
}
