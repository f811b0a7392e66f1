// Reads the page's sources: which room imports which, and which module alone may name a thing.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, posix } from 'node:path';
import test from 'node:test';
import { fileURLToPath } from 'node:url';
import { parseAst } from 'vite';

const WWW = fileURLToPath(new URL('../../www', import.meta.url));

/** The imports and names of each of the page's modules, by its path in www/. */
const modules = new Map(
  readdirSync(WWW, { recursive: true, encoding: 'utf8' })
    .map((path) => path.replaceAll('\\', '/'))
    .filter((path) => path.endsWith('.js') && !path.startsWith('wasm/'))
    .map((path) => [path, read(path, readFileSync(`${WWW}/${path}`, 'utf8'))]),
);

/** The rooms of www/, each with the rooms that its modules may import. @type {Record<string, string[]>} */
const MAY_IMPORT = {
  base: [],
  store: ['base'],
  engine: ['base', 'store', 'wasm'],
  figures: ['base'],
  exports: ['base', 'figures'],
  state: ['base', 'figures'],
  studies: ['base', 'figures', 'state'],
  link: ['base', 'figures', 'state', 'studies'],
  models: ['base', 'state', 'link'],
  ui: ['base', 'figures', 'exports', 'state', 'studies'],
  work: ['base', 'figures', 'exports', 'state', 'studies', 'ui'],
  views: ['base', 'figures', 'exports', 'state', 'studies', 'link', 'ui'],
};

/** The room of a module of www/; main.js has none. @param {string} path */
const roomOf = (path) => (path.includes('/') ? path.slice(0, path.indexOf('/')) : '');

test('www/ has main.js alone at its top, and the rooms of the table', () => {
  const tops = readdirSync(WWW).filter((name) => !['wasm', 'style'].includes(name));
  assert.deepEqual(tops.sort(), ['main.js', ...Object.keys(MAY_IMPORT)].sort());
});

test('a room imports only the rooms that the table allows', () => {
  for (const [path, { files }] of modules) {
    const room = roomOf(path);
    if (!room) continue;
    const wrong = [...files].filter(
      (file) => roomOf(file) !== room && !MAY_IMPORT[room].includes(roomOf(file)),
    );
    assert.deepEqual(wrong, [], `www/${path} must not import ${wrong.join(', ')}`);
  }
});

test('no two rooms may import each other', () => {
  for (const [room, others] of Object.entries(MAY_IMPORT)) {
    const mutual = others.filter((other) => MAY_IMPORT[other]?.includes(room));
    assert.deepEqual(mutual, [], `www/${room} and www/${mutual.join(', ')} import each other`);
  }
});

test('no module is in a circle of imports', () => {
  const imports = (/** @type {string} */ path) => [...(modules.get(path)?.imports ?? [])];
  assert.equal(circleIn([...modules.keys()], imports), null);
});

test('a circle of imports is found and told', () => {
  const imports = (/** @type {string} */ path) => ({ a: ['b', 'c'], b: ['d'], c: [], d: ['b'] })[path] ?? [];
  assert.equal(circleIn(['a', 'b', 'c', 'd'], imports), 'b -> d -> b');
});

test('views import neither the engine nor each other', () => {
  for (const [path, { imports }] of modules) {
    if (roomOf(path) !== 'views') continue;
    const others = [...imports].filter((file) => roomOf(file) === 'views');
    assert.deepEqual(others, [], `www/${path} imports another view`);
  }
});

test('a worker has one client each, and no other module starts one', () => {
  onlyIn('engine/headscope.js', (module) => module.files.has('engine/worker.js'));
  onlyIn('store/hashing.js', (module) => module.files.has('store/hash_worker.js'));
  onlyIn('engine/team.js', (module) => module.files.has('engine/helper.js'));
  // any_origin.js has the class that all clients start.
  const clients = ['engine/headscope.js', 'engine/team.js', 'store/hashing.js', 'base/any_origin.js'];
  onlyIn(clients, (module) => module.names.has('Worker'));
  const starters = ['engine/headscope.js', 'engine/team.js', 'store/hashing.js'];
  onlyIn(starters, (module) => module.files.has('base/any_origin.js'));
});

test('only the hashing worker loads the hash library', () => {
  onlyIn('store/hash_worker.js', (module) => module.packages.has('hash-wasm'));
});

