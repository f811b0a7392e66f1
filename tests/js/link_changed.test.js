// Links as chat programs, mail and markdown leave them: read where that can be, told as changed where not.
import assert from 'node:assert/strict';
import test from 'node:test';
import { decode, encode } from '../../www/link/link.js';
import { DEFAULT_VIEW } from '../../www/state/view.js';

/** @typedef {import('../../www/link/link.js').Opened} Opened */

const ABOUT = { sha: '0123456789abcdef', digest: '62.A_-AB-_A--__AB', found: 'repeated.AAAAgA~losses.g_-' };

/** Views whose links are short, compressed, of other writings, and full of signs. */
const VIEWS = [
  { text: 'Harry Potter and the_snake_case *star* (again)', head: '1.0' },
  { text: 'seven copper lanterns drift beyond the quiet harbour wall; '.repeat(30), head: '1.4', query: 9 },
  { text: 'مرحبا، 日本 100% of it -- and more…', mean: 0.2 },
  { texts: ['a & b', '<b>'], tab: 'ablate', off: ['0.1', '1.2'] },
].map((change) => ({ ...DEFAULT_VIEW, ...change }));

/** @param {import('../../www/state/view.js').View} view */
const linkOf = async (view) => /** @type {string} */ (await encode(view, ABOUT));

/** @param {Opened} opened @param {import('../../www/state/view.js').View} view @param {string} how */
function isWhole(opened, view, how) {
  assert.deepEqual(opened.problems, [], how);
  assert.deepEqual({ ...DEFAULT_VIEW, ...opened.view }, view, how);
  const { digest, found } = /** @type {import('../../www/state/state.js').Shared} */ (opened.shared);
  assert.deepEqual({ digest, found }, { digest: ABOUT.digest, found: ABOUT.found }, how);
}

/** @type {Record<string, (link: string) => string>} */
const MENDED = {
  'as it was': (link) => link,
  'HTML-escaped': (link) => link.replaceAll('&', '&amp;'),
  'HTML-escaped twice': (link) => link.replaceAll('&', '&amp;amp;'),
  'HTML-escaped by number': (link) => link.replaceAll('&', '&#38;').replaceAll('=', '&#x3D;'),
  'a full stop': (link) => `${link}.`,
  'a bracket': (link) => `${link})`,
  'an angle bracket': (link) => `${link}>`,
  'an encoded angle bracket': (link) => `${link}%3E`,
  underscores: (link) => `${link}_`,
  stars: (link) => `${link}**`,
  'a quotation mark and more': (link) => `${link}%22%20target=_blank`,
  'a tracker': (link) => `${link}&utm_source=chat&fbclid=1`,
  'encoded as a whole': (link) => encodeURIComponent(link),
  'encoded as a whole, twice': (link) => encodeURIComponent(encodeURIComponent(link)),
  'its percent signs encoded': (link) => link.replaceAll('%', '%25'),
  'its percent signs encoded twice': (link) => link.replaceAll('%', '%2525'),
  'plus as a space': (link) => link.replaceAll('+', '%20'),
  'small hexadecimals': (link) => link.replace(/%[0-9A-F]{2}/g, (code) => code.toLowerCase()),
  'signs decoded that need no encoding': (link) => link.replaceAll('%5F', '_').replaceAll('%2A', '*'),
  'broken lines': (link) => link.replace(/(.{30})/g, '$1%0A'),
  'quoted lines': (link) => link.replace(/(.{30})/g, '$1%0D%0A%20%20'),
  'spaces of no width': (link) => link.replace(/(.{25})/g, '$1%E2%80%8B'),
};

test('what programs do to a link is undone', async () => {
  for (const view of VIEWS) {
    const link = await linkOf(view);
    for (const [how, change] of Object.entries(MENDED))
      isWhole(await decode(`#${change(link)}`), view, `${how}: ${change(link).slice(0, 200)}`);
  }
});

test('a link has nothing that markdown or typography takes for its own', async () => {
  for (const view of VIEWS) assert.doesNotMatch(await linkOf(view), /[_*~<>()[\]"'`]|--/);
});

test('a link that was cut says so, wherever it was cut, and compares no figures', async () => {
  for (const view of VIEWS) {
    const link = await linkOf(view);
    for (let length = 'v=2'.length; length < link.length; length++) {
      const opened = await decode(`#${link.slice(0, length)}`);
      assert.deepEqual(
        opened.problems.map(({ code }) => code),
        ['LinkChanged'],
        link.slice(0, length),
      );
      assert.equal(opened.shared, null);
      if (opened.view.text !== undefined)
        assert.ok(view.text.startsWith(opened.view.text.replace(/�+$/, '')));
    }
  }
});

test('the beginning of a compressed text is not lost with its end', async () => {
  const link = await linkOf(VIEWS[1]);
  const { view } = await decode(link.slice(0, link.indexOf('&z=') + 60));
  assert.match(view.text ?? '', /^seven copper/);
});

test('a link whose characters were changed says so', async () => {
  for (const view of VIEWS) {
    const link = await linkOf(view);
    const changes = [link.toLowerCase(), link.replace(/A/g, 'B'), link.replace(/(t|z|texts)=(.)/, '$1=$2$2')];
    for (const changed of changes) {
      if (changed === link) continue;
      const { problems, shared } = await decode(changed);
      assert.deepEqual([problems[0]?.code, shared], ['LinkChanged', null], changed);
    }
  }
});

test('a link of version 1 is mended where that is safe', async () => {
  const first = 'v=1&digest=5.AAAA&head=1.0&t=Harry+Potter';
  const read = async (/** @type {string} */ link) => {
    const { head, text } = (await decode(link)).view;
    return { head, text };
  };
  for (const how of ['HTML-escaped', 'a full stop', 'a bracket', 'an angle bracket', 'encoded as a whole'])
    assert.deepEqual(await read(MENDED[how](first)), { head: '1.0', text: 'Harry Potter' }, how);
  // What it may have meant stays as it is.
  assert.equal((await read(`${first}%3E`)).text, 'Harry Potter>');
  assert.equal((await read(`${first}%2E`)).text, 'Harry Potter.');
});

test('a view that no link can hold has none, and a file holds it', async () => {
  const { asFile, fromFile } = await import('../../www/link/link.js');
  const text = 'x'.repeat(2_500_000);
  assert.equal(await encode({ ...DEFAULT_VIEW, text }, ABOUT), null);
  assert.equal(await encode({ ...DEFAULT_VIEW, texts: new Array(300).fill('a') }, ABOUT), null);
  const opened = fromFile(asFile({ ...DEFAULT_VIEW, text }, ABOUT));
  assert.equal(opened.view.text, text);
  assert.deepEqual(opened.problems, []);
});

test('a carriage return of an old link stays, also in the link that is copied from it', async () => {
  const { view } = await decode('v=1&t=a%0D%0Ab%0Dc');
  assert.equal(view.text, 'a\r\nb\rc');
  const again = /** @type {string} */ (await encode({ ...DEFAULT_VIEW, ...view }, ABOUT));
  assert.equal((await decode(again)).view.text, view.text);
});
