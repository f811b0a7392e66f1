/**
 * Downloads one file over a network that breaks off. Says what was wrong when that fails.
 *
 * @typedef {import('./catalogue.js').Wanted} Wanted
 * @typedef {import('./progress.js').Progress} Progress
 * @typedef {import('./storage.js').Shelf} Shelf
 *
 * @typedef {object} BringHow
 * @property {Progress} progress
 * @property {AbortSignal} [signal]
 * @property {Shelf | null} [shelf] where the file is kept; none keeps it in memory
 * @property {boolean} [hashed] whether its digest will be wanted: then it is computed while the file arrives
 * @property {typeof PATIENCE} [patience] milliseconds
 *
 * @typedef {ReturnType<typeof watchSilence>} Silence
 * @typedef {object} Brought
 * @property {Blob} blob
 * @property {Kept | null} kept null for a file that was here already, and for one that came in planes
 * @property {Promise<string>} [digest] the SHA-256 of a file that came in planes
 */

import { anySignal } from '../base/abort.js';
import { aborted, failure, wordsOf } from '../base/failure.js';
import { legible } from '../base/tokens.js';
import { HUB } from './catalogue.js';
import { alone } from './locks.js';
import { Kept } from './partial_file.js';
import { gated } from './repository.js';

/**
 * Waits before the next try of a download that broke off. The download ends after more breaks in a row than
 * these, none of which brought a byte.
 */
const PAUSES_MS = [300, 1000, 3000];

/** A connection that is silent for this long counts as broken. */
const STALL_MS = 30_000;

const PATIENCE = { pauses: PAUSES_MS, stall: STALL_MS };

/** A download that broke off: what came of it is good, and the rest can be asked for. */
class Broken extends Error {
  /** @type {Record<string, unknown>} */ data = {};
  /** Whether there was no answer at all. */
  unreached = false;
}

/**
 * Brings one file here. Rejects with `ModelFetch` or `AbortError`.
 * @param {Wanted} file
 * @param {BringHow} how
 * @returns {Promise<Brought>}
 */
export async function bringFile(file, how) {
  const { from } = file;
  if (from instanceof Blob) {
    how.progress.has(file, from.size);
    return { blob: from, kept: null };
  }
  const shelf = file.keep === undefined ? null : (how.shelf ?? null);
  const open = () => Kept.open(shelf, file.keep ?? '', from.href);
  const found = await open();
  if (found.whole || file.keep === undefined) return bringRest(file, found, how);
  // Another tab may have brought the file meanwhile, so it is opened again.
  return alone(file.keep, how.progress, how.signal, async () => bringRest(file, await open(), how));
}

/**
 * Downloads what is missing of a file.
 * @param {Wanted} file @param {Kept} kept @param {BringHow} how
 * @returns {Promise<Brought>}
 */
async function bringRest(file, kept, how) {
  how.progress.expect(file, kept.about.bytes);
  how.progress.has(file, kept.bytes);
  if (how.hashed && !kept.whole) kept.hashArriving();
  try {
    await downloadAll(file, kept, how);
    await kept.finish();
  } catch (thrown) {
    kept.leave();
    throw how.signal?.aborted ? aborted(how.signal) : thrown;
  }
  return { blob: kept.blob, kept };
}

/**
 * Asks again after each break, until the file is whole.
 * @param {Wanted} file
 * @param {Kept} kept
 * @param {BringHow} how
 */
async function downloadAll(file, kept, how) {
  const { signal, patience = PATIENCE } = how;
  for (let breaks = 0; !kept.whole; ) {
    const before = kept.bytes;
    try {
      return await request(file, kept, how);
    } catch (thrown) {
      if (signal?.aborted || !(thrown instanceof Broken)) throw thrown;
      breaks = kept.bytes > before ? 1 : breaks + 1;
      if (breaks > patience.pauses.length || (thrown.unreached && kept.bytes === 0))
        throw brokenOff(file, kept, thrown);
      await pause(patience.pauses[breaks - 1], signal);
    }
  }
}

/** @param {Wanted} file @param {Kept} kept @param {Broken} thrown */
function brokenOff(file, kept, thrown) {
  const from = /** @type {URL} */ (file.from);
  const found =
    kept.bytes && !thrown.data.expected
      ? `it broke off after ${kept.bytes} bytes: ${thrown.message}`
      : thrown.message;
  return downloadFailed(from, found, { found: kept.bytes, ...thrown.data }, thrown);
}

