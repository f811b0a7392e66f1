import assert from 'node:assert/strict';
import test from 'node:test';
import { deflated, inflated } from '../../www/link/deflate.js';
import { asFile, decode, encode as encoded, fromFile, MOST } from '../../www/link/link.js';
import { ended } from '../../www/link/pairs.js';
import { EXAMPLES } from '../../www/state/examples.js';
import { DEFAULT_VIEW, LONG } from '../../www/state/view.js';

const NOTHING = { sha: null, digest: null, found: null };
const codes = (/** @type {import('../../www/link/link.js').Opened} */ { problems }) =>
  problems.map(({ code }) => code);

/**
 * The link of a view that a link can hold.
 * @param {import('../../www/state/view.js').View} view @param {import('../../www/link/link.js').About} about
 */
async function encode(view, about) {
  const link = await encoded(view, about);
  assert.ok(link !== null);
  return link;
}

/** A link without its end mark. @param {string} link */
const body = (link) => link.replace(/&end=[0-9a-z]{7}$/, '');

/** @param {Partial<import('../../www/state/view.js').View>} change */
const view = (change) => ({ ...DEFAULT_VIEW, ...change });

test('the default view is an empty link but for its version', async () => {
  const link = await encode(view({}), NOTHING);
  assert.match(link, /^v=2&end=[0-9a-z]{7}$/);
  assert.deepEqual(await decode(`#${link}`), { view: {}, shared: null, problems: [] });
  assert.deepEqual(await decode(''), { view: {}, shared: null, problems: [] });
});

test('keys are readable, sorted, and only differences; the defaults of version 2 stand', async () => {
  const link = await encode(
    view({ text: 'a cat & a dog', head: '1.4', query: 37, key: 12, active: 0.55, direction: 'to' }),
    {
      sha: '0123456789abcdef',
      digest: '5.AAAA',
      found: null,
    },
  );
  assert.equal(
    body(link),
    'v=2&active=0.55&digest=5.AAAA&direction=to&head=1.4&key=12&query=37&sha=0123456789ab&t=a+cat+%26+a+dog',
  );
  assert.deepEqual(
    { ...DEFAULT_VIEW, text: DEFAULT_VIEW.text.length },
    {
      text: 175,
      model: 'default',
      precision: 'stored',
      bos: 'model',
      head: null,
      query: null,
      key: null,
      direction: 'from',
      tab: 'find',
      grid: 'auto',
      map: 'strict',
      x: 'strict',
      y: 'matching-induction',
      active: 0.4,
      fraction: 0.3,
      mean: 0.4,
      weighted: 'attention',
      score: null,
      texts: [],
      seqLen: 50,
      batch: 10,
      seed: 0,
      off: [],
      offMlps: [],
      ablation: 'zero',
      side: 'after',
      on: 'repeats',
      layers: null,
      target: [],
      colour: 'attention',
      copying: [],
      ran: [],
      step: null,
    },
  );
});

test('a decoded link is the encoded view', async () => {
  const texts = [
    '',
    ' ',
    'a+b=c&d#e%f',
    '<script>alert(1)</script>',
    'مرحبا بالعالم',
    '\0\u0001\t\n',
    '𝒳 👩‍👩‍👧 \u200b\u202e',
    "it's (here)!*~",
    'x'.repeat(50_000),
    'the cat sat on the mat. '.repeat(40),
  ];
  for (const text of texts) {
    const sent = view({ text, head: '0.11', query: 3, fraction: 0.25, mean: 0 });
    const opened = await decode(`#${await encode(sent, { sha: null, digest: '5.AAAA', found: null })}`);
    assert.deepEqual({ ...DEFAULT_VIEW, ...opened.view }, sent, JSON.stringify(text.slice(0, 40)));
    assert.deepEqual(opened.problems, []);
    assert.deepEqual(opened.shared, {
      sha: null,
      digest: '5.AAAA',
      found: null,
      text,
      model: 'default',
      bos: 'model',
    });
  }
});

