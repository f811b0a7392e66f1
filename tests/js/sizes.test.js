// Holds the built site to its size gates.
import assert from 'node:assert/strict';
import { existsSync, readdirSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import test from 'node:test';
import { fileURLToPath } from 'node:url';
import { compressed } from '../../tools/site/brotli.js';
import { FIRST_VISIT, PARTS, PLAIN } from '../sizes.js';

const DIST = fileURLToPath(new URL('../../dist/', import.meta.url));

/** Bytes of a file of dist/ in brotli. @param {string} path */
const sizeOf = async (path) => (await compressed(await readFile(DIST + path))).length;

/** The built files that match, by their paths in dist/. @param {RegExp} files */
function filesOf(files) {
  assert.ok(existsSync(DIST), 'there is no dist/: run `cargo xtask build` first');
  return readdirSync(DIST, { recursive: true, encoding: 'utf8' })
    .map((path) => path.replaceAll('\\', '/'))
    .filter((path) => files.test(path));
}

test('no part of a first visit is larger than its gate, nor is all of it', async () => {
  const found = await Promise.all(
    [...PARTS, PLAIN].map(async ({ part, files, most }) => {
      const paths = filesOf(files);
      assert.ok(paths.length > 0, `dist/ has no file of the ${part}`);
      const sizes = await Promise.all(paths.map(sizeOf));
      return { part, most, bytes: sizes.reduce((sum, size) => sum + size, 0) };
    }),
  );
  const all = found.reduce((sum, { part, bytes }) => (part === PLAIN.part ? sum : sum + bytes), 0);
  found.push({ part: 'first visit', most: FIRST_VISIT, bytes: all });
  for (const { part, most, bytes } of found) console.log(`${part}: ${bytes} bytes in brotli of ${most}`);
  const over = found
    .filter(({ most, bytes }) => bytes > most)
    .map(({ part, most, bytes }) => `${part}: expected at most ${most} bytes in brotli, found ${bytes}`);
  assert.deepEqual(over, []);
});