/**
 * Ends a request over which nothing comes.
 * @param {number} stall milliseconds
 */
function watchSilence(stall) {
  const silence = new AbortController();
  /** @type {ReturnType<typeof setTimeout> | undefined} */ let timer;
  const rest = () => clearTimeout(timer);
  const listen = () => {
    rest();
    timer = setTimeout(() => silence.abort(), stall);
  };
  listen();
  /** The error of a request that ended. @param {unknown} cause @param {string} [words] */
  const broken = (cause, words = wordsOf(cause)) =>
    new Broken(silence.signal.aborted ? `nothing came for ${stall / 1000} seconds` : words, { cause });
  return { signal: silence.signal, listen, rest, broken };
}

/**
 * One request, for all of the file or for what is missing of it.
 * @param {Wanted} file @param {Kept} kept @param {BringHow} how
 * @returns {Promise<void>}
 */
async function request(file, kept, how) {
  const from = /** @type {URL} */ (file.from);
  const { progress, patience = PATIENCE } = how;
  const have = kept.bytes;
  const silence = watchSilence(patience.stall);
  try {
    const response = await ask(file, have, anySignal(how.signal, silence.signal), silence.broken);
    silence.listen();
    // 416: more is here than the file is long by now. Whatever the answer shows, the file is begun anew.
    const beyond = have > 0 && response.status === 416;
    if (!response.ok && !beyond) throw refused(from, response);
    if (!beyond && response.headers.get('content-type')?.startsWith('text/html'))
      throw downloadFailed(from, 'an HTML page was found in its place');
    const answer = described(response);
    const continues =
      response.status === 206 &&
      (answer.start === null || answer.start === have) &&
      sameVersion(kept, answer);
    if (have && !continues) {
      // The file has to be read from its beginning: from this answer, if it starts there, or from the next.
      progress.has(file, 0);
      await kept.restart({ bytes: null, etag: null });
      if (response.status !== 200) {
        await response.body?.cancel();
        return await request(file, kept, how);
      }
    }
    if (file.bytes !== undefined && answer.bytes !== null && answer.bytes !== file.bytes)
      throw await changedSize(file, kept, answer.bytes, response);
    const exact = file.bytes ?? answer.bytes ?? kept.about.bytes;
    progress.expect(file, answer.bytes);
    if (!have || !continues) await kept.restart({ bytes: exact, etag: answer.etag });
    await receive(response, { file, exact, kept, progress, silence });
  } finally {
    silence.rest();
  }
}

/**
 * Sends the request. No header such as If-Range: the browser would ask permission first, which the hub's
 * storage need not give. Instead `sameVersion` compares the answer's own name for its version. A file of the
 * hub is asked for as a range from the beginning too: only a range's answer tells a page of another origin
 * how long the file is. The browser's own cache stays out of it for files that are kept here: it would
 * continue a broken download by itself.
 * @param {Wanted} file
 * @param {number} have bytes that are here
 * @param {AbortSignal} signal
 * @param {(cause: unknown, words: string) => Broken} broken
 */
function ask({ from, keep }, have, signal, broken) {
  const { host, href } = /** @type {URL} */ (from);
  const headers = have || keep !== undefined ? { range: `bytes=${have}-` } : undefined;
  const cache = keep === undefined ? 'default' : 'no-store';
  return fetch(/** @type {URL} */ (from), { signal, headers, cache }).catch((cause) =>
    Promise.reject(Object.assign(broken(cause, `no connection to ${host || href}`), { unreached: true })),
  );
}

/**
 * Reads an answer's body into the kept file.
 * @param {Response} response
 * @param {{ file: Wanted, exact: number | null, kept: Kept, progress: Progress, silence: Silence }} how
 *   `exact`: the length that the file has to have
 */
