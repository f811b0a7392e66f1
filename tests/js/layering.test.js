// Holds what DESIGN.md says of the page's parts and what each may know, by reading the sources.
import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { dirname, posix } from 'node:path';
import test from 'node:test';
import { fileURLToPath } from 'node:url';
import { parseAst } from 'vite';

const WWW = fileURLToPath(new URL('../../www', import.meta.url));

/** What the page's modules import and name: path in www/ to both. */
const modules = new Map(
  readdirSync(WWW, { recursive: true, encoding: 'utf8' })
    .map((path) => path.replaceAll('\\', '/'))
    .filter((path) => path.endsWith('.js') && !path.startsWith('wasm/'))
    .map((path) => [path, read(path, readFileSync(`${WWW}/${path}`, 'utf8'))]),
);

test('there are sources to read', () => {
  for (const path of ['main.js', 'headscope.js', 'worker.js', 'store.js']) assert.ok(modules.has(path), `www/${path} is missing`);
  assert.ok([...modules.keys()].some((path) => path.startsWith('views/')), 'www/views/ is empty');
});

test('only the engine client names the worker', () => {
  onlyIn('headscope.js', (module) => module.names.has('Worker') || module.files.has('worker.js'));
});

test('only the worker loads the wasm', () => {
  onlyIn('worker.js', (module) => module.files.has('wasm/headscope.js'));
});

test('only link.js names location', () => {
  onlyIn('link.js', (module) => module.names.has('location'));
});

test('only the model store fetches, or names a cache', () => {
  const network = ['fetch', 'XMLHttpRequest', 'WebSocket', 'EventSource', 'caches', 'indexedDB'];
  onlyIn(['store.js', 'store/'], (module) => network.some((name) => module.names.has(name)));
});

/** What acts: it calls the engine, or sees that somebody does. */
const ACTS = ['headscope.js', 'run.js', 'experiments.js', 'worker.js', 'wasm/', 'engine/', 'store.js', 'store/', 'analysis.js', 'models.js', 'exporting.js', 'main.js'];

/** Folders whose modules work out or draw, each with what it must not import. @type {Record<string, string[]>} */
const MUST_NOT_IMPORT = {
  'views/': [...ACTS, 'studies.js', 'views/', 'address.js'],
  'ui/': [...ACTS, 'studies.js', 'studies/', 'views/', 'state.js', 'address.js', 'link.js'],
  'figures/': [...ACTS, 'studies.js', 'views/', 'address.js', 'link.js'],
  'exports/': [...ACTS, 'studies.js', 'studies/', 'views/', 'ui/', 'state.js', 'address.js', 'link.js'],
  'studies/': ['headscope.js', 'experiments.js', 'worker.js', 'wasm/', 'store.js', 'store/', 'analysis.js', 'models.js', 'main.js', 'views/'],
  'engine/': ['headscope.js', 'worker.js', 'wasm/', 'store.js', 'views/', 'ui/', 'state.js', 'main.js'],
  'store/': ['headscope.js', 'worker.js', 'wasm/', 'views/', 'ui/', 'state.js', 'main.js'],
};

test('a folder imports nothing of what it must not know', () => {
  for (const [folder, forbidden] of Object.entries(MUST_NOT_IMPORT)) {
    const inside = [...modules].filter(([path]) => path.startsWith(folder));
    assert.ok(inside.length > 3, `www/${folder} is missing`);
    for (const [path, { files }] of inside) {
      const wrong = [...files].filter((file) => forbidden.some((other) => file === other || (other.endsWith('/') && file.startsWith(other))));
      assert.deepEqual(wrong, [], `www/${path} must not import ${wrong.join(', ')}`);
    }
  }
});

test('text is only ever set as text', () => {
  const html = ['innerHTML', 'outerHTML', 'insertAdjacentHTML', 'setHTMLUnsafe', 'createContextualFragment', 'DOMParser'];
  for (const [path, { properties, names }] of modules) {
    const found = html.filter((name) => properties.has(name) || names.has(name));
    assert.deepEqual(found, [], `www/${path} makes HTML from a string`);
  }
});

test('the reader tells a global from a property or a key of the same name', () => {
  const module = read(
    'views/sample.js',
    `import { draw } from '../ui/draw.js'; // fetch
     const url = new URL('./worker.js', import.meta.url);
     export const look = (state) => draw(state.location, { fetch: 1 }, 'caches', globalThis.indexedDB, \`\${Worker}\`);`,
  );
  assert.deepEqual([...module.files], ['ui/draw.js', 'views/worker.js']);
  assert.ok(module.names.has('indexedDB') && module.names.has('Worker'));
  for (const name of ['location', 'fetch', 'caches']) assert.ok(!module.names.has(name), name);
});

/**
 * @param {string | string[]} owner a module, or a folder of them with its slash
 * @param {(module: ReturnType<typeof read>) => boolean} knows
 */
function onlyIn(owner, knows) {
  const owners = [owner].flat();
  for (const [path, module] of modules) {
    const owned = owners.some((other) => path === other || (other.endsWith('/') && path.startsWith(other)));
    if (!owned) assert.ok(!knows(module), `www/${path} knows what only www/${owners.join(' and www/')} may`);
  }
}

/**
 * @param {string} path of the module in www/
 * @param {string} source
 */
function read(path, source) {
  /** The files it imports, or names relative to itself; paths in www/. */
  const files = new Set();
  /** Identifiers that stand for a variable, and properties of the global object. */
  const names = new Set();
  const properties = new Set();

  /** @param {any} node @param {any} [parent] @param {string} [role] */
  const visit = (node, parent, role) => {
    if (Array.isArray(node)) return node.forEach((child) => visit(child, parent, role));
    if (typeof node?.type !== 'string') return;
    const { type } = node;
    if (type === 'Literal' && typeof node.value === 'string' && /^\.\.?\//.test(node.value)) {
      files.add(posix.join(dirname(path), node.value));
    }
    if (type === 'Identifier') {
      const ofObject = parent?.type === 'MemberExpression' && role === 'property' && !parent.computed;
      const ofGlobal = ofObject && ['globalThis', 'self', 'window', 'document'].includes(parent.object.name);
      const isKey = ['Property', 'MethodDefinition', 'PropertyDefinition'].includes(parent?.type) && role === 'key' && !parent.computed;
      if (ofObject) properties.add(node.name);
      if ((!ofObject && !isKey) || ofGlobal) names.add(node.name);
    }
    for (const [key, child] of Object.entries(node)) if (typeof child === 'object') visit(child, node, key);
  };
  visit(parseAst(source));
  return { files, names, properties };
}