test('settings of experiments are plain words in the link, and are read from it', async () => {
  const sent = view({
    tab: 'ablate',
    seqLen: 20,
    batch: 3,
    seed: 4294967295,
    off: ['0.7', '1.10'],
    ablation: 'mean',
    on: 'text',
    copying: ['1.4'],
    ran: ['losses'],
    score: 'mean-previous',
    weighted: 'output',
    step: 2,
  });
  const link = await encode(sent, { ...NOTHING, digest: '5.AAAA', found: 'repeated.AAAAgA~losses.gAA' });
  assert.equal(
    body(link),
    'v=2&ablation=mean&batch=3&copy=1.4&digest=5.AAAA&found=repeated.AAAAgA%7Elosses.gAA&len=20' +
      '&off=0.7+1.10&on=text&ran=losses&score=mean-previous&seed=4294967295&step=2' +
      '&tab=ablate&weighted=output',
  );
  const opened = await decode(link);
  assert.deepEqual({ ...DEFAULT_VIEW, ...opened.view }, sent);
  assert.equal(opened.shared?.found, 'repeated.AAAAgA~losses.gAA');
  const many = Array.from({ length: 300 }, (_, head) => `0.${head}`).join('+');
  const hostile = await decode(
    ended(
      `v=2&batch=100000&len=1&seed=-1&off=${'1.0+'.repeat(3)}x&ran=%3Cb%3E&found=repeated.AA&copy=${many}`,
    ),
  );
  assert.deepEqual(hostile.view, {});
  assert.deepEqual(hostile.problems[0].data?.keys, ['batch', 'len', 'seed', 'off', 'ran', 'found', 'copy']);
});

test('other texts travel as a list, compressed where that helps; any other value is named', async () => {
  for (const texts of [['one'], ['a "b" & c', ''], ['the cat sat on the mat. '.repeat(20), 'مرحبا\n']]) {
    const link = await encode(view({ texts }), NOTHING);
    if (texts[0].length > 100) assert.match(body(link), /zz=[\w%-]{1,100}$/);
    assert.deepEqual(await decode(link), { view: { texts }, shared: null, problems: [] });
    assert.deepEqual(fromFile(asFile(view({ texts }), NOTHING)).view, { texts });
  }
  for (const [key, value] of [
    ['texts', '{"a":1}'],
    ['texts', '[1]'],
    ['texts', '[["a"]]'],
    ['texts', '['],
    ['texts', JSON.stringify(new Array(300).fill('a'))],
    ['zz', '!!'],
  ]) {
    const opened = await decode(ended(`v=2&${key}=${encodeURIComponent(value)}`));
    assert.deepEqual([opened.view, opened.problems[0]?.data?.keys], [{}, [key]], value);
  }
});

test('a lone surrogate becomes U+FFFD in the link, as the tokenizer reads it', async () => {
  const opened = await decode(await encode(view({ text: 'a\ud800b\udc00' }), NOTHING));
  assert.equal(opened.view.text, 'a\ufffdb\ufffd');
});

test('a text is compressed only where that saves a fifth', async () => {
  assert.match(
    await encode(view({ text: 'short words here' }), NOTHING),
    /&t=short\+words\+here&end=[0-9a-z]{7}$/,
  );
  const long = await encode(view({ text: 'the same words again and again; '.repeat(30) }), NOTHING);
  assert.match(long, /&z=[\w%-]+&end=/);
  assert.equal(await inflated(await deflated('𝒳 text'), 100), '𝒳 text');
});

