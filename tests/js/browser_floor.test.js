// The built files use no feature that README's oldest browsers lack, unless there is a fallback.
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import test from 'node:test';
import { fileURLToPath } from 'node:url';
import { parseAst } from 'vite';
import {
  FALLBACKS,
  GLOBALS,
  ITERATOR_HELPERS,
  ITERATORS,
  MARKUP,
  METHODS,
  NESTING,
  STATICS,
  STRINGS,
  STYLES,
  SYNTAX,
} from './browser_features.js';

/** @typedef {import('./browser_features.js').Versions} Versions */
/**
 * @typedef {Map<string, { first: Versions, guarded: boolean }>} Uses
 *   by the feature's name; `guarded`: the file tests for the feature
 */

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/**
 * The built files with an ending, each with its path in dist/.
 * @param {RegExp} ending @returns {[string, string][]}
 */
function built(ending) {
  assert.ok(existsSync(`${ROOT}dist`), 'there is no dist/: run `cargo xtask build` first');
  return readdirSync(`${ROOT}dist`, { recursive: true, encoding: 'utf8' })
    .filter((path) => ending.test(path))
    .map((path) => [path, readFileSync(`${ROOT}dist/${path}`, 'utf8')]);
}

/**
 * The oldest browsers in which the CPU backend runs, as README states them.
 * @param {string} readme @returns {Versions}
 */
function floorOf(readme) {
  const found = /CPU\s+backend needs[^:]*:\s+Chrome (\d+), Firefox (\d+),\s+Safari\s+([\d.]+)/.exec(readme);
  assert.ok(found, 'README does not say which browsers the CPU backend needs');
  const [chrome, firefox, safari] = found.slice(1).map(Number);
  return { chrome, firefox, safari };
}

/** The browsers of the floor that lack a feature. @param {Versions} first @param {Versions} floor */
const lacking = (first, floor) =>
  /** @type {(keyof Versions)[]} */ (Object.keys(floor)).filter((browser) => first[browser] > floor[browser]);

/**
 * The features of a file that the floor lacks and that have no fallback.
 * @param {Uses} uses @param {Versions} floor
 */
const unmet = (uses, floor) =>
  [...uses]
    .filter(([name, { guarded }]) => !guarded && !Object.hasOwn(FALLBACKS, name))
    .map(([name, { first }]) => ({ name, browsers: lacking(first, floor) }))
    .filter(({ browsers }) => browsers.length > 0)
    .map(
      ({ name, browsers }) =>
        `${name}, which ${browsers.map((browser) => `${browser} ${floor[browser]}`).join(' and ')} lacks`,
    );

test('the built files need no browser newer than README says', () => {
  const floor = floorOf(readFileSync(`${ROOT}README.md`, 'utf8'));
  const scripts = built(/\.js$/).map(([path, text]) => /** @type {const} */ ([path, usesOfScript(text)]));
  const styles = built(/\.css$/).map(([path, text]) => /** @type {const} */ ([path, usesOfStyle(text)]));
  const markup = built(/\.html$/).map(([path, text]) => /** @type {const} */ ([path, usesOf(MARKUP, text)]));
  for (const [what, found] of Object.entries({ scripts, styles, markup }))
    assert.ok(found.length > 0, `dist/ has no ${what}`);
  const wrong = [...scripts, ...styles, ...markup].flatMap(([path, uses]) =>
    unmet(uses, floor).map((words) => `dist/${path} uses ${words}`),
  );
  assert.deepEqual(wrong, []);

  const used = new Set([...scripts, ...styles, ...markup].flatMap(([, uses]) => [...uses.keys()]));
  // The floor rests on these two, so a reader that misses them is blind.
  for (const name of ['deflate-raw', 'module worker']) assert.ok(used.has(name), `${name} is not found`);
  const stale = Object.keys(FALLBACKS).filter((name) => !used.has(name));
  assert.deepEqual(stale, [], 'a fallback is named for a feature that nothing uses');
});

test('the floor is read from README', () => {
  const words = 'the CPU\nbackend needs wasm SIMD: Chrome 91, Firefox 89, Safari 16.4 and later.';
  assert.deepEqual(floorOf(words), { chrome: 91, firefox: 89, safari: 16.4 });
  assert.throws(() => floorOf('Runs in any browser.'));
});