async function receive(response, { file, exact, kept, progress, silence }) {
  const from = /** @type {URL} */ (file.from);
  const reader = response.body?.getReader();
  while (reader) {
    const { done, value } = await reader.read().catch((cause) => Promise.reject(silence.broken(cause)));
    if (done) break;
    if (kept.bytes === 0 && looksLikeHtml(value))
      throw downloadFailed(from, 'an HTML page was found in its place');
    // The disk or the digest may take longer than a connection may be silent.
    silence.rest();
    await kept.append(value);
    silence.listen();
    progress.came(file, value.byteLength);
    if (exact !== null && kept.bytes > exact) {
      await reader.cancel();
      await kept.restart({ bytes: null, etag: null });
      throw downloadFailed(from, `the file should be ${exact} bytes long, and more arrived`, {
        expected: exact,
      });
    }
  }
  if (exact !== null && kept.bytes < exact) {
    throw Object.assign(new Broken(`the file should be ${exact} bytes long, and ${kept.bytes} arrived`), {
      data: { expected: exact },
    });
  }
}

/** The length and range of the file, from the headers of an answer. @param {Response} response */
function described({ headers, status, type }) {
  const range = /^bytes (\d+)-\d+\/(\d+|\*)$/.exec(headers.get('content-range') ?? '');
  const length = headers.get('content-length');
  // The length of a compressed transfer is not the file's. An answer from another origin does not show
  // whether it is compressed.
  const tells = status === 200 && length !== null && type !== 'cors' && !headers.has('content-encoding');
  const bytes = range && range[2] !== '*' ? Number(range[2]) : tells ? Number(length) : null;
  return { bytes, start: range ? Number(range[1]) : null, etag: headers.get('etag') };
}

/**
 * Whether an answer is of the version of the file that is here, by what both answers told.
 * @param {Kept} kept
 * @param {ReturnType<typeof described>} answer
 */
function sameVersion({ about }, { etag, bytes }) {
  const agree = (/** @type {unknown} */ a, /** @type {unknown} */ b) => a === null || b === null || a === b;
  return agree(about.etag, etag) && agree(about.bytes, bytes);
}

/**
 * The error of a file that no longer has the length that the catalogue or the repository told. What came of
 * the earlier file is dropped.
 * @param {Wanted} file @param {Kept} kept @param {number} found bytes @param {Response} response
 */
async function changedSize(file, kept, found, response) {
  await response.body?.cancel();
  await kept.restart({ bytes: null, etag: null });
  const why = `the file should be ${file.bytes} bytes long, and the server has ${found}: it was changed`;
  return downloadFailed(/** @type {URL} */ (file.from), why, { expected: file.bytes, found });
}

/** @param {URL} from @param {Response} response */
function refused(from, { status, statusText, headers }) {
  const [owner, name] = from.pathname.slice(1).split('/');
  if (from.href.startsWith(HUB) && (status === 401 || status === 403))
    return gated(`${owner}/${name}`, status);
  const after = headers.get('retry-after') ?? '';
  const again = /^\d+$/.test(after) ? `, again in ${after} seconds` : '';
  const wait = status === 429 ? `; it asks for fewer requests${again}` : '';
  return downloadFailed(from, `the server answered ${`${status} ${statusText}`.trim()}${wait}`, { status });
}

/** Some hosts answer every unknown address with their front page and 200. @param {Uint8Array} beginning */
const looksLikeHtml = (beginning) =>
  /^\s*<(!doctype|html)/i.test(new TextDecoder().decode(beginning.subarray(0, 64)));

/**
 * @param {URL} from
 * @param {string} why
 * @param {Record<string, unknown>} [data]
 * @param {unknown} [cause]
 */
function downloadFailed({ href: address }, why, data = {}, cause = undefined) {
  return failure('ModelFetch', `Download failed: ${why} (${address}).`, {
    data: { address, ...data },
    cause,
  });
}

/** The name of a file, for a person. @param {Blob | URL} from */
export function nameOf(from) {
  if (from instanceof URL) return legible(from.pathname.split('/').pop() || from.host);
  return 'name' in from ? legible(String(from.name)) : 'a file';
}

/**
 * Waits, no longer than until the signal is aborted.
 * @param {number} milliseconds
 * @param {AbortSignal} [signal]
 */
const pause = (milliseconds, signal) =>
  new Promise((resolve) => {
    const timer = setTimeout(resolve, milliseconds);
    const stopped = () => {
      clearTimeout(timer);
      resolve(undefined);
    };
    signal?.addEventListener('abort', stopped, { once: true });
  });
