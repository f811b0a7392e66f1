/**
 * A file in planes: the upper byte of each 16-bit number, then all lower bytes. Of weights in f16 the upper
 * bytes have the exponents, and a host's compression packs them better when they lie together.
 */

/** Numbers between two places where the work may be interrupted. */
const STRIDE = 1 << 16;

/** The bytes of a file, in planes. @param {Uint8Array} bytes */
export function toPlanes(bytes) {
  const [planes, half] = [new Uint8Array(bytes.length), bytes.length >> 1];
  for (let at = 0; at < bytes.length; at++) planes[at & 1 ? at >> 1 : half + (at >> 1)] = bytes[at];
  return planes;
}

/**
 * The bytes of a file that came in planes.
 * @param {Uint8Array} planes
 * @returns {Generator<void, Uint8Array<ArrayBuffer>>}
 */
export function* fromPlanes(planes) {
  const [bytes, half] = [new Uint8Array(planes.length), planes.length >> 1];
  for (let start = 0; start < half; start += STRIDE) {
    const end = Math.min(start + STRIDE, half);
    for (let at = start; at < end; at++) {
      bytes[2 * at] = planes[half + at];
      bytes[2 * at + 1] = planes[at];
    }
    yield;
  }
  // A last byte that is no half of a number is a lower byte.
  if (planes.length % 2) bytes[planes.length - 1] = planes[planes.length - 1];
  return bytes;
}
