/** Compresses long texts for a link: deflate-raw, then base64url. */

/** @param {Uint8Array} bytes */
function base64url(bytes) {
  let binary = '';
  for (let at = 0; at < bytes.length; at += 0x8000)
    binary += String.fromCharCode(...bytes.subarray(at, at + 0x8000));
  return btoa(binary).replace(/\+/g, '-').replace(/\//g, '_').replace(/=+$/, '');
}

/** @param {string} text @returns {Uint8Array} */
function fromBase64url(text) {
  const binary = atob(text.replace(/-/g, '+').replace(/_/g, '/'));
  return Uint8Array.from(binary, (char) => char.charCodeAt(0));
}

/**
 * Passes bytes through a (de)compression stream. Rejects when the result has more than `most` bytes.
 * @param {Uint8Array} bytes @param {CompressionStream | DecompressionStream} transform @param {number} most
 */
async function through(bytes, transform, most) {
  const writer = transform.writable.getWriter();
  // The reader rejects with every error of the stream. The writer's promises reject with the same errors.
  writer.write(/** @type {BufferSource} */ (bytes)).catch(() => {});
  writer.close().catch(() => {});
  const reader = transform.readable.getReader();
  /** @type {Uint8Array[]} */ const chunks = [];
  let total = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    total += value.length;
    if (total > most) {
      await reader.cancel();
      throw new RangeError(`more than ${most} bytes`);
    }
    chunks.push(value);
  }
  const all = new Uint8Array(total);
  let at = 0;
  for (const chunk of chunks) {
    all.set(chunk, at);
    at += chunk.length;
  }
  return all;
}

/** A text, compressed. @param {string} text */
export const deflated = async (text) =>
  base64url(await through(new TextEncoder().encode(text), new CompressionStream('deflate-raw'), Infinity));

/**
 * The text of a compressed text. Rejects anything else, and texts of more than `most` bytes.
 * @param {string} packed @param {number} most
 */
export async function inflated(packed, most) {
  const bytes = await through(fromBase64url(packed), new DecompressionStream('deflate-raw'), most);
  return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
}

/** Bytes that are given to the decompressor at once, where they may be damaged. */
const SLICE = 1024;

/**
 * The beginning of a compressed text that was cut or damaged: as much as can be read, at most `most` bytes.
 * @param {string} packed @param {number} most
 */
export async function inflatedBeginning(packed, most) {
  const sound = /^[\w-]*/.exec(packed)?.[0] ?? '';
  const bytes = fromBase64url(sound.length % 4 === 1 ? sound.slice(0, -1) : sound);
  const { writable, readable } = new DecompressionStream('deflate-raw');
  const decoder = new TextDecoder();
  let text = '';
  let total = 0;
  const reading = (async () => {
    const reader = readable.getReader();
    for (;;) {
      const { done, value } = await reader.read();
      if (done || total + value.length > most) return;
      total += value.length;
      text += decoder.decode(value, { stream: true });
    }
  })();
  // The end of a cut text is an error, and so is the damage. The text until then is what is asked for.
  reading.catch(() => {});
  const writer = writable.getWriter();
  writer.closed.catch(() => {});
  try {
    for (let at = 0; at < bytes.length && total < most; at += SLICE)
      await writer.write(/** @type {BufferSource} */ (bytes.subarray(at, at + SLICE)));
    // What is decompressed is read before the end is asked for.
    await new Promise((resolve) => setTimeout(resolve));
  } catch {
    // damaged here
  }
  await writer.abort().catch(() => {});
  return text;
}
