// Properties of links, over random views and hostile fragments. link_properties.test.js tries some hundred
// of each; tools/fuzz/link.js goes on for as long as it is asked to.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { wellFormed } from '../../www/base/tokens.js';
import { asFile, decode, encode, fromFile, MOST } from '../../www/link/link.js';
import { DEFAULT_VIEW } from '../../www/state/view.js';

/** @typedef {import('../../www/state/view.js').View} View */

const head = fc.tuple(fc.nat(99), fc.nat(99)).map((at) => at.join('.'));
const heads = fc.uniqueArray(head, { maxLength: 5 });
const share = fc.integer({ min: 0, max: 1_000_000 }).map((millionths) => millionths / 1_000_000);
const text = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 60 }),
  fc.string({ unit: 'binary', maxLength: 60 }),
  fc
    .array(fc.constantFrom('_', '*', '&end=abc1234', '&amp;', '%', '+', ' ', '\n', '>', '-', '—', 'the cat '))
    .map((all) => all.join('')),
);
/** A text without lone surrogates. @param {string} any */
const held = (any) => wellFormed(any);

/** @type {fc.Arbitrary<View>} */
const view = fc
  .record(
    {
      text: text.map(held),
      model: fc.stringMatching(/^[\w.-]{1,20}$/),
      bos: fc.constantFrom('model', 'on', 'off'),
      head,
      query: fc.nat(1_000_000),
      key: fc.nat(1_000_000),
      direction: fc.constantFrom('from', 'to'),
      active: share,
      fraction: share,
      mean: share,
      weighted: fc.constantFrom('attention', 'value', 'output'),
      texts: fc.array(
        text.map((any) => wellFormed(any)),
        { maxLength: 4 },
      ),
      seqLen: fc.integer({ min: 2, max: 1000 }),
      batch: fc.integer({ min: 1, max: 1000 }),
      seed: fc.nat(0xffffffff),
      off: heads,
      copying: heads,
      step: fc.nat(99),
    },
    { requiredKeys: [] },
  )
  .map((change) => /** @type {View} */ ({ ...DEFAULT_VIEW, ...change }));

const about = fc.record({
  sha: fc.constantFrom(null, '0123456789abcdef'),
  digest: fc.constantFrom('5.AAAA', '62.A_-A--__'),
  found: fc.constantFrom(null, 'repeated.AAAAgA~losses.g_-'),
});

const hostile = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 200 }),
  fc
    .array(
      fc.tuple(
        fc.constantFrom('v', 't', 'z', 'zz', 'texts', 'head', 'end', 'digest', 'found', '__proto__', 'x'),
        text,
      ),
    )
    .map((pairs) => `v=2&${pairs.map(([key, value]) => `${key}=${value}`).join('&')}`),
);

/**
 * Whether a value has the shape of what `decode` returns.
 * @param {import('../../www/link/link.js').Opened} opened
 */
function isOpened({ view, shared, problems }) {
  assert.ok((view.text?.length ?? 0) <= MOST.file);
  for (const { code, detail } of problems) assert.match(`${code} ${detail}`, /^(Link|File)\w+ .+\.$/s);
  assert.ok(shared === null || typeof shared.text === 'string');
  assert.equal(Object.getPrototypeOf(view), Object.prototype);
}

/** The properties by name. Each tries one input. @type {Record<string, fc.IAsyncPropertyWithHooks<any>>} */
export const PROPERTIES = {
  'a link opens as the view that it was written for': fc.asyncProperty(view, about, async (sent, about) => {
    const opened = await decode(`#${await encode(sent, about)}`);
    assert.deepEqual(opened.problems, []);
    assert.deepEqual({ ...DEFAULT_VIEW, ...opened.view }, sent);
    assert.deepEqual([opened.shared?.digest, opened.shared?.found], [about.digest, about.found]);
  }),
  'a file opens as the view that it was written for': fc.asyncProperty(view, about, async (sent, about) => {
    const opened = fromFile(asFile(sent, about));
    assert.deepEqual({ ...DEFAULT_VIEW, ...opened.view }, sent);
  }),
  'what programs do to a link is undone': fc.asyncProperty(
    view,
    fc.subarray([
      (/** @type {string} */ link) => link.replaceAll('&', '&amp;'),
      (/** @type {string} */ link) => encodeURIComponent(link),
      (/** @type {string} */ link) => link.replace(/(.{40})/g, '$1%0A'),
      (/** @type {string} */ link) => `${link}).`,
    ]),
    async (sent, changes) => {
      const link = /** @type {string} */ (await encode(sent, { sha: null, digest: '5.AAAA', found: null }));
      const opened = await decode(changes.reduceRight((now, change) => change(now), link));
      assert.deepEqual(opened.problems, []);
      assert.deepEqual({ ...DEFAULT_VIEW, ...opened.view }, sent);
    },
  ),
  'a cut link never compares its figures': fc.asyncProperty(view, fc.nat(), async (sent, at) => {
    const link = /** @type {string} */ (await encode(sent, { sha: 'ab', digest: '5.AAAA', found: null }));
    const opened = await decode(link.slice(0, 3 + (at % (link.length - 3))));
    isOpened(opened);
    assert.deepEqual([opened.problems[0].code, opened.shared], ['LinkChanged', null]);
  }),
  'a hostile fragment opens as something': fc.asyncProperty(hostile, async (fragment) => {
    isOpened(await decode(fragment));
    isOpened(fromFile(fragment));
    isOpened(fromFile(JSON.stringify({ headscope: 2, t: fragment, head: fragment, z: fragment })));
  }),
};
