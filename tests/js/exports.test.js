// Tests the saved files: containers byte by byte, names and shapes, tables, pictures.
import assert from 'node:assert/strict';
import test from 'node:test';
import { csv, json } from '../../www/exports/figures.js';
import { npyHeader, npz } from '../../www/exports/npz.js';
import { svg } from '../../www/exports/picture.js';
import { arraysOf, extent } from '../../www/exports/run.js';
import { safetensors } from '../../www/exports/safetensors.js';
import { crc32 } from '../../www/exports/zip.js';
import { detection } from './fixtures.js';

const SIZES = { n_layers: 2, n_heads: 3, d_model: 4 };
const run = {
  ids: Uint32Array.of(7, 8),
  seq: 2,
  pattern: async (/** @type {number} */ layer, /** @type {number} */ head) =>
    new Float32Array(4).fill(layer * 3 + head),
  logProbs: async () => Float32Array.of(-1.5),
  residual: async () => new Float32Array(8),
};
const ALL = { patterns: true, logProbs: true, residuals: true };

test('the CRC-32 is the same over the whole bytes and over pieces', () => {
  const bytes = new TextEncoder().encode('123456789');
  assert.equal(crc32(0, bytes), 0xcbf43926);
  assert.equal(crc32(crc32(0, bytes.subarray(0, 4)), bytes.subarray(4)), 0xcbf43926);
});

test('a .npy header names type, order and shape, and is a multiple of 64 bytes long', () => {
  for (const shape of [[5], [2, 3, 3], []]) {
    const header = npyHeader({ dtype: 'f32', shape });
    assert.equal(header.length % 64, 0);
    assert.equal(header[0], 0x93);
    assert.equal(header.at(-1), 10);
    assert.equal(new DataView(header.buffer).getUint16(8, true), header.length - 10);
  }
  assert.match(
    new TextDecoder().decode(npyHeader({ dtype: 'i64', shape: [5] })),
    /'descr': '<i8', 'fortran_order': False, 'shape': \(5,\)/,
  );
});

test('a run’s arrays have TransformerLens’ names and shapes, and the size announced', async () => {
  const arrays = arraysOf(run, SIZES, ALL);
  const block = (/** @type {number} */ layer) => [
    [`blocks.${layer}.hook_resid_pre`, [2, 4]],
    [`blocks.${layer}.attn.hook_pattern`, [3, 2, 2]],
    [`blocks.${layer}.hook_resid_post`, [2, 4]],
  ];
  assert.deepEqual(
    arrays.map(({ name, shape }) => [name, shape]),
    [['tokens', [2]], ['log_probs', [1]], ...block(0), ...block(1)],
  );
  const file = await safetensors(arrays);
  const length = Number(new DataView(await file.arrayBuffer()).getBigUint64(0, true));
  assert.equal(file.size - 8 - length, extent(2, SIZES, ALL).bytes);
  const header = JSON.parse(await file.slice(8, 8 + length).text());
  const [start, end] = header['blocks.1.attn.hook_pattern'].data_offsets;
  const values = new Float32Array(await file.slice(8 + length + start, 8 + length + end).arrayBuffer());
  assert.deepEqual([...values], [3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5]);
});

test('the directory of a zip file points at its entries', async () => {
  const file = new DataView(
    await (await npz(arraysOf(run, SIZES, { ...ALL, residuals: false }))).arrayBuffer(),
  );
  const end = file.byteLength - 22;
  assert.equal(file.getUint32(end, true), 0x06054b50);
  assert.equal(file.getUint16(end + 10, true), 4);
  let at = file.getUint32(end + 16, true);
  for (let entry = 0; entry < 4; entry++) {
    assert.equal(file.getUint32(at, true), 0x02014b50);
    assert.equal(file.getUint32(file.getUint32(at + 42, true), true), 0x04034b50);
    at += 46 + file.getUint16(at + 28, true) + file.getUint16(at + 30, true);
  }
  assert.equal(at, end);
});

test('an array that is shorter than its shape is refused', async () => {
  await assert.rejects(
    safetensors([{ name: 'x', dtype: 'f32', shape: [3], parts: [new Float32Array(2)] }]),
    /x: its parts are 4 bytes short/,
  );
});

test('the table as CSV and as JSON has every head and every figure; absent figures are empty', () => {
  const shown = detection((layer, head) => (head === 1 ? null : layer + head / 10));
  const lines = csv(shown).trim().split('\r\n');
  assert.match(lines[0], /^head,dominant-current,/);
  assert.match(lines[1], /^null_line,/);
  assert.equal(new Set(lines.map((line) => line.split(',').length)).size, 1);
  const about = {
    model: 'm',
    sha256: 'ab',
    tokens: [1],
    pieces: ['a'],
    thresholds: { active: 0.4, fraction: 0.3, mean: 0.4 },
  };
  assert.equal(Object.keys(JSON.parse(json(shown, about)).heads).length, lines.length - 2);
});

test('a picture escapes its labels, whatever characters they hold', () => {
  const drawn = svg({
    title: 'Head 1.4',
    subtitle: '<b>',
    pieces: ['<a>', '&', '\u0000'],
    image: 'data:,',
    covers: 3,
    ramp: ['#fff', '#000'],
    scale: { name: 'weight', end: '1' },
  });
  assert.match(drawn, /&#60;a&#62;/);
  for (const raw of ['<a>', '<b>', '\u0000']) assert.ok(!drawn.includes(raw), raw);
});
