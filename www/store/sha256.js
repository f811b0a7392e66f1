/** Bytes hashed at a time: some milliseconds of work, so that the page stays alive. */
const CHUNK = 1 << 20;

/** Up to this size the browser's own hash is used, which wants the whole file in memory. */
const WHOLE = 32 << 20;

/**
 * The first 32 bits of the fractional parts of the cube roots of the first 64 primes, and of the square roots
 * of the first 8.
 */
const [ROUND, START] = constants();

/**
 * The SHA-256 of a file, hex, without ever holding more than 32 MiB of it.
 * @param {Blob} blob
 * @returns {Promise<string>} 64 hex digits
 */
export async function sha256(blob) {
  // A page that is not served over https has no crypto.subtle, and the engine's CPU side works there all the
  // same.
  if (blob.size <= WHOLE && globalThis.crypto?.subtle) {
    return hex(new Uint8Array(await crypto.subtle.digest('SHA-256', await blob.arrayBuffer())));
  }
  return sha256InChunks(blob);
}

/**
 * The same, in plain JavaScript.
 * @param {Blob} blob
 */
export async function sha256InChunks(blob) {
  const state = START.slice();
  const schedule = new Int32Array(64);
  const whole = blob.size - (blob.size % 64);
  for (let at = 0; at < whole; at += CHUNK) {
    absorb(state, schedule, await blob.slice(at, Math.min(at + CHUNK, whole)).arrayBuffer());
  }
  // The rest, a one bit, zeros, and the length in bits as 64 bits, big-endian.
  const rest = new Uint8Array(await blob.slice(whole).arrayBuffer());
  const tail = new Uint8Array(rest.length < 56 ? 64 : 128);
  tail.set(rest);
  tail[rest.length] = 0x80;
  new DataView(tail.buffer).setBigUint64(tail.length - 8, BigInt(blob.size) * 8n);
  absorb(state, schedule, tail.buffer);
  const digest = new DataView(new ArrayBuffer(32));
  state.forEach((word, index) => digest.setInt32(4 * index, word));
  return hex(new Uint8Array(digest.buffer));
}

/**
 * FIPS 180-4, section 6.2.2, on every 64-byte block of `bytes`. Rotations are written out: about 150 MB/s
 * instead of a third.
 * @param {Int32Array} state @param {Int32Array} w @param {ArrayBuffer} bytes
 */
function absorb(state, w, bytes) {
  const view = new DataView(bytes);
  const k = ROUND;
  for (let at = 0; at < bytes.byteLength; at += 64) {
    for (let t = 0; t < 16; t++) w[t] = view.getInt32(at + 4 * t);
    for (let t = 16; t < 64; t++) {
      const near = w[t - 2];
      const far = w[t - 15];
      const s1 = ((near >>> 17) | (near << 15)) ^ ((near >>> 19) | (near << 13)) ^ (near >>> 10);
      const s0 = ((far >>> 7) | (far << 25)) ^ ((far >>> 18) | (far << 14)) ^ (far >>> 3);
      w[t] = (s1 + w[t - 7] + s0 + w[t - 16]) | 0;
    }
    let a = state[0] | 0;
    let b = state[1] | 0;
    let c = state[2] | 0;
    let d = state[3] | 0;
    let e = state[4] | 0;
    let f = state[5] | 0;
    let g = state[6] | 0;
    let h = state[7] | 0;
    for (let t = 0; t < 64; t++) {
      const s1 = ((e >>> 6) | (e << 26)) ^ ((e >>> 11) | (e << 21)) ^ ((e >>> 25) | (e << 7));
      const t1 = (((((h + s1) | 0) + (g ^ (e & (f ^ g)))) | 0) + ((k[t] + w[t]) | 0)) | 0;
      const s0 = ((a >>> 2) | (a << 30)) ^ ((a >>> 13) | (a << 19)) ^ ((a >>> 22) | (a << 10));
      const t2 = (s0 + ((a & b) | (c & (a | b)))) | 0;
      h = g;
      g = f;
      f = e;
      e = (d + t1) | 0;
      d = c;
      c = b;
      b = a;
      a = (t1 + t2) | 0;
    }
    state[0] += a;
    state[1] += b;
    state[2] += c;
    state[3] += d;
    state[4] += e;
    state[5] += f;
    state[6] += g;
    state[7] += h;
  }
}

/** @param {Uint8Array} bytes */
function hex(bytes) {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** @returns {[Int32Array, Int32Array]} */
function constants() {
  /** @type {number[]} */ const primes = [];
  for (let n = 2; primes.length < 64; n++) if (primes.every((prime) => n % prime)) primes.push(n);
  /** The 32 bits after the point of the `degree`-th root, exactly: floor(root * 2^32) in integers. */
  const bits = (/** @type {number} */ prime, /** @type {number} */ degree) => {
    const wanted = BigInt(prime) << BigInt(32 * degree);
    let root = 0n;
    for (let bit = 1n << 36n; bit; bit >>= 1n) if ((root + bit) ** BigInt(degree) <= wanted) root += bit;
    return Number(BigInt.asIntN(32, root));
  };
  return [
    Int32Array.from(primes, (prime) => bits(prime, 3)),
    Int32Array.from(primes.slice(0, 8), (prime) => bits(prime, 2)),
  ];
}
