// The download of one file: resumed, restarted, and with a silent hub or a full disk.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { after, afterEach, test } from 'node:test';
import { anySignal } from '../../www/base/abort.js';
import { speedometer } from '../../www/state/library.js';
import { bringFile } from '../../www/store/fetching.js';
import { Digest } from '../../www/store/hashing.js';
import { Kept, keptFiles, PART } from '../../www/store/partial_file.js';
import { Progress } from '../../www/store/progress.js';
import { ADDRESS, answering, cache, locks, ranged, shelf } from './hub.js';
import { installWorker } from './node_worker.js';
import { settled } from './settled.js';

const QUICK = { pauses: [1, 1, 1], stall: 1000 };
const FILE = Uint8Array.from({ length: 3000 }, (_, at) => at & 255);
const wanted = () => ({ from: new URL(ADDRESS), keep: 'planted.weights' });
/** @param {Promise<unknown>} promise @returns {Promise<Error & { data?: any }>} */
const rejection = (promise) =>
  promise.then(
    () => assert.fail('it resolved'),
    (error) => error,
  );
const sha256 = (/** @type {Uint8Array} */ bytes) => createHash('sha256').update(bytes).digest('hex');
const bytesOf = async (/** @type {Blob} */ blob) => new Uint8Array(await blob.arrayBuffer());

/**
 * A body that gives some bytes, and then nothing until the signal ends it.
 * @param {Uint8Array} beginning
 * @param {AbortSignal | undefined} signal
 */
const stuck = (beginning, signal) =>
  new ReadableStream({
    start(stream) {
      if (beginning.length) stream.enqueue(beginning);
      signal?.addEventListener('abort', () => stream.error(signal.reason));
    },
  });

/**
 * @param {ReturnType<typeof cache>} disk
 * @param {object} [how]
 * @param {AbortSignal} [signal]
 * @param {import('../../www/store/progress.js').OnProgress} [onProgress]
 */
function bring(disk, how = {}, signal = undefined, onProgress = undefined) {
  const file = wanted();
  return bringFile(file, {
    progress: new Progress([file], onProgress),
    signal,
    shelf: shelf(disk),
    hashed: true,
    patience: { ...QUICK, ...how },
  });
}

installWorker();
// One hashing worker for all tests.
const keepsWorker = new Digest();
after(() => keepsWorker.stop());
afterEach(() => Reflect.deleteProperty(globalThis, 'navigator'));

test('a range’s answer gives the file’s length, so a download that ends early is resumed', async () => {
  let times = 0;
  const asked = answering((start) => ranged(FILE, start, times++ ? {} : { only: 1000 }));
  const { blob, kept } = await bring(cache());
  assert.deepEqual(asked, ['bytes=0-', 'bytes=1000-']);
  assert.deepEqual(await bytesOf(blob), FILE);
  assert.equal(kept?.whole, true);
  assert.equal(await kept?.digest(), sha256(FILE), 'the digest goes over the break');
});

test('a digest is computed while a file arrives: the file is not read again', async () => {
  answering(() => FILE);
  const disk = cache();
  const { kept } = await bring(disk);
  for (const name of disk.files.keys()) disk.files.set(name, new Blob(['something else']));
  assert.equal(await kept?.digest(), sha256(FILE));
});

test('a signal of several is aborted with the first of them, and at once where one is already', () => {
  const [first, second] = [new AbortController(), new AbortController()];
  const any = anySignal(undefined, first.signal, second.signal);
  assert.equal(any.aborted, false);
  second.abort('why');
  assert.deepEqual([any.aborted, any.reason], [true, 'why']);
  first.abort('later');
  assert.equal(any.reason, 'why');
  assert.equal(anySignal(first.signal).reason, 'later');
  assert.equal(anySignal().aborted, false);
});

test('a silent hub is reported after its time; a stop by the visitor is not taken for silence', async () => {
  const asked = answering((_, signal) => new Response(stuck(new Uint8Array(), signal)));
  const error = await rejection(bring(cache(), { stall: 20 }));
  assert.equal(error.name, 'ModelFetch');
  assert.match(error.message, /nothing came for 0\.02 seconds/);
  assert.equal(asked.length, 1 + QUICK.pauses.length);
  answering(
    (_, signal) =>
      new Promise((__, reject) => signal?.addEventListener('abort', () => reject(signal.reason))),
  );
  assert.match((await rejection(bring(cache(), { stall: 20 }))).message, /nothing came for 0\.02 seconds/);
  const stop = new AbortController();
  const stopped = rejection(bring(cache(), {}, stop.signal));
  await settled();
  stop.abort();
  assert.equal((await stopped).name, 'AbortError');
});