test('only the worker and its helpers load the wasm', () => {
  onlyIn(['engine/worker.js', 'engine/helper.js'], (module) => module.files.has('wasm/headscope.js'));
  onlyIn('engine/worker.js', (module) => module.files.has('engine/simd.js'));
  // Helpers need no tokenizer.
  onlyIn('engine/tokenizers.js', (module) => module.files.has('wasm/tokenizer.js'));
  onlyIn('engine/worker.js', (module) => module.files.has('engine/tokenizers.js'));
});

test('only link/history.js names location', () => {
  onlyIn('link/history.js', (module) => module.names.has('location'));
});

test('only the model store fetches, or names a cache', () => {
  const network = ['fetch', 'XMLHttpRequest', 'WebSocket', 'EventSource', 'caches', 'indexedDB'];
  onlyIn('store/', (module) => network.some((name) => module.names.has(name)));
});

test('text is only ever set as text', () => {
  const html = [
    'innerHTML',
    'outerHTML',
    'insertAdjacentHTML',
    'setHTMLUnsafe',
    'createContextualFragment',
    'DOMParser',
  ];
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
     export const look = (state) =>
       draw(state.location, { fetch: 1 }, 'caches', globalThis.indexedDB, \`\${Worker}\`);`,
  );
  assert.deepEqual([...module.files], ['ui/draw.js', 'views/worker.js']);
  assert.ok(module.names.has('indexedDB') && module.names.has('Worker'));
  for (const name of ['location', 'fetch', 'caches']) assert.ok(!module.names.has(name), name);
});

/**
 * @param {string | string[]} owners modules, or a folder of modules with its slash; each has to know it
 * @param {(module: ReturnType<typeof read>) => boolean} knows
 */
function onlyIn(owners, knows) {
  const belongs = (/** @type {string} */ path, /** @type {string} */ owner) =>
    path === owner || (owner.endsWith('/') && path.startsWith(owner));
  for (const owner of [owners].flat())
    assert.ok(
      [...modules].some(([path, module]) => belongs(path, owner) && knows(module)),
      `nothing in www/${owner} knows it`,
    );
  const owns = (/** @type {string} */ path) => [owners].flat().some((owner) => belongs(path, owner));
  for (const [path, module] of modules) {
    if (!owns(path))
      assert.ok(!knows(module), `www/${path} knows what only ${[owners].flat().join(' and ')} may`);
  }
}

/**
 * The first circle among modules, as `a -> b -> a`; null when there is none.
 * @param {string[]} all @param {(path: string) => string[]} imports
 */
function circleIn(all, imports) {
  /** Modules that reach no circle. @type {Set<string>} */
  const done = new Set();
  /** @param {string} path @param {string[]} trail @returns {string | null} */
  const visit = (path, trail) => {
    if (trail.includes(path)) return [...trail.slice(trail.indexOf(path)), path].join(' -> ');
    if (done.has(path)) return null;
    for (const next of imports(path)) {
      const circle = visit(next, [...trail, path]);
      if (circle) return circle;
    }
    done.add(path);
    return null;
  };
  for (const path of all) {
    const circle = visit(path, []);
    if (circle) return circle;
  }
  return null;
}

/**
 * @param {string} path of the module in www/
 * @param {string} source
 */
function read(path, source) {
  /** The files that the module imports or names relative to itself; paths in www/. */
  const files = new Set();
  /** The files that the module imports with a statement. */
  const imports = new Set();
  /** The packages that it imports. */
  const packages = new Set();
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
    if (/^(Import|ExportNamed|ExportAll)Declaration$/.test(type) && node.source?.value.startsWith('.')) {
      imports.add(posix.join(dirname(path), node.source.value));
    } else if (type === 'ImportDeclaration') packages.add(node.source.value);
    if (type === 'Identifier') {
      const ofObject = parent?.type === 'MemberExpression' && role === 'property' && !parent.computed;
      const ofGlobal = ofObject && ['globalThis', 'self', 'window', 'document'].includes(parent.object.name);
      const isKey =
        ['Property', 'MethodDefinition', 'PropertyDefinition'].includes(parent?.type) &&
        role === 'key' &&
        !parent.computed;
      if (ofObject) properties.add(node.name);
      if ((!ofObject && !isKey) || ofGlobal) names.add(node.name);
    }
    for (const [key, child] of Object.entries(node)) if (typeof child === 'object') visit(child, node, key);
  };
  visit(parseAst(source));
  return { files, imports, packages, names, properties };
}
