/** Brings one file here over a network that breaks off, and says what was wrong when it can't. */
import { aborted, failure, wordsOf } from '../base/failure.js';
import { alone } from './locks.js';
import { Kept } from './partial_file.js';

/**
 * @typedef {import('./catalogue.js').Wanted} Wanted
 * @typedef {import('./progress.js').Progress} Progress
 * @typedef {import('./storage.js').Shelf} Shelf
 */

/**
 * Waits before going on where a download broke off; more breaks than these in a row without a byte more end
 * it.
 */
const PAUSES_MS = [300, 1000, 3000];

/** A connection over which nothing comes for this long is as good as broken. */
const STALL_MS = 30_000;

const PATIENCE = { pauses: PAUSES_MS, stall: STALL_MS };

/** A download that broke off: what came of it is good, and the rest can be asked for. */
class Broken extends Error {
  /** @type {Record<string, unknown>} */ data = {};
  /** Whether there was no answer at all. */
  unreached = false;
}

/**
 * @param {Wanted} file
 * @param {Progress} progress
 * @param {AbortSignal | undefined} signal
 * @param {Shelf | null} shelf
 * @param {typeof PATIENCE} [patience] milliseconds
 * @returns {Promise<{ blob: Blob, kept: Kept | null }>} `kept` null for a file that was here already
 */
export async function bringFile(file, progress, signal, shelf, patience = PATIENCE) {
  const { from } = file;
  if (from instanceof Blob) {
    progress.has(file, from.size);
    return { blob: from, kept: null };
  }
  const open = () => Kept.open(file.keep === undefined ? null : shelf, file.keep ?? '', from.href);
  const found = await open();
  if (found.whole || file.keep === undefined) return await bringRest(file, found, progress, signal, patience);
  // What another tab brought meanwhile is here too.
  return await alone(file.keep, progress, signal, async () =>
    bringRest(file, await open(), progress, signal, patience),
  );
}

/**
 * @param {Wanted} file
 * @param {Kept} kept
 * @param {Progress} progress
 * @param {AbortSignal | undefined} signal
 * @param {typeof PATIENCE} patience
 */
async function bringRest(file, kept, progress, signal, patience) {
  const from = /** @type {URL} */ (file.from);
  progress.expect(file, kept.about.bytes);
  progress.has(file, kept.bytes);
  for (let breaks = 0; !kept.whole; ) {
    const before = kept.bytes;
    try {
      await goOn(file, kept, progress, signal, patience.stall);
      break;
    } catch (thrown) {
      if (signal?.aborted) throw aborted(signal);
      if (!(thrown instanceof Broken)) throw thrown;
      breaks = kept.bytes > before ? 1 : breaks + 1;
      if (breaks > patience.pauses.length || (thrown.unreached && kept.bytes === 0)) {
        throw unusable(
          from,
          kept.bytes && !thrown.data.expected
            ? `the download broke off after ${kept.bytes} bytes: ${thrown.message}`
            : thrown.message,
          { found: kept.bytes, ...thrown.data },
          thrown,
        );
      }
      await pause(patience.pauses[breaks - 1], signal);
    }
  }
  return { blob: kept.blob, kept };
}

/**
 * One request for all of the file or for what is missing of it.
 * @param {Wanted} file
 * @param {Kept} kept
 * @param {Progress} progress
 * @param {AbortSignal | undefined} signal
 * @param {number} stall
 */
async function goOn(file, kept, progress, signal, stall) {
  const from = /** @type {URL} */ (file.from);
  const have = kept.bytes;
  // Everything that ends this request: the visitor, or silence.
  const silence = new AbortController();
  let timer = setTimeout(() => silence.abort(), stall);
  const heard = () => {
    clearTimeout(timer);
    timer = setTimeout(() => silence.abort(), stall);
  };
  const either = signal ? AbortSignal.any([signal, silence.signal]) : silence.signal;
  const broken = (/** @type {unknown} */ cause) =>
    new Broken(silence.signal.aborted ? `nothing came for ${stall / 1000} seconds` : wordsOf(cause), {
      cause,
    });
  try {
    // A header such as If-Range would make the browser ask permission first, which the hub's storage need not
    // give. What
    // it is for is done below: the answer's own name for its version is compared. A file of the hub is asked
    // for as a range
    // from the beginning too, since only a range's answer tells, to a page of another origin, how long the
    // file is.
    const headers = have || file.keep !== undefined ? { range: `bytes=${have}-` } : undefined;
    // What is kept here need not be in the browser's own cache too, which would go on with a broken download
    // by itself.
    const cache = file.keep === undefined ? 'default' : 'no-store';
    const response = await fetch(from, { signal: either, headers, cache }).catch((cause) =>
      Promise.reject(Object.assign(broken(cause), { unreached: true })),
    );
    heard();
    // More is here than the file is long by now: whatever the answer shows, it is begun anew.
    const beyond = have > 0 && response.status === 416;
    if (!response.ok && !beyond) throw refused(from, response);
    if (!beyond && response.headers.get('content-type')?.startsWith('text/html'))
      throw unusable(from, 'an HTML page was found in its place');
    const answer = described(response);
    const goesOn =
      response.status === 206 &&
      (answer.start === null || answer.start === have) &&
      sameVersion(kept, answer);
    if (have && !goesOn) {
      // What can't be gone on with is had from its beginning: from this answer, if it is that, or the next.
      progress.has(file, 0);
      await kept.restart({ bytes: null, etag: null });
      if (response.status !== 200) {
        await response.body?.cancel();
        return await goOn(file, kept, progress, signal, stall);
      }
    }
    const exact = file.bytes ?? answer.bytes ?? kept.about.bytes;
    progress.expect(file, answer.bytes);
    if (!have || !goesOn) await kept.restart({ bytes: exact, etag: answer.etag });
    await receive(response, { file, exact, kept, progress, heard, broken });
  } finally {
    clearTimeout(timer);
  }
}