test('a stopped download resumes from the kept parts, which do not count towards its speed', async () => {
  const large = new Uint8Array(PART + 100).fill(7);
  const disk = cache();
  const stop = new AbortController();
  answering(
    (_, signal) =>
      new Response(stuck(large.subarray(0, PART + 10), signal), {
        status: 206,
        headers: { 'content-range': `bytes 0-${large.length - 1}/${large.length}` },
      }),
  );
  const error = await rejection(
    bring(disk, {}, stop.signal, ({ loaded }) => void (loaded > PART && stop.abort())),
  );
  assert.equal(error.name, 'AbortError');
  const asked = answering(() => ranged(large, PART));
  const speed = speedometer();
  let now = 0;
  /** @type {{ loaded: number, kept: number, rate: number | null, left: number | null }[]} */ const seen = [];
  const { blob, kept } = await bring(disk, {}, undefined, ({ loaded, total }, { kept }) => {
    now += 1000;
    seen.push({ loaded, kept, ...speed(now, loaded - kept, total - kept) });
  });
  assert.deepEqual(asked, [`bytes=${PART}-`]);
  assert.equal(blob.size, large.length);
  assert.deepEqual(seen.at(-1), { loaded: PART + 100, kept: PART, rate: 100, left: 0 });
  assert.equal(await kept?.digest(), sha256(large), 'the digest is of the kept parts too');
});

test('a rate is over some seconds, and counts from anew what is begun anew', () => {
  const speed = speedometer();
  assert.deepEqual(speed(0, 0, 9000), { rate: null, left: null });
  assert.deepEqual(speed(100, 500, 9000), { rate: null, left: null }, 'too soon to tell');
  assert.deepEqual(speed(1000, 1000, 9000), { rate: 1000, left: 8 });
  assert.deepEqual(
    speed(6000, 2000, 9000),
    { rate: null, left: null },
    'nothing of it is in the last seconds',
  );
  assert.deepEqual(speed(7000, 100, 9000), { rate: null, left: null });
  assert.deepEqual(speed(8000, 400, 9000).rate, 300);
});

test('a server that has nothing past what is here, whatever it shows for it: begun anew', async () => {
  const disk = cache();
  let broken = true;
  answering((start) =>
    broken
      ? ranged(new Uint8Array(PART + 5000), start, { only: start ? 0 : PART })
      : new Response('', { status: 503 }),
  );
  assert.equal((await rejection(bring(disk))).name, 'ModelFetch');
  broken = false;
  const asked = answering((start) =>
    start ? new Response('<html>', { status: 416, headers: { 'content-type': 'text/html' } }) : FILE,
  );
  const { blob, kept } = await bring(disk);
  assert.deepEqual(await bytesOf(blob), FILE);
  assert.deepEqual(asked, [`bytes=${PART}-`, 'bytes=0-']);
  assert.equal(await kept?.digest(), sha256(FILE), 'the digest is begun anew too');
});

test('a disk that fills in the middle of a file: its parts move into memory, and it completes', async () => {
  const large = Uint8Array.from({ length: 2 * PART + 50 }, (_, at) => (at >> 8) & 255);
  const disk = cache();
  disk.plan.refuse = (name) => name.endsWith('.part00001');
  answering(() => large);
  const { blob, kept } = await bring(disk);
  assert.deepEqual(await bytesOf(blob), large);
  assert.deepEqual([kept?.refused, kept?.stays], ['no room', false]);
  assert.deepEqual([...disk.files.keys()], [], 'and the disk is given back');
});

test('a disk that lets nothing be removed does not end a download that has to begin anew', async () => {
  const disk = cache();
  answering((start) => ranged(new Uint8Array(PART + 5000), start, { only: start ? 0 : PART, etag: '"old"' }));
  await rejection(bring(disk));
  disk.plan.refuse = (name) => name.startsWith('delete');
  answering(() => FILE);
  const { blob, kept } = await bring(disk);
  assert.deepEqual(await bytesOf(blob), FILE);
  assert.equal(kept?.refused, 'no room');
});

test('a file that another tab is at is waited for, and then is here', async () => {
  Object.defineProperty(globalThis, 'navigator', { value: { locks: locks() }, configurable: true });
  const disk = cache();
  /** @type {(value?: unknown) => void} */ let open = () => {};
  const opened = new Promise((resolve) => (open = resolve));
  const asked = answering(async (start) => {
    await opened;
    return ranged(FILE, start);
  });
  const first = bring(disk);
  await settled();
  /** @type {boolean[]} */ const waited = [];
  /** @type {number[]} */ const came = [];
  const second = bring(disk, {}, undefined, ({ loaded }, { kept, waiting }) => {
    waited.push(waiting);
    came.push(loaded - kept);
  });
  const stop = new AbortController();
  const third = rejection(bring(disk, {}, stop.signal));
  await settled();
  stop.abort();
  assert.equal((await third).name, 'AbortError');
  open();
  await first;
  assert.deepEqual(await bytesOf((await second).blob), FILE);
  assert.deepEqual(asked, ['bytes=0-']);
  assert.deepEqual([waited[0], waited.at(-1), Math.max(...came)], [true, false, 0]);
});

test('what is kept is told with its bytes, and a part that was lost makes it less', async () => {
  const disk = cache();
  answering(() => FILE);
  await bring(disk);
  assert.deepEqual(
    await keptFiles(shelf(disk)),
    new Map([['planted.weights', { from: ADDRESS, bytes: 3000, whole: true }]]),
  );
  disk.files.delete('planted.weights.part00000');
  assert.equal((await Kept.open(shelf(disk), 'planted.weights', ADDRESS)).whole, false);
});
