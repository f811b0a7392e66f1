/**
 * The link: the view as a URL fragment, which no server ever sees. The only module that names `location`.
 *
 *   #v=1&head=1.4&key=12&query=37&sha=3f2a…&t=the+text&digest=62.AbCd…
 *
 * `v` first, then readable keys in alphabetical order, only where the view differs from version 1's defaults.
 * The text is
 * `t` or, where it saves a fifth, `z` (deflate-raw, base64url), as other texts are `texts` or `zz`. What
 * arrives in a link
 * is hostile: every size has a cap, unknown keys are passed over, a value that cannot be read is named and
 * left at its
 * default, and a version other than ours is named and not guessed at.
 *
 * @typedef {import('../state/view.js').View} View
 * @typedef {import('../state/state.js').Problem} Problem
 * @typedef {import('../state/state.js').Shared} Shared
 * @typedef {{ view: Partial<View>, shared: Shared | null, problems: Problem[] }} Opened
 * @typedef {{ sha: string | null, digest: string | null, found: string | null }} About
 *   of the figures shown: the weights, the digest of the detectors' and that of the studies'
 */

import { isDigest, isFindings } from './digest.js';
import { parseHead } from '../base/heads.js';
import { deflated, inflated } from './deflate.js';
import { DEFAULT_VIEW, LONG, TABS } from '../state/view.js';
import { wellFormed } from '../base/tokens.js';

const VERSION = 1;

/** Caps on what is read. */
export const MOST = Object.freeze({
  fragment: 4_000_000,
  text: 2_000_000,
  inflated: 8_000_000,
  file: 16_000_000,
  position: 1_000_000,
  batch: 1_000,
  list: 256,
  texts: 400_000,
});

/**
 * Percent-encodes; a space is `+`, and what a chat program takes for the end of a link is encoded too.
 * @param {string} text
 */
