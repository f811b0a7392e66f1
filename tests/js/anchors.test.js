// Holds the docs to the code: citations of definitions, links between the texts, files and lines they name.
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import test from 'node:test';
import { fileURLToPath } from 'node:url';
import { rendered } from '../../tools/site/docs.js';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/** The texts for people, docs/ included. */
const TEXTS = [
  'README.md',
  'ARCHITECTURE.md',
  'CONTRIBUTING.md',
  ...filesUnder('docs').filter((path) => path.endsWith('.md')),
];

/** The code whose comments and pages cite definitions. */
const CODE = [...filesUnder('src'), ...filesUnder('www'), ...filesUnder('shaders'), 'index.html'].filter(
  (path) => /\.(rs|js|wgsl|html)$/.test(path) && !path.startsWith('www/wasm/'),
);

const CITATION = /docs\/definitions\.(?:md|html)#([\w-]+)/g;

/** @param {string} path */
const read = (path) => readFileSync(ROOT + path, 'utf8');

/** Files under a folder, as paths from the root. @param {string} folder @returns {string[]} */
function filesUnder(folder) {
  const entries = readdirSync(ROOT + folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => `${entry.parentPath}/${entry.name}`.replaceAll('\\', '/').slice(ROOT.length));
}

/** Every citation of a definition in some files. @param {string[]} paths */
const citationsIn = (paths) =>
  paths.flatMap((path) => [...read(path).matchAll(CITATION)].map(([, anchor]) => ({ path, anchor })));

/** The text without its fenced blocks of code. @param {string} markdown */
const prose = (markdown) => markdown.replace(/^```[\s\S]*?^```/gm, '');

/** The sections of docs/definitions.md that define a figure: its headings after the title. */
const sections = rendered(read('docs/definitions.md')).anchors.slice(1);

test('docs/definitions.md has a section for every figure', () => {
  assert.ok(sections.length >= 25, `${sections.length} sections`);
});

test('every definition that is cited has its section', () => {
  const cited = citationsIn([...TEXTS, ...CODE]);
  const lost = cited.filter(({ anchor }) => !sections.includes(anchor));
  assert.deepEqual(lost, []);
});

test('every section of the definitions is cited by the code', () => {
  const cited = new Set(citationsIn(CODE).map(({ anchor }) => anchor));
  const uncited = sections.filter((anchor) => !cited.has(anchor));
  assert.deepEqual(uncited, []);
});

test('no code cites a definition by a number', () => {
  const byNumber = CODE.filter((path) => /\bDEFINITIONS(\.md|,? \d)|\b[Dd]efinition \d/.test(read(path)));
  assert.deepEqual(byNumber, []);
});

test('every link between the texts leads to a file, and to a heading of it', () => {
  let links = 0;
  for (const path of TEXTS) {
    const folder = path.includes('/') ? `${path.slice(0, path.lastIndexOf('/'))}/` : '';
    for (const [, href] of prose(read(path)).matchAll(/\]\(([^)\s]+)\)/g)) {
      if (/^https?:/.test(href)) continue;
      links++;
      const [file, anchor] = href.split('#');
      const target = file ? folder + file : path;
      assert.ok(existsSync(ROOT + target), `${path} links to ${href}, which is not there`);
      if (anchor) assert.ok(rendered(read(target)).anchors.includes(anchor), `${path}: no heading ${href}`);
    }
  }
  assert.ok(links > 20, `${links} links`);
});

test('every file that the texts name is there', () => {
  const named = /`((?:src|shaders|www|tests|tools|benches|fuzz|docs|models)\/[\w./-]*)`/g;
  const missing = TEXTS.flatMap((path) =>
    [...prose(read(path)).matchAll(named)]
      .filter(([, file]) => !file.includes('NAME') && !existsSync(ROOT + file))
      .map(([, file]) => `${path}: ${file}`),
  );
  assert.deepEqual(missing, []);
});

test('the lines that docs/attention.md quotes are lines of its kernel, in their order', () => {
  // The kernel as it is compiled: common.wgsl is appended to it.
  const lines = ['attention', 'common'].flatMap((name) => linesOf(read(`shaders/${name}.wgsl`)));
  const quoted = [...read('docs/attention.md').matchAll(/^```wgsl\n([\s\S]*?)^```/gm)];
  assert.ok(quoted.length >= 5, `${quoted.length} quotations`);
  for (const [, code] of quoted) {
    let from = 0;
    for (const line of linesOf(code)) {
      const at = lines.indexOf(line, from);
      assert.notEqual(at, -1, `not in shaders/attention.wgsl, or not in this order: ${line}`);
      from = at + 1;
    }
  }
});

/** Lines without their indentation; blank ones and `// ...` are left out. @param {string} code */
function linesOf(code) {
  return code
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && line !== '// ...');
}
