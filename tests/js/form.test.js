// The form of the sources: at most 400 lines a file, 110 columns a line, and main.js alone on top of www/.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import test from 'node:test';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const MOST_LINES = 400;
const MOST_COLUMNS = 110;

const SOURCES = /\.(?:rs|js|wgsl|css)$/;

/** Generated folders, by their path from the root. */
const MADE = new Set([
  '.git',
  'dist',
  'node_modules',
  'target',
  'test-results',
  'tests/fixtures',
  'fuzz/target',
  'tools/train/work',
  'www/wasm',
]);

/** Every source under a folder, by its path from the root. @param {string} folder @returns {string[]} */
const sourcesIn = (folder) =>
  readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    const name = relative(ROOT, path).replaceAll('\\', '/');
    if (entry.isDirectory()) return MADE.has(name) ? [] : sourcesIn(path);
    return SOURCES.test(entry.name) ? [name] : [];
  });

/** Lists what is too long in a text. @param {string} text @returns {string[]} */
function tooLong(text) {
  const lines = text.replace(/\n$/, '').split('\n');
  const wide = lines.flatMap((line, at) =>
    // A character outside the basic plane is one column, but two units of a string.
    [...line].length > MOST_COLUMNS ? [`line ${at + 1} has ${[...line].length} columns`] : [],
  );
  return lines.length > MOST_LINES ? [`it has ${lines.length} lines`, ...wide] : wide;
}

test('no source is over 400 lines, no line over 110 columns', () => {
  const sources = sourcesIn(ROOT);
  for (const folder of ['src', 'shaders', 'www', 'tests', 'tools']) {
    assert.ok(
      sources.some((path) => path.startsWith(`${folder}/`)),
      `${folder}/ has no sources`,
    );
  }
  const found = sources.flatMap((path) =>
    tooLong(readFileSync(ROOT + path, 'utf8')).map((words) => `${path}: ${words}`),
  );
  assert.deepEqual(found, []);
});

test('www/ has main.js alone on top', () => {
  const files = readdirSync(`${ROOT}www`, { withFileTypes: true }).filter((entry) => entry.isFile());
  assert.deepEqual(
    files.map(({ name }) => name).filter((name) => SOURCES.test(name)),
    ['main.js'],
  );
});

test('what is too long is found, and what just fits is not', () => {
  assert.deepEqual(tooLong(`${'a'.repeat(110)}\n`), []);
  assert.deepEqual(tooLong(`ok\n${'a'.repeat(111)}\n`), ['line 2 has 111 columns']);
  assert.deepEqual(tooLong('👩'.repeat(110)), []);
  assert.deepEqual(tooLong('\n'.repeat(400)), []);
  assert.deepEqual(tooLong('\n'.repeat(401)), ['it has 401 lines']);
});