const encoded = (text) =>
  encodeURIComponent(text)
    .replace(/[!'()*~]|\.$/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`)
    .replace(/%20/g, '+');

/** @param {string} text */
const decoded = (text) => decodeURIComponent(text.replace(/\+/g, ' '));

/**
 * How each key of a link is written and read: `read` gives null where a value is not one.
 * @template {keyof View} Field
 * @param {Field} field
 * @param {(value: string) => View[Field] | null} read
 * @param {(value: any) => string} [write]
 */
const key = (field, read, write = String) => ({ field, read, write });

/** @param {string} value @param {number} least @param {number} most */
function whole(value, least, most) {
  return /^\d{1,10}$/.test(value) && Number(value) >= least && Number(value) <= most ? Number(value) : null;
}

/** @param {string} value */
const position = (value) => whole(value, 0, MOST.position);

/** @param {string} value */
function share(value) {
  return /^\d?\.?\d{1,6}$/.test(value) && Number(value) <= 1 ? Number(value) : null;
}

/** @param {string} value */
const head = (value) => (parseHead(value) ? value : null);

/** @param {readonly string[]} list */
const listed = (list) => list.join(' ');

/** @param {(name: string) => boolean} fits @returns {(value: string) => string[] | null} */
const listOf = (fits) => (value) => {
  const names = [...new Set(value.split(' '))];
  return names.length <= MOST.list && names.every(fits) ? names : null;
};

/** @template {string} Name @param {readonly Name[]} names @returns {(value: string) => Name | null} */
const oneOf = (names) => (value) => names.find((name) => name === value) ?? null;

/**
 * A name of ours that may have been added since: which there are is asked where it is used.
 * @param {string} value
 */
const isName = (value) => /^[a-z][a-z-]{0,31}$/.test(value);

/** A list of texts, as JSON. @param {string} value @returns {string[] | null} */
function texts(value) {
  try {
    const list = value.length <= MOST.texts ? JSON.parse(value) : null;
    return Array.isArray(list) && list.length <= MOST.list && list.every((text) => typeof text === 'string')
      ? list.map(wellFormed)
      : null;
  } catch {
    return null;
  }
}

/** The keys of version 1 but for the text, and what each stands for. */
const KEYS = {
  model: key('model', (value) => (/^[\w.-]{1,64}$/.test(value) ? value : null)),
  head: key('head', head),
  query: key('query', position),
  key: key('key', position),
  direction: key('direction', oneOf(['from', 'to'])),
  tab: key('tab', oneOf(TABS)),
  active: key('active', share),
  fraction: key('fraction', share),
  mean: key('mean', share),
  weighted: key('weighted', oneOf(['attention', 'value', 'output'])),
  score: key('score', (value) => (isName(value) ? value : null)),
  texts: key('texts', texts, JSON.stringify),
  len: key('seqLen', (value) => whole(value, 2, MOST.position)),
  batch: key('batch', (value) => whole(value, 1, MOST.batch)),
  seed: key('seed', (value) => whole(value, 0, 0xffffffff)),
  off: key(
    'off',
    listOf((name) => head(name) !== null),
    listed,
  ),
  ablation: key('ablation', oneOf(['zero', 'mean'])),
  on: key('on', oneOf(['repeats', 'text'])),
  copy: key(
    'copying',
    listOf((name) => head(name) !== null),
    listed,
  ),
  ran: key('ran', listOf(isName), listed),
  step: key('step', (value) => whole(value, 0, 99)),
};

/** Keys of what is long, and the key each has where it saves a fifth to be compressed. */
const PACKED = Object.entries({ t: 'z', texts: 'zz' });

/**
 * What a link says besides the view, and the text.
 * @type {Record<string, (value: string) => string | null>}
 */
const OTHERS = {
  sha: (value) => (/^[0-9a-f]{12}$/.test(value) ? value : null),
  digest: (value) => (isDigest(value) ? value : null),
  found: (value) => (isFindings(value) ? value : null),
  t: (value) => (value.length <= MOST.text ? wellFormed(value) : null),
};

/** @param {string} name */
const isKey = (name) => Object.hasOwn(KEYS, name) || Object.hasOwn(OTHERS, name);

/**
 * The view's differences from the defaults as plain strings, the text whole under `t`.
 * @param {View} view @param {About} about @returns {Record<string, string>}
 */
function parameters(view, { sha, digest, found: findings }) {
  /** @type {Record<string, string>} */ const found = {};
  if (view.text !== DEFAULT_VIEW.text) found.t = wellFormed(view.text);
  for (const [name, { field, write }] of Object.entries(KEYS)) {
    const [value, usual] = [view[field], DEFAULT_VIEW[field]];
    if (value !== null && write(value) !== (usual === null ? null : write(usual))) found[name] = write(value);
  }
  if (sha) found.sha = sha.slice(0, 12);
  if (digest) found.digest = digest;
  if (findings) found.found = findings;
  return found;
}

/** Of characters that an address has as they are. */
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
 * A view from plain strings, as a link or a file holds them.
 * @param {Record<string, string>} given
 * @param {string[]} [unread] keys already found unreadable
 * @returns {Opened}
 */
function fromParameters(given, unread = []) {
  /** @type {Record<string, unknown>} */ const read = {};
  /** @type {Record<string, string>} */ const others = {};
  const broken = [...unread];
  for (const [name, value] of Object.entries(given)) {
    if (!isKey(name)) continue;
    const ofView = Object.hasOwn(KEYS, name) ? KEYS[/** @type {keyof typeof KEYS} */ (name)] : null;
    const result = ofView ? ofView.read(value) : OTHERS[name](value);
    if (result === null) broken.push(name);
    else if (ofView) read[ofView.field] = result;
    else others[name] = /** @type {string} */ (result);
  }
  const { t, sha, digest, found } = others;
  const view = /** @type {Partial<View>} */ (t === undefined ? read : { ...read, text: t });
  // Without its text a link shows something else than it was made for, so its figures are not held against
  // this page.
  const comparable = (sha || digest) && !broken.includes('t') && !broken.includes('z');
  const shared = comparable
    ? /** @type {Shared} */ ({
        sha: sha ?? null,
        digest: digest ?? null,
        found: found ?? null,
        text: view.text ?? DEFAULT_VIEW.text,
        model: view.model ?? DEFAULT_VIEW.model,
      })
    : null;
  return { view, shared, problems: broken.length ? [brokenLink(broken)] : [] };
}

/** @param {string[]} keys @returns {Problem} */
const brokenLink = (keys) => ({
  code: 'LinkBroken',
  detail: `What could not be read: ${keys.join(', ')}.`,
  data: { keys },
});

/** @param {string} found @returns {Opened} */
const otherVersion = (found) => ({
  view: {},
  shared: null,
  problems: [
    {
      code: 'LinkVersion',
      detail: `It says version ${found.slice(0, 12)}; this page reads version ${VERSION}.`,
      data: { found, expected: VERSION },
    },
  ],
});

/**
 * Reads a fragment, with or without its `#`. An empty one is the default view. Never throws.
 * @param {string} fragment @returns {Promise<Opened>}
 */
export async function decode(fragment) {
  const body = fragment.replace(/^#/, '');
  if (body === '') return { view: {}, shared: null, problems: [] };
  if (body.length > MOST.fragment) {
    return {
      view: {},
      shared: null,
      problems: [
        {
          code: 'LinkTooLarge',
          detail: `It has ${body.length} characters; this page reads ${MOST.fragment}.`,
        },
      ],
    };
  }
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
  if (given.v === undefined) return { view: {}, shared: null, problems: [brokenLink(['v'])] };
  if (given.v !== String(VERSION)) return otherVersion(given.v);
  for (const [key, short] of PACKED) {
    if (given[short] === undefined || given[key] !== undefined) continue;
    try {
      given[key] = await inflated(given[short], MOST.inflated);
    } catch {
      unread.push(short);
    }
  }
  return fromParameters(given, unread);
}

/** @type {About} */
const NOTHING = Object.freeze({ sha: null, digest: null, found: null });

/** @param {View} view @param {About} about the whole view as a file, for texts too long for a link */
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
  if (typeof parsed !== 'object' || parsed === null || !('headscope' in parsed)) {
    return {
      view: {},
      shared: null,
      problems: [{ code: 'FileBroken', detail: 'It is not a JSON object with a "headscope" version in it.' }],
    };
  }
  if (parsed.headscope !== VERSION) return otherVersion(String(parsed.headscope));
  /** @type {Record<string, string>} */ const given = Object.create(null);
  for (const [key, value] of Object.entries(parsed)) if (typeof value === 'string') given[key] = value;
  return fromParameters(given);
}

/** The address of a fragment on this page. @param {string} fragment */
export const hrefOf = (fragment) => `${location.href.split('#')[0]}#${fragment}`;

/** The address of a view that is not there yet: it says nothing of any figure. @param {View} view */
export const linkTo = async (view) => hrefOf(await encode(view, NOTHING));

/** Fetches the page anew, the address kept. */
export const reload = () => location.reload();

/**
 * What the page was opened with: a link or, when it was only reloaded, the view its history entry kept.
 * @returns {Promise<Opened>}
 */
export async function opened() {
  return history.state?.headscope === VERSION ? kept(history.state) : decode(location.hash);
}

/** @param {{ view: View }} entry our own, so that its view can be taken as it is @returns {Opened} */
const kept = ({ view }) => ({ view, shared: null, problems: [] });

/**
 * Writes the view into the history entry: the fragment while it is short enough to be an address, and the
 * view itself
 * beside it, so that going back restores a text of any length.
 * @param {string} fragment @param {View} view @param {boolean} push
 */
export function write(fragment, view, push) {
  // A page as it opens has an address as it opens; a text of a book's length would make one that browsers
  // refuse.
  const bare = Object.keys(parameters(view, NOTHING)).length === 0 || fragment.length > LONG * 4;
  const address = bare ? location.pathname + location.search : `#${fragment}`;
  const entry = { headscope: VERSION, view };
  if (push) history.pushState(entry, '', address);
  else history.replaceState(entry, '', address);
}

/**
 * Calls `restore` when the visitor goes back or forward, or changes the fragment by hand.
 * @param {(opened: Opened) => void} restore
 */
export function onNavigate(restore) {
  addEventListener('popstate', (event) => {
    const entry = event.state;
    // An entry of our own carries its view; one made by hand in the address bar has only a fragment.
    if (entry?.headscope === VERSION) restore(kept(entry));
    else void decode(location.hash).then(restore);
  });
}
