// The terms that the page explains, the tags that other programs read, and the header of the server.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import test from 'node:test';
import { fileURLToPath } from 'node:url';
import { tagsFor } from '../../tools/site/about.js';
import { rendered } from '../../tools/site/docs.js';
import { serve } from '../../tools/site/server.js';
import { GLOSSARY, termOf } from '../../www/base/glossary.js';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

test('every term leads to a section of the definitions, and has whole sentences', () => {
  const { anchors } = rendered(readFileSync(`${ROOT}docs/definitions.md`, 'utf8'));
  for (const [term, { words, anchor }] of Object.entries(GLOSSARY)) {
    assert.ok(anchors.includes(anchor), `${term}: #${anchor}`);
    assert.match(words, /^[A-Z].*\.$/, term);
    assert.equal(term, term.toLowerCase());
  }
});

test('every term in square brackets on the page has an entry', () => {
  const views = `${ROOT}www/views/`;
  const marked = readdirSync(views).flatMap((file) =>
    [...readFileSync(views + file, 'utf8').matchAll(/^ {2}'.*$/gm)].flatMap(([line]) =>
      [...line.matchAll(/\[([A-Za-z][A-Za-z -]+)\]/g)].map(([, term]) => ({ file, term })),
    ),
  );
  assert.ok(marked.length >= 8, `${marked.length} terms`);
  assert.deepEqual(
    marked.filter(({ term }) => !termOf(term)),
    [],
  );
});

test('a term is found in singular and plural, at the beginning of a sentence too', () => {
  assert.equal(termOf('Induction heads'), GLOSSARY['induction head']);
  assert.equal(termOf('K-composition'), GLOSSARY['k-composition']);
  assert.equal(termOf('repeated random tokens'), GLOSSARY['repeated random tokens']);
  assert.equal(termOf('constructor'), null);
});

test('a chat finds a title, a description and a preview; a build for a repository names it', () => {
  const property = (/** @type {ReturnType<typeof tagsFor>} */ tags, /** @type {string} */ name) =>
    tags.find(({ attrs }) => attrs?.property === name)?.attrs?.content;
  const plain = tagsFor(undefined);
  assert.match(String(property(plain, 'og:description')), /induction heads/);
  assert.equal(property(plain, 'og:image'), './preview.png');
  assert.equal(
    plain.some(({ tag }) => tag === 'link'),
    false,
  );
  const known = tagsFor('someone/headscope');
  assert.equal(property(known, 'og:image'), 'https://someone.github.io/headscope/preview.png');
  assert.equal(known.find(({ tag }) => tag === 'link')?.attrs?.href, 'https://github.com/someone/headscope');
});

test('the server lets pages of other origins import the engine', async () => {
  const site = await serve(`${ROOT}docs`);
  const answer = await fetch(`${site.url}style.md`);
  assert.equal(answer.headers.get('access-control-allow-origin'), '*');
  await answer.text();
  await site.close();
});
