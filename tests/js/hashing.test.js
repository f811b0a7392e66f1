// SHA-256 in its worker against Node's: at the lengths where the padding changes, of bytes that come in
// pieces of every kind, and when something fails.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { beforeEach, test } from 'node:test';
import { Digest, digestOf } from '../../www/store/hashing.js';
import { installWorker, NodeWorker, running } from './node_worker.js';

const expected = (/** @type {Uint8Array} */ bytes) => createHash('sha256').update(bytes).digest('hex');
const filled = (/** @type {number} */ length) =>
  Uint8Array.from({ length }, (_, index) => (index * 7 + (index >> 8)) & 255);
/** @param {Promise<unknown>} promise @returns {Promise<Error & { data?: any }>} */
const rejection = (promise) =>
  promise.then(
    () => assert.fail('it resolved'),
    (error) => error,
  );

beforeEach(() => {
  assert.equal(running.size, 0, 'no worker is left by the test before');
  installWorker();
});

const LENGTHS = [0, 1, 55, 56, 63, 64, 65, 119, 120, (1 << 20) - 1, 1 << 20, (1 << 20) + 65, (4 << 20) + 1];

test('the sha256 at every length where something changes, as a Blob and in chunks', async () => {
  const keepsWorker = new Digest();
  for (const length of LENGTHS) {
    const bytes = filled(length);
    assert.equal(await digestOf(new Blob([bytes])), expected(bytes), `a Blob of ${length}`);
    const digest = new Digest();
    for (let at = 0; at < length; at += 300_001) await digest.add(bytes.subarray(at, at + 300_001));
    assert.equal(await digest.finish(), expected(bytes), `${length} bytes in chunks`);
  }
  keepsWorker.stop();
});

test('a Blob and then chunks are hashed in the order in which they came, beside another digest', async () => {
  const [first, second] = [filled((9 << 20) + 3), filled(1000).reverse()];
  const digest = new Digest();
  const other = new Digest();
  void digest.add(new Blob([first]));
  void other.add(second);
  void digest.add(second);
  const both = Promise.all([digest.finish(), other.finish()]);
  assert.deepEqual(await both, [expected(Buffer.concat([first, second])), expected(second)]);
  assert.equal(running.size, 0, 'the worker ends with its last digest');
});

test('bytes wait until those before them are hashed, so that a fast download fills no memory', async () => {
  /** @type {number[]} */ const calls = [];
  let answered = 0;
  class Slow extends NodeWorker {
    /** @override @param {any} message */
    postMessage(message) {
      if (message.method === 'add') calls.push(calls.length - answered);
      super.postMessage(message);
    }
  }
  Object.assign(globalThis, { Worker: Slow });
  const digest = new Digest();
  const worker = /** @type {NodeWorker} */ ([...running][0]);
  worker.thread.on('message', () => answered++);
  for (let chunk = 0; chunk < 50; chunk++) await digest.add(filled(10_000));
  await digest.finish();
  assert.ok(Math.max(...calls) <= 2, `${Math.max(...calls)} chunks waited`);
});

test('a file that cannot be read is told as such; bytes that cannot be sent give no digest', async () => {
  class Unreadable extends NodeWorker {
    /** @param {URL} script */
    constructor(script) {
      super(script, { unreadable: true });
    }
  }
  Object.assign(globalThis, { Worker: Unreadable });
  const unread = await rejection(digestOf(new Blob(['a moment ago'])));
  assert.deepEqual([unread.name, unread.message], ['FileRead', 'The file could not be read: It is gone.']);

  installWorker();
  const digest = new Digest();
  await digest.add(/** @type {any} */ ({ byteLength: 1, buffer: { byteLength: 1 }, unsendable() {} }));
  await digest.add(filled(9));
  const unsent = await rejection(digest.finish());
  assert.equal(unsent.name, 'DigestFailed');
  assert.match(unsent.message, /could not be computed: .*could not be cloned/);
});

test('a worker that cannot start, or dies, is a clear error; the next digest has another', async () => {
  const refusing = class {
    constructor() {
      throw new DOMException('not allowed here', 'SecurityError');
    }
  };
  Object.assign(globalThis, { Worker: refusing });
  const refused = await rejection(digestOf(new Blob(['a'])));
  assert.equal(refused.name, 'DigestFailed');
  assert.match(refused.message, /no worker could be started: not allowed here/);

  installWorker();
  const digest = new Digest();
  await digest.add(filled(10));
  const [worker] = running;
  worker.onerror?.({ message: 'killed', preventDefault() {} });
  await digest.add(filled(10));
  const died = await rejection(digest.finish());
  assert.deepEqual(
    [died.name, died.message],
    ['DigestFailed', 'The worker that computes SHA-256 stopped: killed.'],
  );
  assert.equal(await digestOf(new Blob(['a'])), expected(Buffer.from('a')));
});

test('a digest that is stopped rejects, and leaves another one alone', async () => {
  const [stopped, other] = [new Digest(), new Digest()];
  void stopped.add(new Blob([filled(20 << 20)]));
  void other.add(filled(5));
  stopped.stop();
  assert.equal((await rejection(stopped.finish())).name, 'DigestFailed');
  assert.equal(await other.finish(), expected(filled(5)));
});
