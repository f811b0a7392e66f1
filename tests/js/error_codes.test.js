// The table of error codes against the sources: a row for every code that is thrown, and no other row.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import test from 'node:test';
import { fileURLToPath } from 'node:url';
import { parseAst } from 'vite';
import { codesOf, codesThat, ERROR_CODES } from '../../www/base/error_codes.js';
import { explain } from '../../www/state/errors.js';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const read = (/** @type {string} */ path) => readFileSync(`${ROOT}${path}`, 'utf8');
/** @param {string} folder @param {string} ending */
const filesUnder = (folder, ending) =>
  readdirSync(`${ROOT}${folder}`, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith(ending))
    .map((path) => `${folder}/${path.replaceAll('\\', '/')}`);

/** The codes that the engine's Rust gives to its errors. */
function codesOfRust() {
  const codes = [...read('src/error/mod.rs').matchAll(/Error::\w+ \{.*\} => "(\w+)"/g)].map(
    ([, code]) => code,
  );
  for (const path of filesUnder('src/web', '.rs'))
    codes.push(...[...read(path).matchAll(/set_name\("(\w+)"\)/g)].map(([, code]) => code));
  return codes;
}

/**
 * The codes that one JavaScript module throws or tells: the first argument of `failure`, the `code` of a
 * problem, the `name` given to an `Error`. A code that is dismissed is not told.
 * @param {string} source
 */
function codesIn(source) {
  /** @type {string[]} */ const codes = [];
  const text = (/** @type {any} */ node) =>
    node?.type === 'Literal' && typeof node.value === 'string' ? node.value : null;
  /** @param {any} node */
  const visit = (node) => {
    if (Array.isArray(node)) return node.forEach(visit);
    if (typeof node?.type !== 'string') return;
    if (node.type === 'CallExpression' && node.callee.name === 'failure')
      codes.push(text(node.arguments[0]) ?? '');
    if (node.type === 'ObjectExpression') {
      const values = new Map(node.properties.map((/** @type {any} */ of) => [of.key?.name, text(of.value)]));
      const told = values.get('type') !== 'dismiss' && values.get('code');
      const named = /^[A-Z]\w+(Error|Died|Lost|Failed)$/.test(values.get('name') ?? '') && values.get('name');
      codes.push(...[told, named].filter(Boolean));
    }
    for (const child of Object.values(node)) if (typeof child === 'object') visit(child);
  };
  visit(parseAst(source));
  return codes.filter(Boolean);
}

test('every code that Rust or JavaScript throws has a row, and no row is for another code', () => {
  const thrown = new Set(codesOfRust());
  for (const path of filesUnder('www', '.js')) {
    if (path.startsWith('www/wasm/') || path.endsWith('error_codes.js')) continue;
    for (const code of codesIn(read(path))) thrown.add(code);
  }
  assert.deepEqual([...thrown].sort(), Object.keys(ERROR_CODES).sort());
});

test('every variant of the engine’s Error has a code', () => {
  const rust = read('src/error/mod.rs');
  const variants = [...rust.matchAll(/^ {4}\/\/\/ Occurs when/gm)].length;
  const codes = [...rust.matchAll(/Error::\w+ \{.*\} => "(\w+)"/g)];
  assert.equal(codes.length, variants - 1, 'a code each, but HeadOutOfRange for two of them');
});

test('the reader of codes tells what is thrown from what is only named', () => {
  const source = `failure('A', 'words'); emit({ type: 'problem', problem: { code: 'B' } });
    emit({ type: 'dismiss', code: 'C' }); Object.assign(new Error(''), { name: 'StopError' });
    failure(name, 'passed on'); ({ name: 'Attention' }); if (code === 'D') other('E');`;
  assert.deepEqual(codesIn(source), ['A', 'B', 'StopError']);
});

test('a row has whole words, concerns something, and an error has a remedy', () => {
  for (const [code, row] of Object.entries(ERROR_CODES)) {
    for (const { title, sentence } of [row, row.whenLoading ?? row])
      assert.ok(title && !title.endsWith('.') && /(\.|\{kept\})$/.test(sentence), code);
    assert.ok(row.concerns.length, code);
    assert.ok(row.remedies.length || row.tone === 'notice', code);
    for (const result of [false, true]) {
      const { sentence, remedies } = explain(code, result);
      assert.ok(!/[{}]/.test(sentence), code);
      assert.ok(remedies.every(Boolean), code);
    }
  }
  assert.match(explain('WorkerDied', true).sentence, /Your text and the last result are still here\./);
  assert.match(explain('WorkerDied', false).sentence, /Your text is still here\./);
  assert.notEqual(explain('GpuLimit', true, true).title, explain('GpuLimit', true, false).title);
});

/** What modules derive from the rows. A change here changes what the page does after an error. */
test('the derived sets are these', () => {
  const sets = {
    run: codesOf('run'),
    backend: codesOf('backend'),
    files: codesOf('files'),
    fatal: codesThat(({ fatal }) => fatal),
    repeated: codesThat(({ repeated }) => repeated),
    needsVisitor: codesThat(({ needsVisitor }) => needsVisitor),
    nothingOpened: codesThat(({ nothingOpened }) => nothingOpened),
    weights: codesThat(({ file }) => file === 'weights'),
    config: codesThat(({ file }) => file === 'config'),
    tokenizer: codesThat(({ file }) => file === 'tokenizer'),
    otherFileMends: codesThat(({ otherFileMends }) => otherFileMends),
  };
  const sorted = Object.fromEntries(Object.entries(sets).map(([name, codes]) => [name, [...codes].sort()]));
  assert.deepEqual(sorted, {
    run: [
      ...['AbortError', 'DigestFailed', 'EmptyInput', 'Freed', 'GpuLimit', 'GpuLost', 'GpuMemory'],
      ...[
        'GpuUnavailable',
        'GpuValidation',
        'IdsNeeded',
        'Internal',
        'ModelFetch',
        'ModelNotHere',
        'ModelUnasked',
        'NoTokenFor',
        'NoTokenizer',
      ],
      ...['OwnFileNeeded', 'TokenOutOfRange', 'TooFewTokens', 'TooManyTokens', 'WorkerDied'],
    ],
    backend: [
      ...['GpuLimit', 'GpuLost', 'GpuMemory', 'GpuUnavailable', 'GpuValidation', 'Internal', 'WorkerDied'],
    ],
    files: ['FileBroken', 'FileRead', 'FileTooLarge', 'FileUnknown'],
    fatal: ['BuildMixed', 'GpuLost', 'GpuValidation', 'WorkerDied'],
    repeated: ['GpuLost', 'WorkerDied'],
    needsVisitor: ['ModelNotHere', 'ModelUnasked', 'OwnFileNeeded'],
    nothingOpened: ['FileBroken', 'FileTooLarge', 'LinkTooLarge', 'LinkVersion'],
    weights: ['CheckpointFormat', 'KeysMismatch', 'NonFiniteWeight', 'TensorDtype', 'UnsafePickle'],
    config: ['ConfigInvalid'],
    tokenizer: ['TokenizerInvalid'],
    otherFileMends: ['ConfigInvalid', 'KeysMismatch', 'TokenizerInvalid'],
  });
});
