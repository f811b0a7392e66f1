// The page's SHA-256 against Node's, at the lengths where the padding changes.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { sha256, sha256InChunks } from '../../www/store/sha256.js';

for (const length of [0, 1, 55, 56, 63, 64, 65, 119, 120, (1 << 20) - 1, 1 << 20, (1 << 20) + 65]) {
  test(`the sha256 of ${length} bytes`, async () => {
    const bytes = Uint8Array.from({ length }, (_, index) => (index * 7 + (index >> 8)) & 255);
    const expected = createHash('sha256').update(bytes).digest('hex');
    assert.equal(await sha256InChunks(new Blob([bytes])), expected);
    assert.equal(await sha256(new Blob([bytes])), expected);
  });
}