/**
 * @param {Response} response
 * @param
 *   {{ file: Wanted, exact: number | null, kept: Kept, progress: Progress, heard: () => void, broken: (cause: unknown) => Broken }}
 *   how
 */
async function receive(response, { file, exact, kept, progress, heard, broken }) {
  const { from } = file;
  const reader = response.body?.getReader();
  while (reader) {
    const { done, value } = await reader.read().catch((cause) => Promise.reject(broken(cause)));
    if (done) break;
    heard();
    if (kept.bytes === 0 && looksLikeHtml(value)) throw unusable(from, 'an HTML page was found in its place');
    await kept.append(value);
    progress.came(file, value.byteLength);
    if (exact !== null && kept.bytes > exact) {
      await reader.cancel();
      await kept.restart({ bytes: null, etag: null });
      throw unusable(from, `it should be ${exact} bytes long, and more arrived`, { expected: exact });
    }
  }
  if (exact !== null && kept.bytes < exact) {
    throw Object.assign(new Broken(`it should be ${exact} bytes long, and ${kept.bytes} arrived`), {
      data: { expected: exact },
    });
  }
  await kept.finish();
}

/** What an answer says of the file. @param {Response} response */
function described({ headers, status, type }) {
  const range = /^bytes (\d+)-\d+\/(\d+|\*)$/.exec(headers.get('content-range') ?? '');
  const length = headers.get('content-length');
  // The length of a compressed transfer is not the file's, and whether it is compressed can't be seen on an
  // answer from
  // another origin.
  const tells = status === 200 && length !== null && type !== 'cors' && !headers.has('content-encoding');
  const bytes = range && range[2] !== '*' ? Number(range[2]) : tells ? Number(length) : null;
  return { bytes, start: range ? Number(range[1]) : null, etag: headers.get('etag') };
}

/**
 * Whether the rest is of the file that the beginning is of, by whatever both answers told.
 * @param {Kept} kept
 * @param {ReturnType<typeof described>} answer
 */
function sameVersion({ about }, { etag, bytes }) {
  const agree = (/** @type {unknown} */ a, /** @type {unknown} */ b) => a === null || b === null || a === b;
  return agree(about.etag, etag) && agree(about.bytes, bytes);
}

/** @param {URL} from @param {Response} response */
function refused(from, { status, statusText, headers }) {
  const after = headers.get('retry-after');
  const wait =
    status === 429
      ? `; it wants to be asked less often${after && /^\d+$/.test(after) ? `, again in ${after} seconds` : ''}`
      : '';
  return unusable(from, `the server answered ${`${status} ${statusText}`.trim()}${wait}`, { status });
}

/** Hosts that answer every unknown address with their front page say 200. @param {Uint8Array} beginning */
const looksLikeHtml = (beginning) =>
  /^\s*<(!doctype|html)/i.test(new TextDecoder().decode(beginning.subarray(0, 64)));

/**
 * @param {Blob | URL} from
 * @param {string} found
 * @param {Record<string, unknown>} [data]
 * @param {unknown} [cause]
 */
export function unusable(from, found, data = {}, cause = undefined) {
  const address = from instanceof URL ? from.href : nameOf(from);
  return failure('ModelFetch', `The model file ${address} could not be had: ${found}.`, {
    data: { address, ...data },
    cause,
  });
}

/** @param {Blob | URL} from */
export function nameOf(from) {
  if (from instanceof URL) return from.pathname.split('/').pop() || from.host;
  return 'name' in from ? String(from.name) : 'a file';
}

/** @param {number} milliseconds @param {AbortSignal | undefined} signal */
const pause = (milliseconds, signal) =>
  new Promise((resolve) => {
    const timer = setTimeout(resolve, milliseconds);
    signal?.addEventListener('abort', () => (clearTimeout(timer), resolve(undefined)), { once: true });
  });
