// Brotli as a host makes it that compresses its files ahead of time: the highest quality, the largest window.
// The default model takes half a minute, so what was compressed once is kept in target/brotli/.
import { createHash } from 'node:crypto';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { brotliCompress, constants } from 'node:zlib';

const KEPT = fileURLToPath(new URL('../../target/brotli/', import.meta.url));

const compress = promisify(brotliCompress);

/** @param {Buffer} bytes @returns {Promise<Buffer>} */
export async function compressed(bytes) {
  const path = `${KEPT}${createHash('sha256').update(bytes).digest('hex')}.br`;
  const kept = await readFile(path).catch(() => null);
  if (kept) return kept;
  const made = await compress(bytes, {
    params: {
      [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY,
      [constants.BROTLI_PARAM_LGWIN]: constants.BROTLI_MAX_WINDOW_BITS,
      [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length,
    },
  });
  // Written whole or not at all: another process may read it.
  await mkdir(KEPT, { recursive: true });
  await writeFile(`${path}.${process.pid}`, made);
  await rename(`${path}.${process.pid}`, path);
  return made;
}
