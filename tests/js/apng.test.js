// The animated PNG: its chunks, their order and checksums.
import assert from 'node:assert/strict';
import test from 'node:test';
import { crc32, deflateSync } from 'node:zlib';
import { animated } from '../../tools/site/apng.js';

const SIGNATURE = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);

/** @param {string} type @param {Buffer} data */
function chunk(type, data) {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(data.length);
  sum.writeUInt32BE(crc32(body));
  return Buffer.concat([length, body, sum]);
}

/** A grey PNG of 2 x 1 pixels. @param {number} grey @param {number} [width] */
function png(grey, width = 2) {
  const header = Buffer.from([0, 0, 0, width, 0, 0, 0, 1, 8, 0, 0, 0, 0]);
  const pixels = deflateSync(Buffer.from([0, ...Array(width).fill(grey)]));
  const end = chunk('IEND', Buffer.alloc(0));
  return Buffer.concat([SIGNATURE, chunk('IHDR', header), chunk('IDAT', pixels), end]);
}

test('the first frame is a plain PNG’s, the others follow in sequence, and every checksum holds', () => {
  const moving = animated([
    { png: png(0), ms: 100 },
    { png: png(128), ms: 2000 },
    { png: png(255), ms: 300 },
  ]);
  const types = [];
  const sequence = [];
  for (let at = 8; at < moving.length; ) {
    const length = moving.readUInt32BE(at);
    const body = moving.subarray(at + 4, at + 8 + length);
    assert.equal(crc32(body), moving.readUInt32BE(at + 8 + length));
    const type = body.toString('latin1', 0, 4);
    types.push(type);
    if (type === 'fcTL' || type === 'fdAT') sequence.push(body.readUInt32BE(4));
    if (type === 'acTL') assert.equal(body.readUInt32BE(4), 3);
    at += 12 + length;
  }
  assert.deepEqual(types, ['IHDR', 'acTL', 'fcTL', 'IDAT', 'fcTL', 'fdAT', 'fcTL', 'fdAT', 'IEND']);
  assert.deepEqual(sequence, [0, 1, 2, 3, 4]);
});

test('frames of other sizes, and what is no PNG, are refused', () => {
  const frame = (/** @type {Buffer} */ data) => ({ png: data, ms: 1 });
  assert.throws(() => animated([frame(png(0)), frame(png(0, 3))]), /another size/);
  assert.throws(() => animated([frame(Buffer.from('GIF89a...'))]), /no PNG/);
});
