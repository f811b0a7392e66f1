// Every row of docs/keyboard.md is walked by the page's tests, and every walk is a row.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import test from 'node:test';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/** The first cells of a document's table. @param {string} document */
const tasksOf = (document) =>
  [...document.matchAll(/^\| ([^|]+) \|/gm)]
    .map(([, cell]) => cell.trim())
    .filter((cell) => !/^(task|-+)$/.test(cell));

/** The tasks that a spec walks. @param {string} spec */
const walksOf = (spec) => [...spec.matchAll(/\bawait task\('([^']+)'/g)].map(([, name]) => name);

test('every row of docs/keyboard.md is walked once by a test, and every walk is a row', () => {
  const rows = tasksOf(readFileSync(`${ROOT}docs/keyboard.md`, 'utf8'));
  const walks = readdirSync(`${ROOT}tests/page`)
    .filter((name) => /^keyboard.*\.spec\.js$/.test(name))
    .flatMap((name) => walksOf(readFileSync(`${ROOT}tests/page/${name}`, 'utf8')));
  assert.ok(rows.length > 20, 'the table is not found');
  assert.deepEqual(walks.sort(), rows.sort());
});

test('rows and walks are found', () => {
  const table = '| task | keys |\n| --- | --- |\n| go on | Tab |\n| end | Enter |\n';
  assert.deepEqual(tasksOf(table), ['go on', 'end']);
  assert.deepEqual(walksOf("await task('go on', async () => {});\n// task('no walk')"), ['go on']);
});
