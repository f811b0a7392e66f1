// The licences of the Rust crates in the wasm, for dist/licenses.md. Vite's own list has the packages of npm.
import { execFileSync } from 'node:child_process';
import { appendFileSync, readdirSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
/** Our own packages, each a wasm module. */
const MODULES = ['headscope', 'headscope-tokenizer'];
const TEXTS = /^(?:LICEN[CS]E|COPYING|NOTICE)/i;

/**
 * @typedef {{ id: string, name: string, version: string, license: string | null, license_file: string | null,
 *   manifest_path: string, targets: { kind: string[] }[] }} Package
 */

/**
 * The crates that the engine and the tokenizer are linked from: what their normal dependencies need for wasm.
 * Macros only run while they are built.
 * @returns {Package[]} by name
 */
export function shippedCrates() {
  const asked = ['metadata', '--format-version=1', '--filter-platform=wasm32-unknown-unknown', '--locked'];
  const options = /** @type {const} */ ({ cwd: ROOT, encoding: 'utf8', maxBuffer: 1 << 28 });
  const { packages, resolve } = JSON.parse(execFileSync('cargo', asked, options));
  const byId = new Map(packages.map((/** @type {Package} */ one) => [one.id, one]));
  const nodes = new Map(resolve.nodes.map((/** @type {{ id: string }} */ node) => [node.id, node]));
  const isMacro = (/** @type {Package} */ one) => one.targets.some(({ kind }) => kind.includes('proc-macro'));
  /** @type {Map<string, Package>} */ const found = new Map();
  /** @param {string} id */
  const visit = (id) => {
    const one = byId.get(id);
    if (!one || found.has(id) || isMacro(one)) return;
    found.set(id, one);
    for (const { pkg, dep_kinds: kinds } of nodes.get(id).deps)
      if (kinds.some((/** @type {{ kind: string | null }} */ { kind }) => kind === null)) visit(pkg);
  };
  const modules = packages.filter((/** @type {Package} */ { name }) => MODULES.includes(name));
  for (const { id } of modules) visit(id);
  for (const { id } of modules) found.delete(id);
  return [...found.values()].sort(
    (a, b) => a.name.localeCompare(b.name) || a.version.localeCompare(b.version),
  );
}

/** The texts of a crate's licences, as it brings them. @param {Package} crate */
function textsOf({ manifest_path: manifest }) {
  const folder = dirname(manifest);
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isFile() && TEXTS.test(entry.name))
    .map(({ name }) => readFileSync(`${folder}/${name}`, 'utf8').trim());
}

/** The heading of a crate. @param {Pick<Package, 'name' | 'version' | 'license'>} crate */
export const headingOf = ({ name, version, license }) =>
  `## ${name} - ${version} (${license ?? 'see below'})`;

/**
 * All crates with their licences. Crates with the same text share it, since most have the same one.
 */
export function crateLicences() {
  /** @type {Map<string, Package[]>} */ const byText = new Map();
  for (const crate of shippedCrates()) {
    const text = textsOf(crate).join('\n\n') || `The crate brings no text of its licence: ${crate.license}.`;
    byText.set(text, [...(byText.get(text) ?? []), crate]);
  }
  const parts = [...byText].map(([text, crates]) => `${crates.map(headingOf).join('\n')}\n\n${text}\n`);
  const std = '## Rust standard library (MIT OR Apache-2.0)\n\nhttps://github.com/rust-lang/rust\n';
  return `\n# Rust crates in the WebAssembly modules\n\n${[std, ...parts].join('\n')}`;
}

/** Adds them to the built list. @returns {import('vite').Plugin} */
export function rustLicences() {
  return {
    name: 'headscope-rust-licences',
    apply: 'build',
    writeBundle() {
      appendFileSync(`${ROOT}dist/licenses.md`, crateLicences());
    },
  };
}