test('characters that end a link in a chat are encoded', async () => {
  const link = await encode(view({ text: "(see 'this'!)" }), NOTHING);
  assert.doesNotMatch(link, /[()'!]/);
});

test('a newer version is named and not read', async () => {
  const opened = await decode('#v=3&t=hello&head=1.4');
  assert.deepEqual(codes(opened), ['LinkVersion']);
  assert.deepEqual(opened.view, {});
  assert.match(opened.problems[0].detail, /version 3.*versions 1 and 2/);
  assert.deepEqual(codes(await decode('#t=hello')), ['LinkBroken']);
});

test('a value that cannot be read is named, and the rest is kept', async () => {
  const opened = await decode(
    ended(
      '#v=2&t=hello&head=banana&query=-1&key=1e3&active=7&mean=0.2' +
        '&digest=%3Cscript%3E&sha=xyz&tab=gallery&model=../../etc',
    ),
  );
  assert.deepEqual(opened.view, { text: 'hello', mean: 0.2 });
  assert.deepEqual(codes(opened), ['LinkBroken']);
  assert.deepEqual(opened.problems[0].data?.keys, [
    'head',
    'query',
    'key',
    'active',
    'digest',
    'sha',
    'tab',
    'model',
  ]);
});

test('broken encodings are broken links, not exceptions', async () => {
  for (const link of [
    'v=2&t=%E0%A4',
    'v=2&z=!!!!',
    'v=2&z=AAAA',
    `v=2&z=${(await deflated('some words')).slice(0, -3)}`,
    'v=2&t=%',
  ]) {
    const opened = await decode(link.includes('z=') ? ended(link) : link);
    const code = link.includes('z=') ? 'LinkTextBroken' : 'LinkChanged';
    assert.deepEqual(codes(opened), [code], link);
    assert.equal(opened.view.text, undefined);
    assert.equal(opened.shared, null);
  }
});

test('unknown keys, repeated keys and keys of Object.prototype are ignored', async () => {
  const opened = await decode(
    ended('v=2&utm_source=x&__proto__=1&constructor=2&hasOwnProperty=3&t=first&t=second&&=&x'),
  );
  assert.deepEqual(opened, { view: { text: 'first' }, shared: null, problems: [] });
});

test('sizes have caps: the fragment, the text, and the inflated size of a small z', async () => {
  assert.deepEqual(codes(await decode(`v=1&t=${'x'.repeat(MOST.fragment)}`)), ['LinkTooLarge']);
  assert.deepEqual(codes(await decode(`v=1&t=${'x'.repeat(MOST.value + 1)}`)), ['LinkTextBroken']);
  const bomb = await deflated('\0'.repeat(MOST.inflated + 1));
  assert.ok(bomb.length < 20_000, `a bomb of ${bomb.length} characters`);
  assert.deepEqual(codes(await decode(ended(`v=2&z=${bomb}`))), ['LinkTextBroken']);
});

test('a digest without its text is not compared with the default text', async () => {
  assert.equal((await decode(ended('v=2&z=!!&digest=5.AAAA'))).shared, null);
  assert.equal((await decode(ended('v=2&digest=5.AAAA'))).shared?.text, DEFAULT_VIEW.text);
});

test('a text of any length goes through a file', () => {
  const sent = view({ text: `${'words and words '.repeat(LONG)}"quoted"\n\0`, head: '1.2' });
  const opened = fromFile(asFile(sent, { sha: null, digest: '5.AAAA', found: null }));
  assert.deepEqual({ ...DEFAULT_VIEW, ...opened.view }, sent);
  assert.equal(opened.shared?.digest, '5.AAAA');
});

test('a file that is no saved analysis is named', () => {
  for (const content of ['', '{', '[]', 'null', '3', '{"a":1}', '"headscope"'])
    assert.deepEqual(codes(fromFile(content)), ['FileBroken'], content);
  assert.deepEqual(codes(fromFile('{"headscope":9,"t":"x"}')), ['LinkVersion']);
  assert.deepEqual(fromFile('{"headscope":2,"t":7,"head":"1.1","__proto__":"x"}').view, { head: '1.1' });
});

test('a link of version 1 opens with its own defaults, and its tabs are those of today', async () => {
  const first = EXAMPLES[0].text;
  const { view: bare, shared } = await decode('#v=1&digest=5.AAAA');
  assert.deepEqual(bare, { text: first, tab: 'scores' });
  assert.equal(shared?.text, first);
  const tabs = { detectors: 'scores', repeats: 'find', off: 'ablate', circuits: 'explain' };
  for (const [old, tab] of Object.entries({ ...tabs, export: 'scores', tour: 'find' })) {
    const { view, problems } = await decode(`#v=1&tab=${old}&t=hello`);
    assert.deepEqual([view, problems], [{ text: 'hello', tab }, []], old);
  }
  for (const tab of ['find', 'constructor', '__proto__'])
    assert.deepEqual((await decode(`#v=1&tab=${tab}`)).problems[0]?.data?.keys, ['tab'], tab);
  assert.deepEqual(fromFile('{"headscope":1,"head":"1.1"}').view, { ...bare, head: '1.1' });
  // What is written is of the newest version.
  assert.equal(body(await encode(view({ tab: bare.tab }), NOTHING)), 'v=2&tab=scores');
});