test('a feature is found in a script, and a test of it beside its use', () => {
  /** @type {[string, string, boolean][]} */
  const samples = [
    ['AbortSignal.any([a, b]);', 'AbortSignal.any', false],
    ['const either = AbortSignal.any ? AbortSignal.any([a]) : other(a);', 'AbortSignal.any', true],
    ['if (typeof scheduler.yield === "function") scheduler.yield();', 'scheduler.yield', true],
    ['globalThis.scheduler?.yield ? scheduler.yield() : later();', 'scheduler.yield', true],
    ['const copy = structuredClone(value);', 'structuredClone', false],
    ['const sorted = list.toSorted();', 'toSorted', false],
    ['list.at(-1)', 'at', false],
    ['list.findLast(isBig)', 'findLast', false],
    ['"union" in one ? one.union(other) : both(one, other)', 'union', true],
    ['map.values().map(double)', 'iterator.map', false],
    ['Object.groupBy(list, kind)', 'Object.groupBy', false],
    ['new CompressionStream("deflate-raw")', 'deflate-raw', false],
    ['new CompressionStream("deflate")', 'CompressionStream', false],
    ['new Worker(url, { type: "module" })', 'module worker', false],
    ['new t(url, { type: `module` })', 'module worker', false],
    ['new CompressionStream(`deflate-raw`)', 'deflate-raw', false],
    ['const { promise } = Promise.withResolvers();', 'Promise.withResolvers', false],
    ['class A { static { start(); } }', 'class static block', false],
    ['class A { #b = 1; has(other) { return #b in other; } }', 'private name in', false],
    ['class A { #b() {} }', 'private method', false],
    ['import data from "./data.json" with { type: "json" };', 'import attributes', false],
    ['await start();', 'top-level await', false],
    ['for await (const part of parts) use(part);', 'top-level await', false],
    ['const letters = /[\\p{L}--[a-z]]/v;', 'regular expression with v', false],
    ['const after = /(?<=a)b/;', 'regular expression that looks behind', false],
  ];
  for (const [source, name, guarded] of samples)
    assert.equal(usesOfScript(source).get(name)?.guarded, guarded, `${name} in ${source}`);
});

test('what only looks like a feature is none', () => {
  const plain = [
    'const at = { with: 1 }; at.any([a]);',
    'Object.entries(map).map(double);',
    '[...map.values()].map(double);',
    'new Worker(url)',
    'async function start() { await other(); for await (const part of parts) use(part); }',
    'const word = "structuredClone"; for (const name in names) use(name);',
    'class A { #b = 1; static c = 2; }',
    'import data from "./data.js";',
  ];
  for (const source of plain) assert.deepEqual([...usesOfScript(source).keys()], [], source);
});

test('a feature is found in a style sheet', () => {
  for (const [sheet, name] of [
    ['.a:has(.b){color:red}', ':has()'],
    ['.a{color:color-mix(in srgb,red 40%,blue)}', 'color-mix()'],
    ['@media (width>=600px){.a{color:red}}', 'a range in a media query'],
    ['.a{color:red;& .b{color:blue}}', NESTING.name],
    ['@media print{.a{color:red;.b{color:blue}}}', NESTING.name],
    ['.a{height:100dvh}', 'dynamic viewport units'],
  ]) {
    assert.ok(usesOfStyle(sheet).has(name), `${name} in ${sheet}`);
  }
  assert.deepEqual(
    [...usesOfStyle('@media print{.a{color:red}.b{inline-size:1px}}@keyframes k{to{color:red}}').keys()],
    [],
  );
});

/** @param {[string, RegExp, Versions][]} table @param {string} text @returns {Uses} */
const usesOf = (table, text) =>
  new Map(
    table
      .filter(([, pattern]) => pattern.test(text))
      .map(([name, , first]) => [name, { first, guarded: false }]),
  );

/** @param {string} text @returns {Uses} */
function usesOfStyle(text) {
  const plain = text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/"[^"]*"|'[^']*'/g, '""');
  const uses = usesOf(STYLES, plain);
  if (isNested(plain)) uses.set(NESTING.name, { first: NESTING.first, guarded: false });
  return uses;
}

/** Whether a rule that selects elements holds another rule. @param {string} sheet */
function isNested(sheet) {
  /** @type {boolean[]} */ const selects = [];
  let from = 0;
  for (let at = 0; at < sheet.length; at++) {
    if (sheet[at] === '{') {
      if (selects.includes(true)) return true;
      selects.push(!/^\s*@/.test(sheet.slice(from, at)));
    }
    if (sheet[at] === '}') selects.pop();
    if ('{};'.includes(sheet[at])) from = at + 1;
  }
  return false;
}

/** @param {string} source @returns {Uses} */
function usesOfScript(source) {
  /**
   * Each use: its name, the first versions, and what a test for it names (a global, or a `.property`).
   * @type {[string, Versions, string[]][]}
   */
  const found = [];
  /** @type {Set<string>} */ const tested = new Set();
  walk(parseAst(source, { sourceType: 'module' }), (node, parents) => {
    const use = useAt(node, parents);
    if (use) found.push(use);
    const word = testedAt(node, parents);
    if (word) tested.add(word);
  });
  /** @type {Uses} */ const uses = new Map();
  for (const [name, first, words] of found)
    uses.set(name, { first, guarded: words.some((word) => tested.has(word)) });
  return uses;
}

/**
 * Visits every node of a syntax tree.
 * @param {any} node
 * @param {(node: any, parents: any[]) => void} see
 * @param {any[]} [parents] the nearest last
 */
function walk(node, see, parents = []) {
  if (Array.isArray(node)) return node.forEach((child) => walk(child, see, parents));
  if (typeof node?.type !== 'string') return;
  see(node, parents);
  for (const child of Object.values(node))
    if (typeof child === 'object') walk(child, see, [...parents, node]);
}

/**
 * The text of a string, which a minifier may write as a template.
 * @param {any} node @returns {string | null}
 */
