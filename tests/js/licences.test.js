// dist/licenses.md has the licence of everything that the built site contains.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import test from 'node:test';
import { fileURLToPath } from 'node:url';
import { headingOf, shippedCrates } from '../../tools/site/crates.js';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const read = (/** @type {string} */ path) => readFileSync(`${ROOT}${path}`, 'utf8');
const lines = () => new Set(read('dist/licenses.md').split('\n'));

test('every crate of Cargo.lock that is in the wasm has its licence there', () => {
  const crates = shippedCrates();
  assert.ok(crates.some(({ name }) => name === 'tokenizers') && crates.length > 20);
  const locked = read('Cargo.lock');
  const told = lines();
  for (const crate of crates) {
    assert.ok(locked.includes(`name = "${crate.name}"\nversion = "${crate.version}"`), crate.name);
    assert.ok(
      told.has(headingOf(crate)),
      `${crate.name} ${crate.version} has no licence in dist/licenses.md`,
    );
    assert.ok(crate.license, `${crate.name} names no licence`);
  }
});

test('every package of npm that the site depends on has its licence there', () => {
  const { packages } = JSON.parse(read('package-lock.json'));
  const told = [...lines()].join('\n');
  for (const name of Object.keys(packages[''].dependencies)) {
    const { version, license } = packages[`node_modules/${name}`];
    assert.ok(told.includes(`## ${name} - ${version} (${license})`), `${name} ${version}`);
  }
});
