/**
 * The link: the view as a URL fragment, which no server ever sees.
 *
 *   #v=2&digest=62.AbCd…&head=1.4&key=12&query=37&sha=3f2a…&t=the+text&end=1x8kf0q
 *
 * `v` comes first, then readable keys in alphabetical order, for settings that differ from their defaults.
 * The text is `t`, or compressed `z` where that saves a fifth (deflate-raw, base64url); other texts are
 * `texts` or `zz`. state/settings.js has a row for each setting. `end` comes last: a check over all values
 * (pairs.js). Version 1 has no `end`, and is read as ever.
 *
 * Programs change links on their way, so what they are known to do is undone (mending.js). A link whose check
 * does not hold is told as changed, and its figures are not compared.
 *
 * A link is hostile input. Every size has a cap. Unknown keys are ignored. A value that cannot be read is
 * named and stays at its default. Links of version 1 open forever (version1.js). A link of a later version is
 * named and not read.
 *
 * @typedef {import('../state/view.js').View} View
 * @typedef {import('../state/state.js').Problem} Problem
 * @typedef {import('../state/state.js').Shared} Shared
 * @typedef {{ view: Partial<View>, shared: Shared | null, problems: Problem[],
 *   unasked?: string | null }} Opened
 *   unasked: the model that a link names, until the visitor asks for it
 *
 * @typedef {object} About                what a link says of the shown figures
 * @property {string | null} sha          of the weights
 * @property {string | null} digest       of the detectors' figures
 * @property {string | null} found        the digest of the studies' figures
 */

import { MOST as MOST_READ } from '../state/readers.js';
import { ROWS } from '../state/settings.js';
import { DEFAULT_VIEW, OPENING_VIEW } from '../state/view.js';
import { deflated, inflated, inflatedBeginning } from './deflate.js';
import { isDigest, isFindings } from './digest.js';
import { mended, withoutPunctuation } from './mending.js';
import { pairsIn, written } from './pairs.js';
import { DEFAULTS_1, read1 } from './version1.js';

export const VERSION = 2;

/** The versions that this page reads. Links of the first have no end mark. */
const READ = Object.freeze([1, VERSION]);

/** Caps on what is read, in characters. */
export const MOST = Object.freeze({
  ...MOST_READ,
  fragment: 4_000_000,
  value: 2_000_000,
  inflated: 8_000_000,
  file: 16_000_000,
});

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

/**
 * Whether a link can hold these values: the caps are those of reading.
 * @param {Record<string, string>} found
 */
const fits = (found) =>
  Object.entries(found).every(([key, value]) => {
    const row = BY_KEY.get(key);
    return !row || (value.length <= MOST.value && row.read(value) !== null);
  });

/** Whether the plain address opens this view. @param {View} view */
export const isOpening = (view) =>
  JSON.stringify(parameters(view, NOTHING)) === JSON.stringify(parameters(OPENING_VIEW, NOTHING));

/** What the plain address opens, as a first visit does. @returns {Opened} */
export const opening = () => ({ ...nothingOf(), view: { ...OPENING_VIEW } });

/**
 * The fragment of a view, without its `#`; null for a view that no link can hold. A file can hold it.
 * @param {View} view @param {About} about @returns {Promise<string | null>}
 */
export async function encode(view, about) {
  const found = parameters(view, about);
  if (!fits(found)) return null;
  for (const [key, short] of PACKED) {
    if (found[key] === undefined) continue;
    const packed = await deflated(found[key]);
    if (packed.length > encodeURIComponent(found[key]).length * 0.8) continue;
    delete found[key];
    found[short] = packed;
  }
  const keys = Object.keys(found).sort();
  const fragment = written([['v', String(VERSION)], ...keys.map((key) => pairOf(key, found[key]))]);
  return fragment.length <= MOST.fragment ? fragment : null;
}

/** @param {string} key @param {string} value @returns {[string, string]} */
const pairOf = (key, value) => [key, value];

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
function sharedOf(view, { sha, digest, found }) {
  if (!sha && !digest) return null;
  const { text, model, bos } = { ...DEFAULT_VIEW, ...view };
  return { sha: sha ?? null, digest: digest ?? null, found: found ?? null, text, model, bos };
}

/** @param {string[]} keys @returns {Problem} */
function brokenLink(keys) {
  const about = { detail: `What could not be read: ${keys.join(', ')}.`, data: { keys } };
  const text = keys.includes('t') || keys.includes('z');
  return text ? { code: 'LinkTextBroken', ...about } : { code: 'LinkBroken', ...about };
}

/**
 * @param {string | null} ends the check in the link
 * @param {Problem[]} problems of what could not be read
 * @returns {Problem}
 */
const changedLink = (ends, problems) => ({
  code: 'LinkChanged',
  detail: [
    ends === null ? 'The end of the link is missing.' : 'The link’s check does not hold for its content.',
    ...problems.map(({ detail }) => detail),
  ].join(' '),
});

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
  if (fragment.replace(/^#/, '') === '') return nothingOf();
  if (fragment.length > MOST.fragment) return nothingOf(tooLarge(fragment.length));
  /** @type {import('./pairs.js').Pairs | null} */ let first = null;
  for (const body of mended(fragment)) {
    const pairs = pairsIn(body);
    if (pairs.given.v === '1') return ofPairs(pairsIn(withoutPunctuation(body)), 1, false);
    if (pairs.given.v === String(VERSION) && pairs.whole) return ofPairs(pairs, VERSION, false);
    first ??= pairs;
  }
  if (!first || first.given.v === undefined) return nothingOf(brokenLink(['v']));
  if (first.given.v !== String(VERSION)) return nothingOf(otherVersion(first.given.v));
  return ofPairs(first, VERSION, true);
}

/**
 * Reads a view from the pairs of a link.
 * @param {import('./pairs.js').Pairs} pairs
 * @param {number} version
 * @param {boolean} changed whether its check does not hold. What can be read of it is read
 * @returns {Promise<Opened>}
 */
async function ofPairs({ given, unread, beginning, ends }, version, changed) {
  if (changed) Object.assign(given, beginning);
  const broken = unread.filter((key) => isKey(key) || PACKED.some(([, short]) => short === key));
  for (const [key, short] of PACKED) {
    if (given[short] === undefined || given[key] !== undefined) continue;
    try {
      given[key] = await inflated(given[short], MOST.inflated);
    } catch {
      broken.push(short);
      if (changed) given[key] = await inflatedBeginning(given[short], MOST.value);
    }
  }
  for (const [key] of PACKED) {
    const length = given[key]?.length;
    if (length > MOST.value) broken.push(key);
    // In a changed link, the default says more than an empty text.
    if (length > MOST.value || (changed && length === 0)) delete given[key];
  }
  const opened = fromParameters(given, version, broken);
  if (!changed) return opened;
  return { ...opened, shared: null, problems: [changedLink(ends, opened.problems)] };
}

/** @type {About} */
export const NOTHING = Object.freeze({ sha: null, digest: null, found: null });

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