function textOf(node) {
  if (node?.type === 'TemplateLiteral')
    return node.expressions.length === 0 ? node.quasis[0].value.cooked : null;
  return typeof node?.value === 'string' ? node.value : null;
}

/** The name of a property that is read by name. @param {any} node */
const propertyOf = (node) =>
  node?.type === 'MemberExpression' && !node.computed ? node.property.name : null;

/** @param {any} node @param {any[]} parents @returns {[string, Versions, string[]] | null} */
function useAt(node, parents) {
  const parent = parents.at(-1);
  /** @param {string} name @param {...string} words @returns {[string, Versions, string[]]} */
  const syntax = (name, ...words) => [name, SYNTAX[name], words];
  switch (node.type) {
    case 'MemberExpression': {
      const property = propertyOf(node);
      const object = node.object.name ?? propertyOf(node.object);
      const dotted = `${object}.${property}`;
      if (Object.hasOwn(STATICS, dotted)) return [dotted, STATICS[dotted], [`.${property}`, object]];
      if (parent?.type !== 'CallExpression' || parent.callee !== node || property === null) return null;
      if (Object.hasOwn(METHODS, property)) return [property, METHODS[property], [`.${property}`]];
      const inner = node.object.type === 'CallExpression' ? node.object.callee : null;
      const makesIterator =
        inner && ITERATORS.has(propertyOf(inner)) && !['Object', 'Reflect'].includes(inner.object.name);
      return makesIterator && ITERATOR_HELPERS.names.has(property)
        ? [`iterator.${property}`, ITERATOR_HELPERS.first, [`.${property}`]]
        : null;
    }
    case 'Identifier': {
      const named =
        (parent?.type === 'MemberExpression' && parent.property === node && !parent.computed) ||
        (parent?.key === node && !parent.computed);
      return !named && Object.hasOwn(GLOBALS, node.name)
        ? [node.name, GLOBALS[node.name], [node.name]]
        : null;
    }
    case 'Literal':
    case 'TemplateLiteral': {
      if (node.regex) return expressionOf(node.regex);
      const text = textOf(node);
      return text !== null && Object.hasOwn(STRINGS, text) ? [text, STRINGS[text], []] : null;
    }
    case 'NewExpression':
      // The class may have any name: the page puts one of its own in the place of `Worker`.
      return saysModule(node.arguments[1]) ? syntax('module worker') : null;
    case 'StaticBlock':
      return syntax('class static block');
    case 'MethodDefinition':
      return node.key.type === 'PrivateIdentifier' ? syntax('private method') : null;
    case 'BinaryExpression':
      return node.left.type === 'PrivateIdentifier' ? syntax('private name in') : null;
    case 'ImportDeclaration':
    case 'ExportNamedDeclaration':
    case 'ExportAllDeclaration':
      return node.attributes?.length ? syntax('import attributes') : null;
    case 'ImportExpression':
      return node.options ? syntax('import attributes') : null;
    case 'VariableDeclaration':
      return /using$/.test(node.kind) ? syntax('using') : null;
    case 'AwaitExpression':
    case 'ForOfStatement':
      return (node.type === 'AwaitExpression' || node.await) &&
        !parents.some(({ type }) => /Function/.test(type))
        ? syntax('top-level await')
        : null;
    default:
      return null;
  }
}

/** @param {{ pattern: string, flags: string }} regex @returns {[string, Versions, string[]] | null} */
function expressionOf({ pattern, flags }) {
  const name = flags.includes('v')
    ? 'with v'
    : flags.includes('d')
      ? 'with d'
      : /\(\?<[=!]/.test(pattern)
        ? 'that looks behind'
        : null;
  return name && [`regular expression ${name}`, SYNTAX[`regular expression ${name}`], []];
}

/** Whether options say `type: 'module'`. @param {any} options */
const saysModule = (options) =>
  options?.properties?.some(
    (/** @type {any} */ { key, value }) => key?.name === 'type' && textOf(value) === 'module',
  );

/** The global or the `.property` that an expression tests for. @param {any} node @param {any[]} parents */
function testedAt(node, parents) {
  if (node.type === 'BinaryExpression' && node.operator === 'in' && textOf(node.left) !== null)
    return `.${textOf(node.left)}`;
  const word = node.type === 'Identifier' ? node.name : propertyOf(node) && `.${propertyOf(node)}`;
  if (!word) return null;
  // `a?.b ? …`: the chain stands between the property and what tests it.
  const [above, chain] = [...parents].reverse();
  const [parent, child] = above?.type === 'ChainExpression' ? [chain, above] : [above, node];
  const isTested =
    parent &&
    ((['ConditionalExpression', 'IfStatement'].includes(parent.type) && parent.test === child) ||
      (parent.type === 'LogicalExpression' && parent.left === child) ||
      (parent.type === 'UnaryExpression' && ['typeof', '!'].includes(parent.operator)) ||
      (parent.type === 'BinaryExpression' && /^[!=]==?$/.test(parent.operator)) ||
      (parent.type === 'CallExpression' && parent.optional && parent.callee === child));
  return isTested ? word : null;
}
