import assert from 'node:assert/strict';
import { test } from 'node:test';
import { flat } from '../../tools/soak/session.js';

/** @typedef {import('../../tools/soak/session.js').Sample} Sample */

/** Ten parts of a session. @param {(part: number) => Partial<Sample>} of */
const session = (of) =>
  Array.from({ length: 10 }, (_, part) => ({
    analyses: part,
    wasm: 100,
    gpu: 10,
    js: 1000,
    results: 5,
    changed: [],
    ...of(part),
  }));

test('a session that grows only while it warms up is flat', () => {
  assert.deepEqual(flat(session((part) => ({ wasm: Math.min(part, 3), gpu: part % 2, js: part }))), []);
});

test('memory that grows later, figures that change and a session without figures are told', () => {
  assert.deepEqual(flat(session((part) => ({ wasm: part < 9 ? 100 : 101 }))), [
    'the wasm heap grew from 100 to 101 bytes after the warm-up',
  ]);
  assert.deepEqual(flat(session((part) => ({ gpu: part }))), [
    'the GPU’s memory grew from 3 to 9 bytes after the warm-up',
  ]);
  assert.deepEqual(flat(session((part) => ({ js: part * 100_000 }))), [
    'the JavaScript heap grew from 300000 to 900000 bytes after the warm-up',
  ]);
  assert.deepEqual(flat(session((part) => ({ changed: part === 5 ? ['text 3'] : [] }))), [
    'the figures of text 3 changed',
  ]);
  assert.deepEqual(flat(session(() => ({ results: 0 }))), ['nothing was compared']);
});
